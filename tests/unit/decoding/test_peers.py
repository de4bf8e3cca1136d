"""Other people's libraries read the same messages: they agree, or it is said here why not."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from dlms_cosem.utils import parse_as_dlms_data
from dsmr_parser import telegram_specifications
from dsmr_parser.parsers import TelegramParser
from han.autodecoder import AutoDecoder
from han.dlde import ModeDReader
from han.hdlc import HdlcFrameReader
from han.obis_map import name_obis_map

from hanlogger.decoding import apdu, axdr, decode
from hanlogger.decoding.link import extract_content
from hanlogger.framing import find_all
from hanlogger.model import Frame, Reading, Register
from hanlogger.wire import notification
from tests.conftest import CORPUS
from tests.support.octets import RECEIVED_AT
from tests.support.vectors import FRAMED


def _files() -> Iterator[tuple[str, bytes]]:
    """The vectors, and the corpus where it is."""
    yield from ((vector.name, vector.octets) for vector in FRAMED if not vector.keys)
    for file in sorted((*CORPUS.glob("*.p1"), *CORPUS.glob("*.hex"))):
        if "encrypted" not in file.name and not file.name.startswith("bad-"):
            yield file.stem, file.read_bytes() if file.suffix == ".p1" else bytes.fromhex(file.read_text())


def _frames(*formats: str) -> list[tuple[str, Frame]]:
    return [
        (name, event)
        for name, data in _files()
        for event in find_all(data, RECEIVED_AT)
        if isinstance(event, Frame) and event.format in formats
    ]


# --- amshan

AMSHAN_CANNOT = {
    "v4": "rows of several groups are left out",
    "v5": "a telegram without an identification line is none",
    "v16": "64-bit energies make it take a Kaifa for a Kamstrup",
    "v21": "segments are not joined",
    "stream-aidon-se-segmented-synthetic": "segments are not joined",
    "iskra-am550-si-list1-single-phase-on-l3": "a list without codes that it does not know",
    "warmtelink-nl-unpadded-crc": "a checksum without its leading zero counts as wrong",
}
NAMES = {code: name for name, codes in name_obis_map.items() for code in codes}


def _of_amshan(frame: Frame) -> dict[str, Any]:
    reader = ModeDReader() if frame.format == "p1" else HdlcFrameReader()
    [message] = reader.read(frame.data + (b"\r\n" if frame.format == "p1" else b"\x7e"))
    return dict(AutoDecoder().decode_message(message) or {})


def _agrees(theirs: Any, ours: Register) -> bool:
    """They use floats, and cut the decimals of kilowatts off."""
    if isinstance(ours.value, str):
        return str(theirs) == ours.value
    return abs(Decimal(str(theirs)) - ours.value) <= (1 if isinstance(theirs, int) else Decimal("0.000001"))


def _cases(cannot: dict[str, str], *formats: str) -> list[Any]:
    """What a peer cannot read must really fail there, so that the reason stays true."""
    return [
        pytest.param(
            frame, id=name, marks=[pytest.mark.xfail(reason=cannot[name], strict=True)] if name in cannot else []
        )
        for name, frame in _frames(*formats)
    ]


@pytest.mark.parametrize("frame", [case for case in _cases(AMSHAN_CANNOT, "p1", "hdlc") if case.values[0].verified])
def test_amshan_reads_the_same(frame: Frame) -> None:
    theirs, reading = _of_amshan(frame), decode(frame)
    compared = 0
    for row in reading.registers:
        key = NAMES.get(f"{row.obis.c}.{row.obis.d}.{row.obis.e}")
        if key in theirs and row.obis.b in (0, 1) and not key.startswith("meter_"):
            assert _agrees(theirs[key], row), row
            compared += 1
    assert compared or not reading.registers or _has_none_of_its_names(reading)


def _has_none_of_its_names(reading: Reading) -> bool:
    return not any(f"{row.obis.c}.{row.obis.d}.{row.obis.e}" in NAMES for row in reading.registers)


# --- dsmr-parser

DSMR_CANNOT = {
    "v5": "it needs an identification line",
    "sagemcom-t210d-at-p1-energie-steiermark": "it takes this meter's telegrams only when they are encrypted",
}


def _specification(text: str) -> dict[str, Any]:
    """The one that its makers mean for such a telegram."""
    wanted = {"/FLU": "BELGIUM_FLUVIUS", "/SAG": "EON_HUNGARY", "/ESY": "Q3D", "/EST": "SAGEMCOM_T210_D_R"}
    name = wanted.get("/FLU" if "SYNTH-BE" in text else text[:4], "V5" if "1-3:0.2.8" in text else "SWEDEN")
    if "0-1:24.3.0" in text:
        name = "V3"
    specification: dict[str, Any] = getattr(telegram_specifications, name)
    return specification


def _of_dsmr_parser(text: str) -> list[Any]:
    logging.disable()
    try:
        telegram = TelegramParser(_specification(text), apply_checksum_validation=False).parse(text)
    finally:
        logging.disable(logging.NOTSET)
    return list(telegram.values())


@pytest.mark.parametrize("frame", _cases(DSMR_CANNOT, "p1"))
def test_dsmr_parser_reads_the_same(frame: Frame) -> None:
    ours = sorted(row.value for row in decode(frame).registers if isinstance(row.value, Decimal) and row.unit)
    thousand = {"kW", "kWh", "kvar", "kvarh", "kVAr", "kVArh", "kVA", "kVarh"}
    theirs = sorted(
        item.value * (1000 if item.unit in thousand else 1)
        for item in _of_dsmr_parser(frame.data.decode("latin-1") + "\r\n")
        if isinstance(getattr(item, "value", None), Decimal) and getattr(item, "unit", None)
    )
    missing = [value for value in theirs if value not in ours]
    assert not missing
    assert theirs


# --- dlms-cosem


def _same(theirs: Any, ours: axdr.Value) -> bool:
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(theirs) == len(ours) and all(map(_same, theirs, ours))
    if isinstance(theirs, (bytes, bytearray)):
        return (ours.encode() if isinstance(ours, str) else ours) == bytes(theirs)
    return bool(theirs == ours)


@pytest.mark.parametrize("frame", [pytest.param(frame, id=name) for name, frame in _frames("hdlc", "dlms")])
def test_dlms_cosem_reads_the_same_values(frame: Frame) -> None:
    octets = extract_content(frame)
    start = next(at for at in range(6, 20) if _reads_whole(octets, at))
    assert _same(parse_as_dlms_data(_without_visible_strings(octets[start:])), apdu.decode_notification(octets).body)


def _without_visible_strings(body: bytes) -> bytes:
    """The same with its texts as octet-strings (tag 9 and not 10): that peer cannot read a visible-string."""

    def retagged(found: re.Match[bytes]) -> bytes:
        length, text = found[1][0], found[2]
        whole = len(text) >= length > 0 and text[:length].isascii() and text[:length].decode().isprintable()
        return (b"\x09" if whole else b"\x0a") + found[1]

    return re.sub(rb"\x0a([\x01-\x7f])(?=(.{0,127}))", retagged, body, flags=re.DOTALL)


def _reads_whole(octets: bytes, at: int) -> bool:
    try:
        return octets[at] in notification.BODIES and axdr.decode_value(octets, at)[1] == len(octets)
    except Exception:  # noqa: BLE001  (any failure: no body begins here)
        return False
