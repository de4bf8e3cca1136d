"""What is written at once is what the points say, to the octet."""

from __future__ import annotations

import doctest
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Never

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hanlogger.points
from benchmarks.messages import aidon_bodies, telegrams
from hanlogger.decoding import decode
from hanlogger.framing import find_all
from hanlogger.model import Civil, Frame, Meter, Obis, Reading, Register
from hanlogger.points import encoder
from tests.support.any_reading import codes, messages, odd, read, reduced, rows, stamps, values
from tests.support.points import encoded, lines, points
from tests.support.vectors import VECTORS

RECEIVED = datetime(2026, 1, 1, 0, 0, 10, 500_000, tzinfo=UTC)
CLOCK = Civil(datetime.fromisoformat("2026-01-01T01:00:10"), None, "W")

NETS = ["1-0:1.7.0", "1-0:2.7.0", "1-0:1.8.1", "1-0:1.8.2", "2.8.1", "1-0:32.7.0"]
COMMON = [*NETS, "0-0:96.1.0", "0-1:24.1.0", "0-1:24.2.1", "0-0:1.0.0"]
ODD = ["9" * 309, "1" + "0" * 307, "1E+308", "1E+3", "1E-9", "-0", "-0.00", "NaN", "sNaN", "-Infinity", "0E-9"]

tags = st.dictionaries(st.sampled_from(["flat", "zone=1", "a b", "obis", "%s"]), st.text(max_size=6), max_size=2)
meters = st.builds(
    Meter,
    st.text(min_size=1, max_size=6) | st.just("home"),
    st.sampled_from(["auto", "receive", "utc", "local", "+02:00"]),
    clock_limit=st.none() | st.just(86_400.0),
    tags=tags,
)
plain = st.builds(Decimal.scaleb, st.integers(-(10**6), 10**9).map(Decimal), st.integers(-8, 3))
clocks = st.just(CLOCK) | stamps
units = st.sampled_from(["", "W", "Wh", "V"])
common = st.builds(Register, st.sampled_from(COMMON).map(Obis.parse), plain | values, units)
row_lists = st.lists(rows, max_size=6) | st.lists(common, max_size=12) | st.lists(common | rows, max_size=8)
received = st.none() | st.just(RECEIVED) | st.just(RECEIVED + timedelta(days=9))


def says(reading: Reading, meter: Meter, at: datetime | None, *, judge: bool = True) -> bytes:
    return lines(points(reading, meter, at, judge=judge))


@given(st.data(), row_lists, meters, clocks, received, st.booleans())
def test_any_readings_of_one_shape_are_written_as_their_points_say(
    data: st.DataObject, shape: Sequence[Register], meter: Meter, clock: Civil | None, at: datetime | None, judge: bool
) -> None:
    for other in (plain, values):
        said = [row if isinstance(row.value, str) else row._replace(value=data.draw(other)) for row in shape]
        reading = Reading(tuple(said), clock, hourly=data.draw(st.booleans()))
        assert encoded(reading, meter, at, judge=judge) == says(reading, meter, at, judge=judge)


@given(st.lists(st.builds(Register, codes | reduced | odd, plain), min_size=1, max_size=4))
def test_a_meter_that_changes_what_it_sends_is_written_as_it_sends_now(shape: Sequence[Register]) -> None:
    meters = [Meter("home"), Meter("home", tags={"flat": "3 tr"}), Meter("home")]
    readings = [Reading(tuple(shape), CLOCK), Reading(tuple(row._replace(unit="W") for row in shape), CLOCK)]
    texts = Reading(tuple(row._replace(value='say "1"\n') for row in shape), CLOCK, unread=("1-0:1.8.2(?)",))
    for reading in (*readings, texts, *readings):
        for meter in meters:
            assert encoded(reading, meter, RECEIVED) == says(reading, meter, RECEIVED)


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("codes", [["1-0:1.7.0", "1-0:2.7.0"], ["1-0:1.8.1", "1-0:1.8.2"]])
def test_an_odd_number_among_plain_ones_is_written_as_its_point_says(value: str, codes: Sequence[str]) -> None:
    unit = "W" if "7" in codes[0] else "Wh"
    for each in ("1.50", value, "230"):
        reading = Reading(tuple(Register(Obis.parse(code), Decimal(each), unit) for code in codes), CLOCK)
        assert encoded(reading, Meter(), RECEIVED) == says(reading, Meter(), RECEIVED)


def test_every_real_message_is_written_as_its_points_say(corpus: Path) -> None:
    number = 0
    for facts, frames in messages(corpus):
        for frame in frames:
            for meter in (Meter(), Meter("home", facts.get("clock") or "auto", tags={"flat": "3 tr"})):
                reading = read(facts, frame)
                assert encoded(reading, meter, RECEIVED) == says(reading, meter, RECEIVED), facts["name"]
                assert encoded(reading, meter, None) == says(reading, meter, None), facts["name"]
                number += 1
    assert number > 100


def test_every_synthetic_message_is_written_as_its_points_say() -> None:
    for vector in VECTORS:
        frames = [event for event in find_all(vector.octets, RECEIVED) if isinstance(event, Frame)]
        assert frames, vector.name
        reading = decode(frames[0], Meter(), vector.keys)
        for at in (RECEIVED, RECEIVED, None):
            assert encoded(reading, Meter(), at) == says(reading, Meter(), at), vector.name


def test_what_swedish_meters_send_all_day_takes_no_points(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [Frame("p1", data, RECEIVED) for data in telegrams(20)]
    frames += [Frame("dlms", data, RECEIVED) for data in aidon_bodies(20)]
    readings = [decode(frame, Meter()) for frame in frames]
    said = [says(reading, Meter(), RECEIVED) for reading in readings]

    def never(*_: object, **__: object) -> Never:
        raise AssertionError("points were made")

    monkeypatch.setattr(encoder, "make_points", never)
    assert [encoded(reading, Meter(), RECEIVED) for reading in readings] == said


def test_a_row_that_could_not_be_read_derives_no_total_from_the_others() -> None:
    reading = Reading((Register(Obis.parse("1-0:1.8.1"), Decimal(7), "Wh"),), CLOCK)
    for each in (reading, reading._replace(unread=("1-0:1.8.2(00?)",)), reading):
        assert encoded(each, Meter(), RECEIVED) == says(each, Meter(), RECEIVED)


def test_a_sub_meter_that_says_another_kind_is_stored_as_that_kind() -> None:
    for kind in ("003", "007", "003", "x"):
        rows = (Register(Obis.parse("0-1:24.1.0"), kind), Register(Obis.parse("0-1:24.2.1"), Decimal("1.5"), "m3"))
        assert encoded(Reading(rows, CLOCK), Meter(), RECEIVED) == says(Reading(rows, CLOCK), Meter(), RECEIVED)


def test_eight_shapes_of_one_length_are_remembered_and_64_lengths(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    form = encoder._make_form

    def counted(meter: Meter, *shape: Any) -> Any:
        made.append(shape)
        return form(meter, *shape)

    encoder._forms.clear()
    monkeypatch.setattr(encoder, "_make_form", counted)

    def write(code: str, length: int = 1) -> None:
        shape = tuple(Register(Obis.parse(code), Decimal(1), "W") for _ in range(length))
        assert encoded(Reading(shape, CLOCK), Meter(), RECEIVED)

    for _ in range(3):
        for number in range(8):
            write(f"1-0:{number}.7.0")
    assert len(made) == 8
    for _ in range(2):
        for number in range(9):  # one too many, and each drives out the next
            write(f"1-0:{number}.7.0")
    assert len(made) > 16
    for length in range(1, 200):
        write("1-0:1.7.0", length)
        assert len(encoder._forms._items) <= 64
        assert len(encoder._forms) <= 64 * 8
    made.clear()
    for length in range(194, 200):  # the last were forgotten before 193
        write("1-0:1.7.0", length)
    assert not made


def test_the_worked_example_of_the_room_is_true() -> None:
    assert doctest.testmod(hanlogger.points) == doctest.TestResults(failed=0, attempted=9)
