"""Real messages, as their owners published them, say what their authors say they say.

They are not ours to hand on: they are read from beside the checkout, and skipped where they are missing. The comparison
is our own; what is expected comes with the messages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from hanlogger.decoding import decode
from hanlogger.decoding.units import look_up_printed
from hanlogger.errors import DecodeError
from hanlogger.framing import Framer, find_all
from hanlogger.model import BadFrame, Chunk, Key, Meter, Reading, Register
from hanlogger.points.timestamp import convert_meter_clock
from tests.conftest import CORPUS
from tests.support.octets import RECEIVED_AT, feed, telegram
from tests.support.readings import complete

FACTS = [json.loads(file.read_text()) for file in sorted(CORPUS.glob("*.json"))]
GOOD = [facts for facts in FACTS if facts["crc_ok"] is not False and facts.get("valid_messages") != 0]
CLOCKS = ("0-0:1.0.0", "0-1:1.0.0")

pytestmark = pytest.mark.skipif(not FACTS, reason="no corpus of real messages beside the checkout (../shared/corpus)")


def octets(facts: dict[str, Any]) -> bytes:
    data = (CORPUS / facts["file"]).read_bytes()
    if facts["file"].endswith(".hex"):
        return bytes.fromhex(data.decode())
    return telegram(*data.decode().splitlines()) if facts["format"] == "p1-lines" else data


def messages(facts: dict[str, Any]) -> list[dict[str, Any]]:
    return facts.get("messages") or [facts]


def beside_messages(facts: dict[str, Any]) -> bytes:
    """What of the file is in none of its messages: nothing where their places are not told."""
    data, places = octets(facts), [(one["offset"], one["length"]) for one in facts.get("messages", ())]
    inside = {at for offset, length in places for at in range(offset, offset + length)}
    return bytes(octet for at, octet in enumerate(data) if places and at not in inside)


def keys(facts: dict[str, Any]) -> list[Key]:
    authentication = facts.get("auth_key")
    return [Key(bytes.fromhex(facts["key"]), bytes.fromhex(authentication) if authentication else None)]


def readings(facts: dict[str, Any]) -> tuple[list[Reading], list[str]]:
    """And what was wrong with the rest."""
    good, wrong = [], []
    for event in find_all(octets(facts), RECEIVED_AT):
        if isinstance(event, BadFrame):
            wrong.append(event.reason)
            continue
        try:
            good.append(decode(event, keys=keys(facts) if facts.get("key") else ()))
        except DecodeError as error:
            wrong.append(str(error))
    return good, wrong


def by_name(cases: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("facts", [pytest.param(facts, id=facts["name"]) for facts in cases])


# --- what is expected of one row


def expected_value(value: str, unit: str | None) -> tuple[Decimal | str, str]:
    if not unit:
        return value, ""
    base, power = look_up_printed(unit)
    return Decimal(value).scaleb(power), base


def unhexed(text: str) -> str:
    return bytes.fromhex(text).decode("latin-1") if re.fullmatch("([0-9A-Fa-f]{2}){3,}", text) else text


def agrees(row: Register, expected: dict[str, Any]) -> bool:
    groups = expected.get("values")
    if not groups:
        return same(row, *expected_value(expected["value"], expected["unit"]))
    texts = [group["value"] for group in groups]
    if len(groups) == 2 and re.fullmatch(r"\d{12}[SW]?", texts[0]):
        return row.time is not None and same(row, *expected_value(texts[1], groups[1]["unit"]))
    if len(groups) == 7 and texts[5] == "m3":
        return row.time is not None and same(row, Decimal(texts[6]), "m3")
    sent = re.findall(r"[^()*]+", str(row.value))
    wanted = [text for group in groups for text in (group["value"], group["unit"]) if text]
    return len(sent) == len(wanted) and all(map(same_text, sent, wanted))


def same(row: Register, value: Decimal | str, unit: str) -> bool:
    if row.unit != unit:
        return False
    return row.value == value or same_text(str(row.value), str(value))


def same_text(ours: str, theirs: str) -> bool:
    try:
        return Decimal(ours) == Decimal(theirs)
    except ArithmeticError:
        return unhexed(ours) == unhexed(theirs)


def compare(reading: Reading, message: dict[str, Any]) -> None:
    coded = [row for row in message["expected"] if row.get("obis") not in CLOCKS and not row.get("obis_implied")]
    implied = {row["value"] for row in message["expected"] if row.get("obis_implied")}
    ours = [row for row in reading.registers if str(row.value) not in implied]
    assert [str(row.obis) for row in ours] == [row["obis"] for row in coded]
    for row, expected in zip(ours, coded, strict=True):
        assert agrees(row, expected), f"{row} against {expected}"


def check_time(reading: Reading, message: dict[str, Any], clock: str) -> None:
    time = convert_meter_clock(reading, Meter(clock=clock))
    if message.get("timestamp_utc"):
        assert time == datetime.fromisoformat(message["timestamp_utc"])
    elif message["timestamp"] is None or message.get("timestamp_unusable"):
        assert time is None


# --- the tests


@by_name([facts for facts in GOOD if not facts["encrypted"] or facts.get("key")])
def test_a_good_message_says_what_its_author_says(facts: dict[str, Any]) -> None:
    good, wrong = readings(facts)
    damaged = [event for event in find_all(octets(facts), RECEIVED_AT) if isinstance(event, BadFrame)]
    assert len(good) == len(messages(facts))
    assert wrong == [event.reason for event in damaged], "what is whole is decoded"
    assert all(event.data in beside_messages(facts) for event in damaged)
    for reading, message in zip(good, messages(facts), strict=True):
        compare(reading, message)
        check_time(reading, message, facts.get("clock") or "auto")
    assert readings(facts)[0] == good, "the second time, by the plan for its shape"


@by_name([facts for facts in FACTS if facts not in GOOD])
def test_a_damaged_message_says_nothing(facts: dict[str, Any]) -> None:
    good, wrong = readings(facts)
    assert not good
    assert wrong


@by_name([facts for facts in FACTS if facts["encrypted"]])
def test_an_encrypted_message_without_its_key_says_that_it_needs_one(facts: dict[str, Any]) -> None:
    good, wrong = readings({**facts, "key": None})
    assert not good
    assert any("key" in words for words in wrong)


@by_name([facts for facts in FACTS if facts.get("reads")])
def test_the_serial_reads_of_a_capture_give_its_messages(facts: dict[str, Any]) -> None:
    framer, data = Framer(), octets(facts)
    events = [event for piece in _pieces(data, facts["reads"]) for event in framer.feed(Chunk(piece, RECEIVED_AT))]
    assert len(events) == facts["valid_messages"]
    assert events == feed(Framer(), data)


def _pieces(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    for size in sizes:
        yield data[:size]
        data = data[size:]


@by_name([facts for facts in GOOD if facts["crc_ok"] and not facts.get("messages")])
def test_a_damaged_and_a_cut_copy_before_it_cost_a_message_nothing(facts: dict[str, Any]) -> None:
    data = octets(facts)
    half = len(data) // 2
    end = b"" if data[-1:] in (b"\n", b"\x7e", b"\x16") else b"\r\n"
    stream = data[:half] + bytes((data[half] ^ 1,)) + data[half + 1 :] + end + data[:half] + data + end
    events = find_all(stream, RECEIVED_AT)
    assert [event for event in events if complete(event)] == find_all(data, RECEIVED_AT)[-1:]
    assert any(isinstance(event, BadFrame) for event in events)
