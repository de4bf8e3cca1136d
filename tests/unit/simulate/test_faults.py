from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random

import pytest

from hanlogger.decoding import decode
from hanlogger.framing import Framer
from hanlogger.model import BadFrame, Chunk, Frame, Meter
from hanlogger.points.timestamp import convert_meter_clock
from hanlogger.simulate import House, simulate_telegrams
from hanlogger.simulate.faults import (
    Read,
    begin_mid_message,
    cut_reads,
    double_octets,
    exchange_meter,
    find_dst_changes,
    follow_summer_time,
    invert_bits,
    join_reads,
    lose_octets,
    read_7e1_as_8n1,
    reset_counters,
    shift_clock,
    silence,
)
from hanlogger.simulate.quantities import compute_quantities

SEED = 3
START = datetime(2025, 6, 10, 9, 50, tzinfo=UTC)
LINE = ["p1-landisgyr", "aidon-no", "kamstrup"]


def sent(dialect: str, number: int = 60) -> list[Read]:
    return list(islice(simulate_telegrams(SEED, START, dialect), number))


def framed(reads: Iterable[Read]) -> list[Frame | BadFrame]:
    framer = Framer()
    found = [event for time, data in reads for event in framer.feed(Chunk(data, time))]
    return [*found, *framer.feed(Chunk(b"", START + timedelta(days=1)))]


def good(reads: Iterable[Read]) -> list[bytes]:
    return [event.data for event in framed(reads) if isinstance(event, Frame)]


def octets(reads: Iterable[Read]) -> bytes:
    return b"".join(data for _, data in reads)


def content(read: Read) -> bytes:
    """Up to the checksum: what comes after it may be lost without harm."""
    return read[1].removesuffix(b"\r\n").removesuffix(b"\x7e")


# --- of the line


@pytest.mark.parametrize("dialect", LINE)
@pytest.mark.parametrize("fault", [invert_bits, lose_octets, double_octets])
def test_every_undamaged_message_is_found_among_damaged_ones_and_no_other(
    dialect: str, fault: Callable[[Iterable[Read], Random, float], Iterator[Read]]
) -> None:
    messages = sent(dialect, 200)
    struck = list(fault(messages, Random(1), 1e-3))
    whole = [content(before) for before, after in zip(messages, struck, strict=True) if content(before) in after[1]]
    found = good(struck)
    assert 20 < len(whole) < 190
    assert set(whole) <= set(found) <= {content(message) for message in messages}
    assert good(cut_reads(struck, Random(2))) == found


def test_a_rate_is_the_chance_of_an_octet() -> None:
    reads = [(START, bytes(10_000))] * 10
    changed = octets(invert_bits(reads, Random(1), 0.01))
    assert len(changed) == 100_000
    assert 900 < sum(octet != 0 for octet in changed) < 1100
    assert all(octet.bit_count() <= 1 for octet in changed)
    assert 98_900 < len(octets(lose_octets(reads, Random(1), 0.01))) < 99_100
    assert 100_900 < len(octets(double_octets(reads, Random(1), 0.01))) < 101_100
    assert list(invert_bits(reads, Random(1), 0.0)) == reads


@pytest.mark.parametrize("dialect", LINE)
def test_cutting_and_joining_change_no_octet_and_lose_no_message(dialect: str) -> None:
    messages = sent(dialect)
    cut = list(cut_reads(messages, Random(4), 9))
    joined = list(join_reads(cut, Random(5), 30))
    assert octets(cut) == octets(joined) == octets(messages)
    assert len(cut) > len(joined) > 1
    assert {time for time, _ in joined} <= {time for time, _ in messages}
    assert good(joined) == [content(message) for message in messages]


def test_nothing_joined_is_nothing() -> None:
    assert list(join_reads([], Random(1))) == []


@pytest.mark.parametrize("dialect", LINE)
def test_a_port_opened_in_mid_message_gives_the_messages_after_it(dialect: str) -> None:
    messages = sent(dialect, 5)
    assert good(begin_mid_message(messages, Random(6))) == [content(message) for message in messages[1:]]


def test_the_image_of_a_7e1_line_is_that_of_the_table() -> None:
    ((_, image),) = read_7e1_as_8n1([(START, b"/!(*:kWhVAr\r\n)019")])
    assert image == bytes.fromhex("AF 21 28 AA 3A EB D7 E8 56 41 72 8D 0A A9 30 B1 39")
    assert all(octet.bit_count() % 2 == 0 for octet in image)


def test_telegrams_of_a_7e1_line_are_read_all_the_same() -> None:
    messages = sent("p1-landisgyr", 5)
    frames = [event for event in framed(read_7e1_as_8n1(messages)) if isinstance(event, Frame)]
    plain = [event for event in framed(messages) if isinstance(event, Frame)]
    assert [decode(frame) for frame in frames] == [decode(frame) for frame in plain]


def test_a_silent_line_is_silent_and_then_goes_on() -> None:
    messages = sent("p1-kaifa")
    begin, end = START + timedelta(minutes=2), START + timedelta(minutes=5)
    left = list(silence(messages, begin, end))
    assert [time for time, _ in messages if not begin <= time < end] == [time for time, _ in left]
    assert len(left) == len(messages) - 18


def test_the_same_seed_gives_the_same_faults() -> None:
    first, second = (octets(cut_reads(invert_bits(sent("kamstrup"), Random(8), 0.01), Random(9))) for _ in range(2))
    assert first == second != octets(sent("kamstrup"))


# --- of the meter


def test_a_clock_that_jumps_is_wrong_from_then_on() -> None:
    at = START + timedelta(minutes=3)
    stream = simulate_telegrams(SEED, START, changes=[shift_clock(at, timedelta(hours=-1))])
    for time, data in islice(stream, 40):
        ((found),) = good([(time, data)])
        wrong = timedelta(hours=1) if time >= at else timedelta()
        assert convert_meter_clock(decode(Frame("p1", found, time)), Meter()) == time - wrong


def test_a_clock_that_follows_summer_time_tells_an_hour_twice_in_autumn() -> None:
    spring, autumn = find_dst_changes(2024)
    assert (spring, autumn) == (datetime(2024, 3, 31, 1, tzinfo=UTC), datetime(2024, 10, 27, 1, tzinfo=UTC))
    told = []
    for minutes in (-30, 30):
        begin = autumn + timedelta(minutes=minutes)
        ((time, data),) = islice(simulate_telegrams(SEED, begin, changes=[follow_summer_time()]), 1)
        told.append(decode(Frame("p1", good([(time, data)])[0], time)).clock)
    assert told[0] == told[1]
    assert told[0] is not None and told[0].local.hour == 2


def test_after_a_reset_the_counters_run_from_nought() -> None:
    house = House(SEED, START)
    at = house.compute_state(START + timedelta(minutes=5))
    change = reset_counters(at)
    assert change(house.compute_state(START + timedelta(minutes=4))) == house.compute_state(
        START + timedelta(minutes=4)
    )
    assert set(change(at).counters[:4]) == {0}
    later = house.compute_state(START + timedelta(hours=2))
    assert change(later).counters.active_export == later.counters.active_export - at.counters.active_export > 0
    assert change(later).phases == later.phases
    assert change(later).hour_counters.active_export < change(later).counters.active_export


def test_an_exchanged_meter_has_another_number_and_no_past() -> None:
    house = House(SEED, START)
    at = house.compute_state(START + timedelta(minutes=5))
    change = exchange_meter(at)
    assert change(at).meter == at.meter + 1
    assert compute_quantities(change(at))["1.8.0"] == 0
    assert change(house.compute_state(START)) == house.compute_state(START)
    names = set()
    for time, data in islice(simulate_telegrams(SEED, START, "kamstrup", changes=[change]), 60):
        reading = decode(Frame("hdlc", good([(time, data)])[0], time))
        names |= {row.value for row in reading.registers if row.obis[2:5] == (0, 0, 5)}
    assert names == {"5706567000000001", "5706567000000002"}
