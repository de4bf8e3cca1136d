"""Each record of a meter gets an arrival time of its own, and one without a time gets it when the clock is set."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanlogger.hostclock import Uptime
from hanlogger.journal import Entry, Journal
from hanlogger.journal.arrival_times import Runs
from hanlogger.journal.model import to_ms
from hanlogger.model import Frame, Meter
from tests.support.journals import HOME, SECOND, START, entries, frame


def times(journal: Journal, *asked: int, meter: Meter = HOME) -> list[int]:
    """Those that records get which ask for so many milliseconds after START, one after the other."""
    journal.records.append([Entry(Frame("p1", b"x", START + timedelta(milliseconds=at)), meter) for at in asked])
    found = list(journal.records.read_frames(meter.name))[-len(asked) :]
    return [to_ms(record.received_at) - to_ms(START) for record in found]


def first_free(asked: Sequence[int]) -> list[int]:
    taken: list[int] = []
    for at in asked:
        taken.append(next(free for free in range(at, at + len(asked) + 1) if free not in taken))
    return taken


@pytest.mark.parametrize(
    "asked", [(0, 0, 0), (0, 5, 0, 5, 0, 5), (0, 1, 0, 1, 0), (3, 0, 0, 0, 0, 0), (2, 1, 0, 0, 4, 0)]
)
def test_each_gets_the_first_free_time_from_the_one_it_asks_for(journal: Journal, asked: tuple[int, ...]) -> None:
    assert times(journal, *asked) == first_free(asked)


def test_a_journal_that_is_opened_again_knows_what_is_taken(journal: Journal) -> None:
    assert times(journal, 0, 0, 0, 7) == [0, 1, 2, 7]
    with Journal.open(journal.path, exclusive=False) as other:
        assert times(other, 0, 1, 7) == [3, 4, 8]
    assert times(journal, 0, 0, 0, 0) == [5, 6, 9, 10]
    assert times(journal, 0, meter=Meter("cabin")) == [0]


@given(st.lists(st.integers(0, 30), max_size=60), st.integers(1, 8))
def test_runs_are_what_was_added_and_are_bounded(asked: list[int], most: int) -> None:
    runs, taken = Runs(most), set[int]()
    for at in asked:
        free = runs.find_end(at)
        assert set(range(at, free)) <= taken
        while free in taken:
            free += 1
        taken.add(free)
        if free > at:
            runs.add(at, free)
        assert len(runs) <= most


def test_runs_that_touch_become_one() -> None:
    runs = Runs()
    for first, last in ((0, 2), (6, 8), (3, 4), (20, 21)):
        runs.add(first, last)
    assert [runs.find_end(at) for at in (0, 4, 5, 6, 8, 19, 20)] == [5, 5, 5, 9, 9, 19, 22]
    assert len(runs) == 3
    runs.add(5, 5)
    assert (len(runs), runs.find_end(0)) == (2, 9)
    runs.add(0, 30)
    assert (len(runs), runs.find_end(21)) == (1, 31)


@pytest.mark.parametrize("turns", [(0,), (0, 3_600_000), tuple(range(50))])
def test_a_capture_with_few_times_in_turn_costs_each_record_the_same(journal: Journal, turns: tuple[int, ...]) -> None:
    """Counted in SQLite's own steps, which no load of the machine changes."""
    asked = islice((at for _ in range(10_000) for at in turns), 6000)
    connection, steps = journal._database._connections._writing, [0]

    def step() -> int:
        steps[0] += 1
        return 0

    costs = []
    for _ in range(3):
        page = list(islice(asked, 2000))
        connection.set_progress_handler(step, 100)
        journal.records.append([Entry(Frame("p1", b"x", START + timedelta(milliseconds=at)), HOME) for at in page])
        costs.append(steps[0])
        steps[0] = 0
    connection.set_progress_handler(None, 0)
    assert costs[2] < 1.5 * costs[0]


def test_times_of_receipt_are_unique_within_a_meter(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.records.append(entries(7, 7, 7))
        journal.records.append([*entries(7), *entries(7, meter=Meter("cabin"))])
        offsets = [
            (record.received_at - frame(7).received_at) // timedelta(milliseconds=1)
            for record in journal.records.read_after(0, 9)
        ]
    assert offsets == [0, 1, 2, 3, 0]


def test_a_burst_of_one_time_of_receipt_is_appended_in_no_time(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.records.append(entries(*[7] * 5000))
        assert len({record.received_at for record in journal.records.read_after(0, 6000)}) == 5000


def test_frames_of_another_start_of_the_computer_are_not_stamped(journal: Journal) -> None:
    journal.records.append(
        [Entry(frame(number), HOME, uptime=Uptime(boot, 10.0)) for number, boot in enumerate("abc", 1)]
    )
    assert journal.arrival_times.correct("b", START + 100 * SECOND) == 1
    first, second, third = journal.records.read_after(0, 9)
    assert (third.received_at, third.provisional) == (START + 3 * SECOND, True)
    assert (first.received_at, first.provisional) == (START + SECOND, True)
    assert (second.received_at, second.provisional, second.corruption) == (START + 110 * SECOND, False, "")
    assert journal.arrival_times.leave("a") == 1  # the one of c
    assert journal.arrival_times.has_provisional()
    assert journal.arrival_times.leave("b") == 1
    assert journal.arrival_times.leave("b") == 0
    assert not journal.arrival_times.has_provisional()
    first = journal.records.read_after(0, 1)[0]
    assert (first.received_at, first.corruption) == (START + SECOND, "")
