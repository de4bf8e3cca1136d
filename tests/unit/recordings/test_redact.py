"""Redaction: numbers of meters are gone, everything else decodes as before, and every checksum holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanlogger.decoding import decode
from hanlogger.errors import CaptureError, DecodeError
from hanlogger.framing import find_all
from hanlogger.model import Chunk, Frame, Key, Meter, Reading, Register
from hanlogger.recordings.amend import extract_content, find
from hanlogger.recordings.redact import redact
from hanlogger.simulate import DIALECTS, simulate_telegrams
from hanlogger.simulate.p1 import make_telegram
from tests.support import axdr
from tests.support.octets import hdlc, with_checksum
from tests.support.vectors import FRAMED, Vector

AT = datetime(2026, 1, 14, 14, 4, 10, tzinfo=UTC)
START = datetime(2025, 6, 1, 9, 59, 50, tzinfo=UTC)
MESSAGES = {dialect: [data for _, data in islice(simulate_telegrams(1, START, dialect), 12)] for dialect in DIALECTS}
TELEGRAM = make_telegram(
    r"ELL5\253833635_A",
    [
        "0-0:1.0.0(250601115950S)",
        "1-0:1.8.0(00001234.567*kWh)",
        f"0-0:96.1.1({b'E123456789012345'.hex()})",
        "0-1:96.1.0(987654321)",
    ],
)
NAMES = re.compile(r"(?!1-1:96\.1\.1$).*(96\.1\.(?![47]\b)\d+|96\.13\.\d+|42\.0\.\d+|(^|:)0\.0(\.\d+)?)(\*\d+)?")


def chunked(data: bytes, sizes: Sequence[int] = ()) -> list[Chunk]:
    """In pieces of the sizes given, the rest in one, a second apart."""
    chunks: list[Chunk] = []
    at = 0
    for size in (*sizes, len(data)):
        if data[at : at + size]:
            chunks.append(Chunk(data[at : at + size], AT + timedelta(seconds=len(chunks))))
        at += size
    return chunks


def octets(chunks: Sequence[Chunk]) -> bytes:
    return b"".join(chunk.data for chunk in chunks)


def frames(data: bytes) -> list[Frame]:
    return [event for event in find_all(data, AT) if isinstance(event, Frame)]


def readings(data: bytes, keys: Sequence[Key] = ()) -> Iterator[Reading | str]:
    for frame in frames(data):
        try:
            yield decode(frame, Meter(), keys)
        except DecodeError as error:
            yield str(error)


def assert_equal_but_for_names(before: Reading | str, after: Reading | str) -> None:
    if isinstance(before, str) or isinstance(after, str):
        assert before == after
        return
    assert after.clock == before.clock
    assert (after.family, after.hourly, after.clock_rule) == (before.family, before.hourly, before.clock_rule)
    for old, new in zip(before.registers, after.registers, strict=True):
        assert new.obis == old.obis
        assert new == old or is_name(old), (old, new)


def is_name(register: Register) -> bool:
    text = str(register.value)
    return bool(NAMES.fullmatch(str(register.obis))) or (register.unit == "" and len(text) >= 10)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(MESSAGES)), st.data())
def test_a_redacted_stream_decodes_as_before_but_for_the_names_however_it_was_cut(
    dialect: str, data: st.DataObject
) -> None:
    number = data.draw(st.integers(1, 4))
    stream = b"".join(MESSAGES[dialect][:number])
    sizes = data.draw(st.lists(st.integers(1, 300), max_size=8))
    key = DIALECTS[dialect].key
    new = redact(chunked(stream, sizes), [key] if key else [])
    assert len(frames(octets(new))) == number
    for before, after in zip(readings(stream, [key] if key else []), readings(octets(new)), strict=True):
        assert_equal_but_for_names(before, after)
    if key is None:
        assert [(len(chunk.data), chunk.received_at) for chunk in new] == [
            (len(chunk.data), chunk.received_at) for chunk in chunked(stream, sizes)
        ]


def test_a_telegrams_names_are_gone_in_digits_and_in_hex_and_its_checksum_holds() -> None:
    new = octets(redact(chunked(TELEGRAM)))
    assert new.startswith(rb"/ELL5\000000000_A")
    assert b"0-0:96.1.1(58303030303030303030303030303030)" in new
    assert b"0-1:96.1.0(000000000)" in new
    assert b"1-0:1.8.0(00001234.567*kWh)" in new
    (frame,) = frames(new)
    assert frame.verified


@pytest.mark.parametrize("dialect", [name for name, row in DIALECTS.items() if row.key])
def test_what_is_enciphered_comes_out_in_plain_or_not_at_all(dialect: str) -> None:
    key = DIALECTS[dialect].key
    assert key
    stream = MESSAGES[dialect][0]
    with pytest.raises(CaptureError, match="redacted only with its key"):
        redact(chunked(stream))
    with pytest.raises(CaptureError, match="does not open it"):
        redact(chunked(stream), [Key(bytes(16), bytes(16))])
    new = octets(redact(chunked(stream, [40]), [key]))
    assert b"\xdb\x08" not in new
    (before,), (after,) = readings(stream, [key]), readings(new)
    assert_equal_but_for_names(before, after)


def test_a_name_cut_off_in_damage_is_hidden_and_the_damage_stays_damage() -> None:
    damaged = TELEGRAM[: TELEGRAM.index(b"89012345".hex().encode())]
    new = octets(redact(chunked(b"noise " + damaged + TELEGRAM)))
    assert len(new) == len(b"noise " + damaged + TELEGRAM)
    assert new[6 : 6 + len(damaged)] == (
        b"/ELL5\\000000000_A\r\n\r\n0-0:1.0.0(250601115950S)\r\n1-0:1.8.0(00001234.567*kWh)\r\n0-0:96.1.1(" + b"0" * 16
    )
    assert len(frames(new)) == 1


def test_noise_between_messages_hides_what_was_a_name_in_a_message() -> None:
    frame = MESSAGES["aidon-no"][0]
    name = re.search(rb"\x0a\x10(\d{16})", frame)
    assert name
    stream = frame + b"\0\0" + name[1][:10] + b"\0" + name[1] + frame[:70] + frame
    new = octets(redact(chunked(stream)))
    assert name[1] not in new
    assert name[1][:10] not in new
    assert len(frames(new)) == 2


def test_a_message_of_octets_that_are_no_text_leaves_a_telegram() -> None:
    for message in ("\xff" * 1024, "Hej p\xe5 dig", "\xff"):
        text = f"/TST5\r\n\r\n0-0:96.13.0({message})\r\n1-0:1.7.0(1*kW)\r\n!".encode("latin-1")
        data = with_checksum(text)
        after = octets(redact(chunked(data)))
        assert message.encode("latin-1") not in after
        assert_equal_but_for_names(*readings(data), *readings(after))


def test_seven_bits_with_parity_are_redacted_as_they_are() -> None:
    even = bytes(octet | octet.bit_count() % 2 << 7 for octet in range(128)) + bytes(128)
    sent = TELEGRAM.translate(even)
    new = octets(redact(chunked(sent[:30] + sent)))
    assert b"253833635" not in new.translate(bytes(i & 127 for i in range(256)))
    (frame,) = frames(new)
    assert_equal_but_for_names(decode(frames(sent)[0]), decode(frame))


@pytest.mark.parametrize("vector", FRAMED, ids=lambda vector: vector.name)
def test_every_vector_keeps_its_checksums_and_its_values(vector: Vector) -> None:
    before = list(readings(vector.octets, vector.keys))
    for sizes in ([], [1] * len(vector.octets), [20, 40]):
        new = octets(redact(chunked(vector.octets, sizes), vector.keys))
        for one, other in zip(before, readings(new), strict=True):
            assert_equal_but_for_names(one, other)
        assert not [name for name in names(before) if name in new]
        assert len(new) == len(vector.octets) or vector.keys


def test_every_message_of_the_corpus_keeps_its_checksums_and_its_values(corpus: Path) -> None:
    for facts_file in sorted(corpus.glob("*.json")):
        facts = json.loads(facts_file.read_text())
        file = next(file for file in (facts_file.with_suffix(".p1"), facts_file.with_suffix(".hex")) if file.exists())
        data = file.read_bytes() if file.suffix == ".p1" else bytes.fromhex(file.read_text())
        if facts["format"] == "dlms-llc":  # no frame, so there is nothing that a port could have given
            continue
        keys = (
            [Key(*(bytes.fromhex(facts[k]) for k in ("key", "auth_key") if facts.get(k)))] if facts.get("key") else []
        )
        new = octets(redact(chunked(data, facts.get("reads") or [100, 3, 50]), keys))
        before, after = list(readings(data, keys)), list(readings(new))
        assert len(before) == len(after), file.name
        for one, other in zip(before, after, strict=True):
            assert_equal_but_for_names(one, other)
        assert not [name for name in names(before) if name in new], file.name


def names(before: Sequence[Reading | str]) -> Iterator[bytes]:
    for register in (row for one in before if isinstance(one, Reading) for row in one.registers):
        text = str(register.value)
        if NAMES.fullmatch(str(register.obis)) and len(text) >= 8 and text.strip("0"):
            yield text.encode()


@pytest.mark.parametrize(("name", "hidden"), [(b"ABCDEF", True), (b"ABCDE", False)])
def test_a_name_of_six_letters_is_hidden_beside_its_message_too(name: bytes, hidden: bool) -> None:
    body = axdr.structure(axdr.structure(axdr.code("0-0:96.1.0"), axdr.octets(name)))
    new = octets(redact(chunked(b"xx" + name + b"xx" + hdlc(b"\xe6\xe7\x00" + axdr.notification(body)))))
    assert len(frames(new)) == 1
    assert (new.count(name), new.count(b"X" * len(name))) == ((0, 1) if hidden else (1, 1))


@pytest.mark.parametrize(("text", "kept"), [(b"AB12345", True), (b"AB123456", False), (b"123456", False)])
def test_a_text_of_six_digits_may_be_a_number_of_a_meter_whatever_its_code(text: bytes, kept: bool) -> None:
    body = axdr.structure(axdr.structure(axdr.code("0-0:96.50.0"), axdr.octets(text)))
    new = octets(redact(chunked(hdlc(b"\xe6\xe7\x00" + axdr.notification(body)))))
    assert (text in new) is kept


def test_what_would_leave_a_hidden_number_in_a_value_is_refused() -> None:
    telegram_ = make_telegram("TST5", ["0-0:96.1.0(7654321)", "1-0:1.8.0(7654321*Wh)"])
    with pytest.raises(CaptureError, match="cannot be sure to have hidden every number"):
        redact(chunked(telegram_))


def test_of_a_block_only_its_own_octets_are_content() -> None:
    body = axdr.notification(axdr.structure(axdr.structure(axdr.code("0-0:96.1.0"), axdr.octets(b"A1234567"))))
    block = b"\xe0\x80\x00\x01\x00\x00" + bytes((len(body),)) + body
    stream = hdlc(b"\xe6\xe7\x00" + block + b"behind")
    (one,) = find(chunked(stream))
    assert extract_content(one.frame) == body
    new = octets(redact(chunked(stream)))
    assert (b"A1234567" in new, b"X0000000" in new, b"behind" in new) == (False, True, True)


@pytest.mark.parametrize(("tag", "size"), [(0x05, 4), (0x06, 4), (0x11, 1), (0x12, 2), (0x14, 8), (0x15, 8)])
def test_a_number_of_a_meter_is_hidden_as_an_integer_of_any_size(tag: int, size: int) -> None:
    number = bytes((tag,)) + b"\x6b" * size
    body = axdr.structure(
        axdr.structure(axdr.code("0-0:96.1.0"), number), axdr.structure(axdr.code("1-0:1.8.0"), number)
    )
    new = octets(redact(chunked(hdlc(b"\xe6\xe7\x00" + axdr.notification(body)))))
    assert (new.count(number), new.count(bytes((tag,)) + bytes(size))) == (1, 1)


@pytest.mark.parametrize("between", [" ", ":", "-"])
def test_octets_that_a_bridge_prints_for_people_show_no_number(between: str) -> None:
    printed = b"".join(MESSAGES["aidon-no"]).hex(between).upper().encode()
    new = octets(redact(chunked(b"read: " + printed + b"\r\n" + TELEGRAM)))
    assert new.startswith(b"read: " + b"0" * len(printed) + b"\r\n")


def test_a_system_title_in_damage_is_hidden() -> None:
    new = octets(redact(chunked(b"xx\xdb\x08KFM\x10\x20\x00\x12\x34yy" + TELEGRAM)))
    assert new.startswith(b"xx\xdb\x08" + bytes(8) + b"yy")


@pytest.mark.parametrize(("serial", "hidden"), [("12345", False), ("123456", True), ("1234567", True)])
def test_six_digits_of_an_identification_are_a_number_of_a_meter(serial: str, hidden: bool) -> None:
    new = octets(redact(chunked(make_telegram(rf"ELL5\{serial}_A", ["1-0:1.8.0(00001234.567*kWh)"]))))
    assert new.startswith(rf"/ELL5\{'0' * len(serial) if hidden else serial}_A".encode())


@pytest.mark.parametrize(
    ("ident", "row", "number"),
    [
        (r"ELL5\8765-4321_A", "1-0:1.7.0(0001.000*kW)", "8765-4321"),
        ("KAM5 876 543 21", "1-0:1.7.0(0001.000*kW)", "876 543 21"),
        ("TST5", "0-0:96.50.1(87654321)", "87654321"),
        ("TST5", "0-0:96.3.1(7359-9928-9123-4567)", "7359-9928-9123-4567"),
        ("TST5", "1-0:96.50.2(735 999 289 123 456 780)", "735 999 289 123 456 780"),
        ("TST5", "0-1:24.3.0(090212160000)(00)(60)(1)(87654321)(m3)", "87654321"),
        ("TST5", "serial 87654321 is mine", "87654321"),
        ("TST5", "serial 7359992891234567", "7359992891234567"),
    ],
)
def test_a_number_is_hidden_wherever_and_however_it_is_printed(ident: str, row: str, number: str) -> None:
    sent = make_telegram(ident, ["0-0:1.0.0(250601115950S)", "1-0:1.8.0(00012345)", row])
    hidden = octets(redact(chunked(sent)))
    assert number.encode() not in hidden
    assert re.sub(r"\d", "0", number).encode() in hidden
    assert hidden.startswith(sent[:5])
    assert b"1-0:1.8.0(00012345)" in hidden
    assert b"(250601115950S)" in hidden


@pytest.mark.parametrize(
    "value",
    [
        b"\x09\x06\x87\x65\x43\x21\x11\x22",
        b"\x09\x0cABC-12345678",
        b"\x09\x0c87654321901\0",
        b"\x09\x0c\x07\xe8\x87\x65\x43\x21\x87\x65\x43\x21\x00\x01",
        b"\x0d\x87",
    ],
)
def test_octets_that_only_look_like_a_code_or_a_time_are_hidden(value: bytes) -> None:
    code = bytes.fromhex("09060000603200ff" if len(value) == 14 else "09060000600100ff")
    time = bytes.fromhex("020209060000010000ff090c07e9060107093b32ff800000")
    row = bytes.fromhex("020309060100010700ff06000004000202 0f00161b")
    sent = hdlc(b"\xe6\xe7\0\x0f\0\0\0\1\0\x01\x03" + time + row + b"\x02\x02" + code + value)
    hidden = octets(redact(chunked(sent)))
    assert value not in hidden
    assert time in hidden
    assert row in hidden
    assert code in hidden


def test_the_letters_by_which_a_layout_is_known_stay() -> None:
    text = b"ISK1020000123456"
    sent = hdlc(b"\xe6\xe7\0\x0f\0\0\0\1\0\x02\x01\x09\x10" + text)
    assert b"ISK0000000000000" in octets(redact(chunked(sent)))


def test_a_damaged_telegram_stays_damage_and_is_no_noise() -> None:
    sent = make_telegram("XMX5LGF0010456446050", ["0-0:1.0.0(250601115950S)"]).replace(b"115950S", b"115951S")
    hidden = octets(redact(chunked(sent)))
    assert hidden.startswith(b"/XMX50000000000000000\r\n")
    assert len(hidden) == len(sent)
