"""Nothing vanishes: each register of a reading is one point, under an identity of its own."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hanlogger.model import Meter, Point, Reading, Register
from hanlogger.points.catalogue import CLOCK, look_up
from hanlogger.points.derived import derive_registers
from hanlogger.points.timestamp import convert_meter_clock, convert_register_clock
from tests.support.any_reading import HOME, RECEIVED, messages, read, rows, stamps
from tests.support.points import lines, points, untimed

readings = st.builds(
    Reading, st.lists(rows, max_size=12).map(tuple), stamps, st.just("normal-time"), st.booleans()
)  # fmt: skip


def identity(point: Point) -> tuple[object, ...]:
    return (point.measurement, point.tags, point.time)


def is_clock(row: Register) -> bool:
    known = look_up(row.obis)
    return known is not None and known.measurement == CLOCK


@given(readings)
def test_each_register_is_one_point_and_no_two_share_an_identity(reading: Reading) -> None:
    made = [point for point in points(reading, HOME, RECEIVED) if point.measurement != "clock_offset"]
    lost = untimed(reading, HOME, RECEIVED)
    clocks = [row for row in reading.rows if is_clock(row) and row not in lost]
    assert len(made) == len(reading.rows) + len(derive_registers(reading)) - len(lost) - len(clocks)
    assert max(Counter(map(identity, made)).values(), default=1) == 1


@given(readings)
def test_any_reading_becomes_lines_that_are_the_same_each_time(reading: Reading) -> None:
    body = lines(points(reading, HOME, RECEIVED))
    assert body == lines(points(reading, HOME, RECEIVED))
    for line in body.decode().split("\n")[:-1]:
        assert re.search(r'( value=-?\d+(\.\d+)?| text=".*") \d+$', line), line


def test_every_register_of_every_real_message_is_a_point_with_its_value(corpus: Path) -> None:
    number = 0
    for facts, frames in messages(corpus):
        for frame in frames:
            reading = read(facts, frame)
            made = points(reading, HOME, RECEIVED)
            assert max(Counter(map(identity, made)).values()) == 1, facts["name"]
            stored = [(dict(point.tags).get("obis"), str(point.fields[0][1])) for point in made]
            for row in reading.registers:
                if not is_clock(row) and row not in untimed(reading, HOME, RECEIVED):
                    assert (str(row.obis), str(row.value)) in stored, facts["name"]
                    number += 1
    assert number > 1000


def test_every_real_message_is_stored_at_the_time_that_it_means(corpus: Path) -> None:
    number = 0
    for facts, frames in messages(corpus):
        for frame, expected in zip(frames, facts.get("messages") or [facts], strict=False):
            if utc := expected.get("timestamp_utc"):
                meter = Meter(clock=facts.get("clock") or "auto")
                assert convert_meter_clock(read(facts, frame), meter) == datetime.fromisoformat(utc), facts["name"]
                number += 1
    assert number > 40


def test_every_sub_meter_of_the_real_messages_keeps_its_own_time(corpus: Path) -> None:
    number = 0
    for facts, frames in messages(corpus):
        for frame in frames:
            reading = read(facts, frame)
            for row in reading.registers:
                if row.time is not None and (own := convert_register_clock(row, reading, HOME)):
                    made = points(reading, HOME, RECEIVED, judge=False)  # it is not known when it was received
                    (point,) = [p for p in made if ("obis", str(row.obis)) in p.tags]
                    assert point.time == own
                    number += 1
    assert number > 15
