"""Turn the facts of a report into the words and shapes that its template writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from hanlogger.reports.drawing import Bars, Map, draw_bars, draw_map
from hanlogger.reports.facts import Facts
from hanlogger.reports.money import CostRow, find_quality, list_costs, list_peaks, say_cost, sum_bills
from hanlogger.reports.words import ReportSpeech

MOST_GAPS = 12


class Row(NamedTuple):
    """A row of the comparison: of this term, the one before, and that of a year before."""

    name: str
    this: str
    before: str
    change: str
    year_before: str
    year_change: str


class View(NamedTuple):
    """All that a report shows, in the order of its page."""

    title: str
    months: int
    meter: str
    rows: tuple[Row, ...]
    energy: Bars
    hours: Map
    peaks: tuple[tuple[str, str, str, str], ...]
    costs: tuple[CostRow, ...]
    total: str
    notes: tuple[str, ...]
    gaps: tuple[str, ...]
    coverage: str
    made: str


def make_view(meter: str, facts: Facts, before: Facts, year_before: Facts, say: ReportSpeech, now: datetime) -> View:
    """Return a report's view. before, year_before: the facts of the terms that it is compared with."""
    terms = (facts, before, year_before)
    return View(
        _name_term(facts, say),
        facts.term.months,
        meter,
        tuple(_compare_all(terms, say, now)),
        draw_bars(facts, say),
        draw_map(facts, say),
        tuple(list_peaks(facts, say)),
        tuple(list_costs(facts, say)),
        say_cost(facts, say),
        tuple(_list_notes(facts, say)),
        tuple(_list_gaps(facts, say)),
        say.amount(find_coverage(facts, now), "%", 1),
        say("made", at=say.minute(now)),
    )


def _name_term(facts: Facts, say: ReportSpeech) -> str:
    first = facts.term.first
    return str(first.year) if facts.term.months > 1 else f"{say.month(first).capitalize()} {first.year}"


def _compare_all(terms: Sequence[Facts], say: ReportSpeech, now: datetime) -> Iterator[Row]:
    energies = {
        "import": [each.total.imported for each in terms],
        "export": [each.total.exported for each in terms],
    }
    whole = [each.total.quality == "measured" for each in terms]
    for name, values in energies.items():
        if any(values):
            yield _compare(say(name), [say.energy(value) for value in values], values, whole)
    if any(each.bills for each in terms):
        known = [find_quality(each) == "measured" for each in terms]
        yield _compare(say("cost"), [say_cost(each, say) for each in terms], list(map(sum_bills, terms)), known)
    shares = [find_coverage(each, now) for each in terms]
    yield _compare(say("coverage"), [say.amount(share, "%", 1) for share in shares], [None] * 3, whole)


def _compare(name: str, said: Sequence[str], values: Sequence[Decimal | None], whole: Sequence[bool]) -> Row:
    """Return a row; it has a change in per cent only where both values are fully known."""

    def change(other: int) -> str:
        one, then = values[0], values[other]
        if one is None or not then or not (whole[0] and whole[other]):
            return ""
        return f"{100 * (one - then) / then:+.0f} %"

    return Row(name, said[0], said[1], change(1), said[2], change(2))


def find_coverage(facts: Facts, now: datetime) -> Decimal | None:
    """Return how much of the term up to now is known by the hour, in per cent; None before it has begun."""
    begun = [hour for hour in facts.hours if hour.end <= now]
    known = sum(1 for hour in begun if hour.quality == "measured" and hour.imported is not None)
    return Decimal(100 * known) / len(begun) if begun else None


def _list_notes(facts: Facts, say: ReportSpeech) -> Iterator[str]:
    if not facts.bills:
        yield say("no_tariff")
    if any(bill.missing for bill in facts.bills):
        yield say("missing")
    yield from dict.fromkeys(note.to(say.language) for bill in facts.bills for note in bill.notes)


def _list_gaps(facts: Facts, say: ReportSpeech) -> Iterator[str]:
    longest = sorted(facts.gaps, key=lambda gap: gap.start - gap.end)[:MOST_GAPS]
    for gap in sorted(longest):
        ends = {"start": say.minute(gap.start), "end": say.minute(gap.end)}
        yield say("gap_none", **ends) if gap.wh is None else say("gap_sum", wh=say.energy(gap.wh, 2), **ends)
    if len(facts.gaps) > MOST_GAPS:
        yield say("more_gaps", number=str(len(facts.gaps) - MOST_GAPS))
    if not facts.gaps:
        yield say("no_gaps")
