"""Turn the facts of a report into the words and shapes that its template writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from hanlogger.charts import SIZE, Label, Scale, make_scale
from hanlogger.intervals import Sum
from hanlogger.reports.facts import Facts
from hanlogger.reports.words import Speaker
from hanlogger.tariffs.bill import BillLine, worst
from hanlogger.tariffs.energy import Known
from hanlogger.tariffs.text import round_to

LEAST = 1000.0  # Wh that a chart spans at least
GAP = 0.2  # share of a bar's room
MOST_GAPS = 12
HOURS = 24
PLACES = 3


class Bar(NamedTuple):
    """The energy of a day or a month: heights from nought, up and down."""

    x: float
    width: float
    up: float
    down: float
    whole: bool
    text: str


class Bars(NamedTuple):
    """A chart of bars with its scale and its labels."""

    title: str
    bars: tuple[Bar, ...]
    zero: float
    x: tuple[Label, ...]
    y: tuple[Label, ...]
    note: str


class Cell(NamedTuple):
    """One hour of a day, or of all days of a month: how dark it is drawn; None where it is not known."""

    x: float
    y: float
    shade: float | None
    text: str


class Map(NamedTuple):
    """Energy by hour: a column for each day or month, a row for each hour."""

    title: str
    cells: tuple[Cell, ...]
    width: float
    height: float
    x: tuple[Label, ...]
    note: str


class Row(NamedTuple):
    """A row of the comparison: of this term, the one before, and that of a year before."""

    name: str
    this: str
    before: str
    change: str
    year_before: str
    year_change: str


class CostRow(NamedTuple):
    """A line of the cost, its share of the greatest in per cent."""

    name: str
    quantity: str
    amount: str
    share: float


class View(NamedTuple):
    """All that a report shows, in the order of its page."""

    title: str
    months: int
    meter: str
    rows: tuple[Row, ...]
    charts: tuple[Bars, ...]
    hours: Map
    peaks: tuple[tuple[str, str, str, str], ...]
    costs: tuple[CostRow, ...]
    total: str
    notes: tuple[str, ...]
    gaps: tuple[str, ...]
    coverage: str
    made: str


def make_view(meter: str, facts: Facts, before: Facts, year_before: Facts, say: Speaker, now: datetime) -> View:
    """Return a report's view. before, year_before: the facts of the terms that it is compared with."""
    terms = (facts, before, year_before)
    costs = list(_list_costs(facts, say))
    parts = facts.days if facts.term.months == 1 else facts.months
    title = "by_day" if facts.term.months == 1 else "by_month"
    return View(
        _name_term(facts, say),
        facts.term.months,
        meter,
        tuple(_compare_all(terms, say, now)),
        (_draw_bars(say(title), parts, facts, say),),
        _draw_map(facts, say),
        tuple(_list_peaks(facts, say)),
        tuple(costs),
        _say_cost(facts, say),
        tuple(_list_notes(facts, say)),
        tuple(_list_gaps(facts, say)),
        say.amount(find_coverage(facts, now), "%", 1),
        say("made", at=say.date_time(now)),
    )


def _name_term(facts: Facts, say: Speaker) -> str:
    first = facts.term.first
    return str(first.year) if facts.term.months > 1 else f"{say.month(first).capitalize()} {first.year}"


def _compare_all(terms: Sequence[Facts], say: Speaker, now: datetime) -> Iterator[Row]:
    energies = {
        "import": [each.total.imported for each in terms],
        "export": [each.total.exported for each in terms],
    }
    whole = [each.total.quality == "measured" for each in terms]
    for name, values in energies.items():
        if any(values):
            yield _compare(say(name), [say.energy(value) for value in values], values, whole)
    if any(each.bills for each in terms):
        sums = [_sum_bills(each) for each in terms]
        known = [_find_quality(each) == "measured" for each in terms]
        yield _compare(say("cost"), [_say_cost(each, say) for each in terms], sums, known)
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


def _sum_bills(facts: Facts) -> Decimal | None:
    return sum((bill.known for bill in facts.bills), Decimal(0)) if facts.bills else None


def _find_quality(facts: Facts) -> Known:
    return worst(bill.quality for bill in facts.bills)


def _say_cost(facts: Facts, say: Speaker) -> str:
    """Return the sum of the bills, or what is known of it; a dash where nothing of the term is known."""
    total = _sum_bills(facts)
    if total is None or facts.total.quality == "unknown":
        return "–"
    return say(_find_quality(facts), amount=say.amount(total, facts.bills[0].currency, 2))


def find_coverage(facts: Facts, now: datetime) -> Decimal | None:
    """Return how much of the term up to now is known by the hour, in per cent; None before it has begun."""
    begun = [hour for hour in facts.hours if hour.end <= now]
    known = sum(1 for hour in begun if hour.quality == "measured" and hour.imported is not None)
    return Decimal(100 * known) / len(begun) if begun else None


def _draw_bars(title: str, parts: Sequence[Sum], facts: Facts, say: Speaker) -> Bars:
    up = [float(part.imported or 0) for part in parts]
    down = [-float(part.exported or 0) for part in parts]
    scale = make_scale([*up, *down], LEAST)
    room, zero = SIZE / len(parts), scale.y(0.0)
    bars = tuple(
        Bar(
            room * (number + GAP / 2),
            room * (1 - GAP),
            zero - scale.y(up[number]),
            scale.y(down[number]) - zero,
            part.quality == "measured",
            f"{say.local(part.start):%Y-%m-%d}: {say.energy(part.imported)}",
        )
        for number, part in enumerate(parts)
    )
    labels = tuple(
        Label(100 * (number + 0.5) / len(parts), _name_part(part, facts, say)) for number, part in enumerate(parts)
    )
    pale = any(part.quality != "measured" for part in parts)
    note = " ".join([say("sides"), *([say("partial_bars")] if pale else [])])
    return Bars(title, bars, zero, labels, _label_scale(scale, say), note)


def _label_scale(scale: Scale, say: Speaker) -> tuple[Label, ...]:
    places = 0 if scale.lines[1] - scale.lines[0] >= 1000 else 1
    return tuple(Label(100 * scale.y(value) / SIZE, say.energy(value, places)) for value in scale.lines)


def _name_part(part: Sum, facts: Facts, say: Speaker) -> str:
    local = say.local(part.start)
    return str(local.day) if facts.term.months == 1 else say.month(local.date())[:3]


def _draw_map(facts: Facts, say: Speaker) -> Map:
    """Return the import of each hour; for a year, the mean of each hour over the days of a month."""
    by_day = facts.term.months == 1
    columns = len(facts.days) if by_day else facts.term.months
    sums: dict[tuple[int, int], list[Sum]] = {}
    for hour in facts.hours:
        local = say.local(hour.start)
        sums.setdefault((local.day - 1 if by_day else local.month - 1, local.hour), []).append(hour)
    means = {place: _find_mean(hours) for place, hours in sums.items()}
    most = max((mean for mean in means.values() if mean is not None), default=Decimal(0))
    width, height = SIZE / columns, SIZE / HOURS
    cells = []
    for (column, row), mean in sorted(means.items()):
        shade = None if mean is None else float(mean / most) if most else 0.0
        cells.append(Cell(column * width, row * height, shade, f"{row:02}: {say.energy(mean, 2)}"))
    parts = facts.days if by_day else facts.months
    labels = tuple(
        Label(100 * (number + 0.5) / columns, _name_part(part, facts, say)) for number, part in enumerate(parts)
    )
    hatched = say("unknown_cells") if any(cell.shade is None for cell in cells) else ""
    note = f"{say('most', most=say.energy(most, 2))}. {hatched}"
    title = say("by_hour" if by_day else "by_hour_mean")
    return Map(title, tuple(cells), width, height, labels, note)


def _find_mean(hours: Sequence[Sum]) -> Decimal | None:
    """Return the mean import of the hours that are fully known; None where there are none."""
    known = [hour.imported for hour in hours if hour.imported is not None and hour.quality == "measured"]
    return sum(known, Decimal(0)) / len(known) if known else None


def _list_peaks(facts: Facts, say: Speaker) -> Iterator[tuple[str, str, str, str]]:
    """Yield fee name, beginning, power and fee of each peak; only the first peak of a fee has the fee."""
    for bill in facts.bills:
        for cost in bill.powers:
            line = next((line for line in bill.lines if line.line == cost.line.name), None)
            fee = say(line.quality, amount=say.amount(line.known, bill.currency, 2)) if line else ""
            for number, peak in enumerate(peak for peaks in cost.peaks for peak in peaks.chosen):
                kw = say.amount(round_to(peak.kw, PLACES), "kW", 2)
                power = kw if peak.quality == "measured" else say("at least", amount=kw)
                name = cost.line.name if not number else ""
                yield name, say.date_time(peak.start), power, fee if not number else ""


def _list_costs(facts: Facts, say: Speaker) -> Iterator[CostRow]:
    by_name: dict[str, list[BillLine]] = {}
    for line in (line for bill in facts.bills for line in bill.lines):
        by_name.setdefault(line.name, []).append(line)
    sums = {name: sum((line.known for line in lines), Decimal(0)) for name, lines in by_name.items()}
    most = max(map(abs, sums.values()), default=Decimal(0))
    for name, lines in by_name.items():
        quantities = [round_to(line.quantity, PLACES) for line in lines if line.quantity is not None]
        unit = say(lines[0].unit) if lines[0].unit in ("month", "day") else lines[0].unit
        adds_up = bool(quantities) and (len(lines) == 1 or lines[0].unit != "kW")
        summed = sum(quantities, Decimal(0)) if adds_up else None
        amount = say(worst(line.quality for line in lines), amount=say.amount(sums[name], facts.bills[0].currency, 2))
        share = float(100 * abs(sums[name]) / most) if most else 0.0
        yield CostRow(name, "" if summed is None else say.amount(summed, unit, 2), amount, share)


def _list_notes(facts: Facts, say: Speaker) -> Iterator[str]:
    if not facts.bills:
        yield say("no_tariff")
    if any(bill.missing for bill in facts.bills):
        yield say("missing")
    yield from dict.fromkeys(note.to(say.language) for bill in facts.bills for note in bill.notes)


def _list_gaps(facts: Facts, say: Speaker) -> Iterator[str]:
    longest = sorted(facts.gaps, key=lambda gap: gap.start - gap.end)[:MOST_GAPS]
    for gap in sorted(longest):
        ends = {"start": say.date_time(gap.start), "end": say.date_time(gap.end)}
        yield say("gap_none", **ends) if gap.wh is None else say("gap_sum", wh=say.energy(gap.wh, 2), **ends)
    if len(facts.gaps) > MOST_GAPS:
        yield say("more_gaps", number=str(len(facts.gaps) - MOST_GAPS))
    if not facts.gaps:
        yield say("no_gaps")
