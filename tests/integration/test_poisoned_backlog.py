"""A backlog that the database refuses in part, and new telegrams: these are in the database within seconds."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

from hanlogger.journal import Entry, Journal
from hanlogger.model import Frame, Meter
from hanlogger.simulate import simulate_telegrams
from tests.support.delivering import delivering, to, until_served
from tests.support.sending import EPOCH, EVERY, SOAK, START, expected, stored
from tests.support.servers import Bucket
from tests.support.waiting import PATIENCE, until

LINES = 30  # of a telegram, about
BACKLOG = (1_000_000 if SOAK else 24_000) // LINES
NEW = 10
WITHIN = 5.0  # seconds
HOME = Meter("home", clock_limit=None)
POISON = b"voltage,meter=home,obis=1-0:32.7.0,phase=L1 value=1i %d\n"
WEEKS = 3  # between the backlog and what is new
VOLTAGES = ("1-0:32.7.0", "1-0:52.7.0", "1-0:72.7.0")  # the type of a field is one for a whole measurement


def frames(number: int, start: timedelta) -> list[Frame]:
    made = islice(simulate_telegrams(1, START + start, every=EVERY), number)
    return [Frame("p1", octets.rstrip(), time) for time, octets in made]


@pytest.mark.timeout(3600 if SOAK else 900)
def test_new_telegrams_do_not_wait_for_a_million_lines_of_which_a_measurement_is_refused(
    bucket: Bucket, tmp_path: Path
) -> None:
    poison_weeks(bucket, BACKLOG * EVERY)
    backlog, new = frames(BACKLOG, timedelta()), frames(NEW, BACKLOG * EVERY + timedelta(weeks=WEEKS))
    with Journal.open(tmp_path / "journal.sqlite3") as journal:
        for start in range(0, BACKLOG, 1000):
            journal.records.append([Entry(frame, HOME) for frame in backlog[start : start + 1000]])
        with delivering(journal, to(bucket)) as delivery:
            until(lambda: journal.destinations.get_cursor("influxdb") > 0, "the refused backlog is set aside")
            waits = []
            for frame in new:
                waits.append(wait_of(journal, bucket, frame))
            assert delivery.is_alive()
            print(f"new telegrams were in the database after {max(waits):.2f} s at most")
            assert max(waits) < WITHIN
            until_served(journal, patience=3000 if SOAK else PATIENCE)
        refused = journal.refused.list_newest(limit=10**7)
        assert refused
        assert {entry.refusal.line.split(b",")[0] for entry in refused if entry.refusal.line} <= {b"voltage"}
    wanted = expected(frame.data for frame in (*backlog, *new))
    found = stored(bucket)
    poisoned = {point for point in wanted if point[0] in VOLTAGES and point[1] < milliseconds(START) + BACKLOG * 10_000}
    assert wanted.keys() - poisoned <= found.keys()
    assert all(found[point] == wanted[point] for point in wanted.keys() - poisoned)


def wait_of(journal: Journal, bucket: Bucket, frame: Frame) -> float:
    """Seconds from the append to the moment at which the database shows the telegram."""
    ((_, at), *_) = expected([frame.data])
    began = time.monotonic()
    journal.records.append([Entry(frame, HOME)])
    where = f"SELECT value FROM \"active_energy\" WHERE time = {at}ms AND direction = 'import'"
    until(lambda: bucket.query(where), "a new telegram is in the database")
    return time.monotonic() - began


def milliseconds(time: datetime) -> int:
    return (time - EPOCH) // timedelta(milliseconds=1)


def poison_weeks(bucket: Bucket, length: timedelta) -> None:
    """A type of field is fixed for each week by what is written first."""
    for week in range(length // timedelta(weeks=1) + 1):
        at = START + min(week * timedelta(weeks=1), length) - timedelta(seconds=5)
        bucket.write(POISON % milliseconds(at))
