"""A disk that is filled, for real, at moments when little is prepared for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.small_disk import run_with_own_mounts

BEGIN = """
import sys
from pathlib import Path
from hanlogger.collect import Recorder
from hanlogger.journal import Entry, Journal
from tests.support.journals import HOME, append, frame
from tests.support.small_disk import fill_up, mount
from tests.support.waiting import PATIENCE, until

folder = Path(sys.argv[1])
mount(folder, 80)
path = folder / "journal.sqlite3"
reserve = folder / "journal.sqlite3.reserve"
journal = Journal.open(path)
recorder = Recorder(journal, ["influxdb"], retry_seconds=0.02)
until(lambda: reserve.exists() and reserve.stat().st_size == 8 * 2**20, what="room is set aside")

def record(numbers, size=900, together=1):
    for start in numbers[::together]:
        recorder.record([Entry(frame(n, b"%0*d" % (size, n)), HOME) for n in range(start, start + together)])
        until(lambda: not recorder.held or recorder._state == "holding", what="the disk takes it or not")

def record_until_full():
    for start in range(0, 20000, 100):
        if recorder._state == "holding":
            return
        record(range(start, start + 100), together=100)

def dropped():
    return journal.counters.get_all().get("home", {}).get("dropped", 0)
"""

YOUNG = """
record(range(before), together=20)
journal.destinations.confirm("influxdb", journal.newest)
fill_up(folder)
for number in range(before, before + 200):
    record(range(number, number + 1))
    until(lambda: not recorder.held, what=f"telegram {number} is recorded: {recorder.trouble}")
    journal.counters.count("home", "frames")
    journal.destinations.confirm("influxdb", journal.newest)
assert recorder.close(PATIENCE) == 0
assert journal.newest == before + 200
assert journal.destinations.get_cursor("influxdb") == journal.newest
assert not dropped()
journal.close()
Journal.open(path).close()
"""


@pytest.mark.parametrize("before", [20, 400])
def test_a_disk_that_is_full_soon_after_the_start_costs_nothing_that_comes_then(tmp_path: Path, before: int) -> None:
    run_with_own_mounts(f"{BEGIN}\nbefore = {before}\n{YOUNG}", tmp_path)


LATE = """
record(range(500), together=100)
fill_up(folder)
record_until_full()
record(range(1000), together=100)
assert recorder.held >= 1000
known = journal.newest
for cursor in range(10, known, 10):
    journal.destinations.confirm("influxdb", cursor)
assert journal.destinations.get_cursor("influxdb") > known - 11
journal.destinations.confirm("influxdb", journal.newest)
def all_recorded():
    journal.destinations.confirm("influxdb", journal.newest)
    return not recorder.held

until(all_recorded, what="what was held is recorded")
assert recorder.close(PATIENCE) == 0
assert journal.newest >= known + 1000
assert not dropped()
journal.close()
"""


def test_what_is_delivered_only_when_the_disk_is_full_makes_room_too(tmp_path: Path) -> None:
    run_with_own_mounts(BEGIN + LATE, tmp_path)


LAST = """
fill_up(folder)
record_until_full()
record(range(many), together=100)
known, held = journal.newest, recorder.held
assert held >= many
journal.counters.count("home", "checksum", known + held)
lost = recorder.close(2)
assert (lost > 0) == (many > 9000), lost
journal.close()
assert reserve.exists()

journal = Journal.open(path)
frames = len(list(journal.records.read_frames()))
assert frames == journal.newest == known + held - lost
assert dropped() == lost
assert journal.counters.get_all()["home"]["checksum"] == known + held
journal.destinations.confirm("influxdb", journal.newest)
recorder = Recorder(journal, ["influxdb"], retry_seconds=0.02)
record(range(1000), together=50)
until(lambda: not recorder.held, what=f"what is new is recorded: {recorder.trouble}")
recorder.close(PATIENCE)
journal.close()
"""


@pytest.mark.parametrize("many", [1000, 9900])
def test_at_the_end_what_is_held_is_recorded_in_the_reserve_or_counted(tmp_path: Path, many: int) -> None:
    """Some 9 MB of telegrams do not go into the 8 MB that are set aside."""
    run_with_own_mounts(f"{BEGIN}\nmany = {many}\n{LAST}", tmp_path)
