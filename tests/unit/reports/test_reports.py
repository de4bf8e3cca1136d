"""A report: what it says of a month is what the intervals say, in both languages, and nothing is fetched for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from hanlogger.costs.months import read_no_prices
from hanlogger.intervals import Span
from hanlogger.journal import Journal
from hanlogger.reports import Facts, Term, read_facts, write_page
from hanlogger.reports.facts import find_gaps
from hanlogger.reports.view import find_coverage, make_view
from hanlogger.reports.words import WORDS, ReportSpeech
from tests.support.tariffing import tariff
from tests.support.web import frames_of, record

pytestmark = pytest.mark.xdist_group("reports")  # one journal of seven weeks is made for all
ZONE = "Europe/Stockholm"
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
GAP = (datetime(2026, 10, 12, 5, tzinfo=UTC), datetime(2026, 10, 12, 9, tzinfo=UTC))
OCTOBER = Term(date(2026, 10, 1))
RULE = tariff('[[energy]]\nname = "Transfer"\nprice = 0.25\n[[power]]\nname = "Power <fee>"\nprice = 45\npeaks = 2\n')


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    """A telegram at each border from the middle of September to the end of October, but in a gap."""
    start = datetime(2026, 9, 15, tzinfo=UTC)
    every = (start + timedelta(minutes=15 * number) for number in range(48 * 96))
    path = tmp_path_factory.mktemp("report") / "journal.sqlite3"
    times = [at for at in every if not GAP[0] < at < GAP[1]]
    record(path, "home", frames_of("p1-aidon", times, step=timedelta(minutes=5)))
    with Journal.open(path, read_only=True) as opened:
        yield opened


def facts_of(journal: Journal, term: Term, *, rule: bool = True) -> Facts:
    return read_facts(journal, "home", ZONE, [RULE] if rule else [], read_no_prices, term, NOW)


def page(journal: Journal, language: str = "en", *, rule: bool = True) -> str:
    three = [facts_of(journal, term, rule=rule) for term in (OCTOBER, OCTOBER.before, OCTOBER.year_before)]
    return write_page("home", three[0], three[1], three[2], "sv" if language == "sv" else "en", ZONE, NOW)


def test_a_month_is_the_sum_of_its_spans(journal: Journal) -> None:
    facts = facts_of(journal, OCTOBER)
    begin, end = datetime(2026, 9, 30, 22, tzinfo=UTC), datetime(2026, 10, 31, 23, tzinfo=UTC)
    spans = journal.intervals.read_spans("home", begin, end)
    total = sum((span.imported for span in spans if span.imported), Decimal(0))
    assert (facts.total.imported, facts.total.quality) == (total, "measured")
    assert len(facts.days) == 31
    assert len(facts.hours) == 31 * 24 + 1  # the clock is put back
    assert find_coverage(facts, NOW) == Decimal(100 * 741) / 745
    assert [(gap.start, gap.end) for gap in facts.gaps] == [GAP]


def test_bars_stand_at_their_day_in_proportion_to_its_energy(journal: Journal) -> None:
    facts = facts_of(journal, OCTOBER)
    view = make_view("home", facts, facts, facts, ReportSpeech("en", ZoneInfo(ZONE)), NOW)
    chart = view.energy
    energies = [Fraction(day.imported or 0) for day in facts.days]
    for bar, energy in zip(chart.bars, energies, strict=True):
        assert bar.up / chart.bars[0].up == pytest.approx(float(energy / energies[0]))
    assert [number for number, bar in enumerate(chart.bars, 1) if not bar.whole] == []  # its gap lies within one
    assert [label.text for label in chart.x] == [str(number) for number in range(1, 32)]


def test_the_map_is_hatched_where_an_hour_is_not_known_and_darkest_at_its_most(journal: Journal) -> None:
    facts = facts_of(journal, OCTOBER)
    cells = make_view("home", facts, facts, facts, ReportSpeech("en", ZoneInfo(ZONE)), NOW).hours.cells
    assert len(cells) == 31 * 24
    hatched = [(round(cell.x / 1000 * 31), round(cell.y / 1000 * 24)) for cell in cells if cell.shade is None]
    assert hatched == [(11, 7), (11, 8), (11, 9), (11, 10)]  # the twelfth, from 07 to 11 by the clock
    assert max(cell.shade for cell in cells if cell.shade is not None) == 1.0


def test_a_change_is_told_only_between_what_is_known_whole(journal: Journal) -> None:
    facts, before = facts_of(journal, OCTOBER), facts_of(journal, OCTOBER.before)
    say = ReportSpeech("en", ZoneInfo(ZONE))
    imported = make_view("home", facts, before, facts, say, NOW).rows[0]
    assert (imported.change, imported.year_change) == ("", "+0 %")  # half of September is missing


def test_costs_and_peaks_are_those_of_the_bill(journal: Journal) -> None:
    facts = facts_of(journal, OCTOBER)
    view = make_view("home", facts, facts, facts, ReportSpeech("en", ZoneInfo(ZONE)), NOW)
    bill = facts.bills[0]
    assert view.total == f"at least {ReportSpeech('en', ZoneInfo(ZONE)).amount(bill.known, 'SEK', 2)}"
    assert [row.name for row in view.costs] == [line.name for line in bill.lines]
    peaks = [peak for cost in bill.powers for each in cost.peaks for peak in each.chosen]
    assert [name for name, _, _, _ in view.peaks] == ["Power <fee>", ""]  # the fee is told once
    assert [at for _, at, _, _ in view.peaks] == [f"{RULE.clock.tell(peak.start):%Y-%m-%d %H:%M}" for peak in peaks]


def test_the_page_needs_nothing_but_itself(journal: Journal) -> None:
    html = page(journal)
    assert not re.search(r"https?:|<script|<link|<img|@import|url\((?!#)", html)
    assert "Power &lt;fee&gt;" in html
    assert "2026-10-12 07:00 to 2026-10-12 11:00" in html


def test_the_page_speaks_swedish(journal: Journal) -> None:
    html = page(journal, "sv")
    assert '<html lang="sv">' in html
    assert "Oktober 2026" in html
    assert re.search(r"\d,\d\u00a0kWh", html)


def test_every_text_is_there_in_both_languages_with_the_same_facts() -> None:
    for key, text in WORDS.items():
        names = [sorted(re.findall(r"{(\w+)}", each)) for each in text]
        assert names[0] == names[1], key


def test_without_a_tariff_there_is_no_cost_and_that_is_said(journal: Journal) -> None:
    html = page(journal, rule=False)
    assert "No tariff is set" in html
    assert "SEK" not in html


def test_a_year_has_a_bar_for_each_month_and_no_column_for_the_same_year_twice(journal: Journal) -> None:
    year = Term(date(2026, 1, 1), 12)
    this, before = facts_of(journal, year), facts_of(journal, year.before)
    html = write_page("home", this, before, before, "en", ZONE, NOW)
    assert len(make_view("home", this, before, before, ReportSpeech("en", ZoneInfo(ZONE)), NOW).energy.bars) == 12
    assert "A year before" not in html
    assert year.before == year.year_before == Term(date(2025, 1, 1), 12)
    assert len(this.bills) == 11  # December has not begun


def test_what_lies_between_spans_is_a_gap_of_which_nothing_is_known() -> None:
    hour = timedelta(hours=1)
    span = Span(NOW, NOW + hour, Decimal(1), None, "measured")
    assert [gap[:] for gap in find_gaps([span], NOW - hour, NOW + 2 * hour)] == [
        (NOW - hour, NOW, None),
        (NOW + hour, NOW + 2 * hour, None),
    ]
    assert find_gaps([span], NOW, NOW + hour) == []
    assert OCTOBER.last == date(2026, 10, 31)
