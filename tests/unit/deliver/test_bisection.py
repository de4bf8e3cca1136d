"""Finding the lines that a database refuses."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanlogger.deliver.bisection import Bisection
from hanlogger.deliver.lines import Line
from hanlogger.journal import Refusal

CONFLICT = "partial write: field type conflict"
TOO_OLD = "partial write: dropped 2 points outside retention policy"


def telegrams(number: int, series: int = 20) -> list[Line]:
    return [
        Line(record, b"series%d value=1 %d\n" % (each, record)) for record in range(number) for each in range(series)
    ]


def find(
    lines: Sequence[Line], bad: Callable[[Line], bool], budget: int = 10**6, reason: str = CONFLICT
) -> tuple[list[Line], list[Refusal], int]:
    """The lines taken, the refusals and the number of requests, of a database that refuses what is bad."""
    bisection = Bisection(lines, budget)
    taken: list[Line] = []
    requests = 0
    while piece := bisection.piece:
        requests += 1
        if any(map(bad, piece)):
            bisection.refuse(reason)
        else:
            taken += piece
            bisection.accept()
    return taken, bisection.refusals, requests


def test_one_bad_line_of_thousands_is_found_in_a_few_requests() -> None:
    lines = telegrams(250)
    taken, refusals, requests = find(lines, lambda line: line == lines[3333])
    assert sorted(taken) == sorted(line for line in lines if line != lines[3333])
    assert refusals == [Refusal(166, 166, b"series13 value=1 166", CONFLICT)]
    assert requests < 30


@given(st.sets(st.integers(0, 99)), st.integers(1, 5))
def test_with_requests_enough_exactly_the_bad_lines_are_refused(bad: set[int], series: int) -> None:
    lines = telegrams(100 // series, series)
    wrong = {lines[index] for index in bad if index < len(lines)}
    taken, refusals, _ = find(lines, wrong.__contains__)
    assert sorted(taken) == sorted(set(lines) - wrong)
    assert sorted((refusal.first_id, refusal.line) for refusal in refusals) == sorted(
        (line.record_id, line.data.rstrip(b"\n")) for line in wrong
    )


def test_a_series_that_is_refused_costs_no_line_of_another() -> None:
    """A field that became an integer, in a backlog: the budget ends, and only that series is affected."""
    lines = telegrams(250)
    taken, refusals, requests = find(lines, lambda line: line.data.startswith(b"series7 "), budget=200)
    assert requests <= 200
    assert {line.data.partition(b" ")[0] for line in lines} - {line.data.partition(b" ")[0] for line in taken} == {
        b"series7"
    }
    assert len(taken) == 250 * 19
    (rest,) = [refusal for refusal in refusals if refusal.line is None]
    assert rest.reason == CONFLICT


def test_a_backlog_older_than_the_retention_costs_no_line_that_is_not() -> None:
    lines = telegrams(250)
    taken, refusals, requests = find(lines, lambda line: line.record_id < 100, budget=200, reason=TOO_OLD)
    assert requests <= 200
    assert len(taken) == 150 * 20
    assert max(refusal.last_id for refusal in refusals) == 99
    assert min(refusal.first_id for refusal in refusals) == 0


def test_where_all_seems_bad_is_looked_into_last() -> None:
    """So that the budget ends among bad lines, and every good one is in the database."""
    lines = [Line(record, b"series value=1 %d\n" % record) for record in range(4096)]
    taken, refusals, requests = find(lines, lambda line: line.record_id < 2048 or line.record_id == 3000, budget=60)
    assert requests == 60
    assert {line.record_id for line in taken} == {*range(2048, 4096)} - {3000}
    assert Refusal(3000, 3000, b"series value=1 3000", CONFLICT) in refusals


def test_beyond_the_budget_the_rest_is_refused_as_one_range() -> None:
    lines = telegrams(250)
    taken, refusals, requests = find(lines, lambda _: True, budget=50)
    assert (taken, requests) == ([], 50)
    assert refusals[-1] == Refusal(0, 249, None, CONFLICT)


@given(st.integers(0, 24), st.sets(st.integers(0, 99)), st.integers(1, 60), st.integers(1, 5))
def test_within_any_budget_every_line_is_taken_or_among_the_refusals(
    number: int, bad: set[int], budget: int, series: int
) -> None:
    lines = telegrams(number, series)
    wrong = {lines[index] for index in bad if index < len(lines)}
    taken, refusals, requests = find(lines, wrong.__contains__, budget)
    singles = {(refusal.first_id, refusal.line) for refusal in refusals if refusal.line is not None}
    ranges = [(refusal.first_id, refusal.last_id) for refusal in refusals if refusal.line is None]
    for line in lines:
        told = line in taken or (line.record_id, line.data.rstrip(b"\n")) in singles
        assert told or any(first <= line.record_id <= last for first, last in ranges), line
    assert not wrong & set(taken)
    assert requests <= budget
    assert all(refusal.reason == CONFLICT for refusal in refusals)


@pytest.mark.parametrize("budget", range(1, 9))
def test_where_the_budget_ends_the_halves_that_are_left_are_refused_too(budget: int) -> None:
    lines = telegrams(8, 1)
    taken, refusals, _ = find(lines, lambda line: line.record_id < 2, budget)
    refused = {number for each in refusals for number in range(each.first_id, each.last_id + 1)}
    assert refused | {line.record_id for line in taken} == set(range(8))


@pytest.mark.parametrize("lines", [[], telegrams(1, 1)])
def test_nothing_is_asked_about_nothing(lines: list[Line]) -> None:
    assert find(lines, lambda _: False)[2] == len(lines)
