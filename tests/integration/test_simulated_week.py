"""A simulated house on a bad line, in the night in which an hour comes twice; `make soak` goes on for the whole week.

Every undamaged telegram is stored and no damaged one, and the energies in the database are the simulator's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from hanlogger.collect import Recorder
from hanlogger.collect.intake import Intake
from hanlogger.framing import Framer
from hanlogger.journal import Journal
from hanlogger.model import Chunk, Meter
from hanlogger.simulate import HouseState, faults, simulate_telegrams
from hanlogger.simulate.faults import Read
from hanlogger.sources import Port
from tests.support.delivering import HURRIED, delivering, to, until_served
from tests.support.sending import EPOCH, SOAK
from tests.support.servers import Bucket
from tests.support.waiting import until

BEGIN = datetime(2025, 10, 25, 22, tzinfo=UTC)  # three hours before clocks are put back
LENGTH = timedelta(weeks=1) if SOAK else timedelta(hours=4)
SEED = 6  # one with which no damage is right by chance, as it is to a check of 16 bits once in 65,536
RATE = 5e-5  # of octets, for each kind of damage
NOISE = 0.02  # of messages with noise before them
SILENCE = (BEGIN + timedelta(hours=1, minutes=30), BEGIN + timedelta(hours=1, minutes=50))
JUMP = (BEGIN + timedelta(hours=3, minutes=30), timedelta(seconds=17))  # of the meter's clock
HOURLY = "kaifa-no"  # sends its energies once an hour, for the full hour, and is known by its clock to do so

Point = tuple[str, int]  # OBIS code, ms


class Message(NamedTuple):
    """What was sent, what became of it on the line, and what the meter knew."""

    time: datetime
    sent: bytes
    arrived: bytes
    state: HouseState

    @property
    def content(self) -> bytes:
        """Up to the checksum: what comes after it may be lost without harm."""
        return self.sent.removesuffix(b"\r\n").removesuffix(b"\x7e")

    @property
    def whole(self) -> bool:
        return self.content in self.arrived


def messages(dialect: str) -> list[Message]:
    """All of them, in order."""
    states: list[HouseState] = []

    def know(state: HouseState) -> HouseState:
        states.append(state)
        return state

    changes = [know] if dialect == HOURLY else [faults.shift_clock(*JUMP), know]
    sent = list(
        takewhile(lambda read: read[0] < BEGIN + LENGTH, simulate_telegrams(SEED, BEGIN, dialect, changes=changes))
    )
    by_time = dict(sent)
    return [
        Message(time, by_time[time], data, state)
        for (time, data), state in zip(damaged(sent), states, strict=False)
        if not SILENCE[0] <= time < SILENCE[1]
    ]


def damaged(reads: Iterable[Read]) -> Iterator[Read]:
    """Bits turned, octets lost, octets doubled, noise between messages."""
    chance = Random(SEED)
    struck: Iterable[Read] = faults.begin_mid_message(reads, chance)
    for fault in (faults.invert_bits, faults.lose_octets, faults.double_octets):
        struck = fault(struck, chance, RATE)
    for time, data in struck:
        yield time, (chance.randbytes(chance.randint(1, 80)) if chance.random() < NOISE else b"") + data


def as_read(all_of_them: Iterable[Message]) -> Iterator[Read]:
    """In pieces that have nothing to do with messages."""
    chance = Random(SEED)
    reads = ((message.time, message.arrived) for message in all_of_them)
    return faults.join_reads(faults.cut_reads(reads, chance, longest=400), chance)


def record(reads: Iterable[Read], meter: Meter, journal: Journal) -> None:
    """As a port does it."""
    recorder, framer = Recorder(journal), Framer()
    intake = Intake(Port("/dev/ttyUSB0", meter), journal, recorder.record, lambda _port, _frame: None)
    for time, data in reads:
        intake.take(framer.feed(Chunk(data, time)))
        until(lambda: recorder.held < 5000)
    intake.take(framer.feed(Chunk(b"", BEGIN + LENGTH)))
    recorder.close(60)
    assert recorder.held == 0


def same(frame: bytes) -> bytes:
    """A bit that makes a small letter of a digit of the checksum damages nothing."""
    return frame[:-4] + frame[-4:].upper() if frame.startswith(b"/") else frame


def truth(dialect: str, message: Message) -> dict[Point, float]:
    """What the simulator says."""
    state, at = message.state, milliseconds(message.state.clock)
    power = {("1-0:1.7.0", at): float(max(0, state.active))}
    if dialect != HOURLY:
        energies = {"1-0:1.8.0": state.counters.active_import, "1-0:2.8.0": state.counters.active_export}
        return power | {(code, at): float(value) for code, value in energies.items()}
    if state.time.minute == 0 and state.time.second == 10:
        hour = milliseconds(state.clock.replace(minute=0, second=0))
        return power | {("1-0:1.8.0", hour): float(state.hour_counters.active_import)}
    return power


def milliseconds(time: datetime) -> int:
    return (time - EPOCH) // timedelta(milliseconds=1)


def stored(bucket: Bucket, codes: set[str]) -> dict[Point, float]:
    rows = [
        row for name in ("active_power", "active_energy") for row in bucket.query(f'SELECT obis, value FROM "{name}"')
    ]
    return {(row["obis"], row["time"]): row["value"] for row in rows if row["obis"] in codes}


@pytest.mark.timeout(3600 if SOAK else 900)
@pytest.mark.parametrize("dialect", ["p1-landisgyr", "aidon-se", "kaifa-no"])
def test_every_undamaged_telegram_is_stored_and_no_damaged_one(dialect: str, bucket: Bucket, tmp_path: Path) -> None:
    sent = messages(dialect)
    whole = [message for message in sent if message.whole]
    assert 0.5 < len(whole) / len(sent) < 0.999
    with Journal.open(tmp_path / "journal.sqlite3") as journal:
        record(as_read(sent), Meter("home"), journal)
        found = {same(record.data) for record in journal.records.read_frames()}
        assert {message.content for message in whole} <= found <= {message.content for message in sent}
        with delivering(journal, to(bucket), pace=HURRIED):
            until_served(journal, patience=1800)
        assert journal.refused.list_newest() == []
        assert journal.undecoded.list_newest() == []
    expected: dict[Point, float] = {}
    for message in sent:
        if message.content in found:
            expected |= truth(dialect, message)
    got = stored(bucket, {code for code, _ in expected})
    assert got == expected
    last = next(
        message.state for message in reversed(whole) if any("1.8.0" in code for code, _ in truth(dialect, message))
    )
    counters = last.hour_counters if dialect == HOURLY else last.counters
    assert got[max(point for point in got if point[0] == "1-0:1.8.0")] == counters.active_import
