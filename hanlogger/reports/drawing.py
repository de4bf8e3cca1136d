"""The charts of a report: bars of energy by day or month, and a map of the import by hour."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from hanlogger.charts import SIZE, Label, Scale, make_scale
from hanlogger.intervals import Sum
from hanlogger.reports.facts import Facts
from hanlogger.reports.words import ReportSpeech

LEAST = 1000.0  # Wh that a chart spans at least
GAP = 0.2  # share of a bar's room
HOURS = 24


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


def draw_bars(facts: Facts, say: ReportSpeech) -> Bars:
    """Return the energy of each day of a month, or each month of a year."""
    ends = [float(end) for part in facts.parts for end in (part.imported or 0, -(part.exported or 0))]
    scale = make_scale(ends, LEAST)
    bars = tuple(_draw_bar(number, part, len(facts.parts), scale, say) for number, part in enumerate(facts.parts))
    pale = not all(bar.whole for bar in bars)
    note = " ".join([say("sides"), *([say("partial_bars")] if pale else [])])
    title = say("by_day" if facts.term.months == 1 else "by_month")
    return Bars(title, bars, scale.place(0.0), _label_parts(facts, say), _label_scale(scale, say), note)


def _draw_bar(number: int, part: Sum, count: int, scale: Scale, say: ReportSpeech) -> Bar:
    room, zero = SIZE / count, scale.place(0.0)
    return Bar(
        room * (number + GAP / 2),
        room * (1 - GAP),
        zero - scale.place(float(part.imported or 0)),
        scale.place(-float(part.exported or 0)) - zero,
        part.quality == "measured",
        f"{say.local(part.start):%Y-%m-%d}: {say.energy(part.imported)}",
    )


def _label_scale(scale: Scale, say: ReportSpeech) -> tuple[Label, ...]:
    places = 0 if scale.lines[1] - scale.lines[0] >= 1000 else 1
    return tuple(Label(100 * scale.place(value) / SIZE, say.energy(value, places)) for value in scale.lines)


def _label_parts(facts: Facts, say: ReportSpeech) -> tuple[Label, ...]:
    days = [say.local(part.start).date() for part in facts.parts]
    names = (str(day.day) if facts.term.months == 1 else say.month(day)[:3] for day in days)
    return tuple(Label(100 * (number + 0.5) / len(days), name) for number, name in enumerate(names))


def draw_map(facts: Facts, say: ReportSpeech) -> Map:
    """Return the import of each hour; for a year, the mean of each hour over the days of a month."""
    by_day = facts.term.months == 1
    sums: dict[tuple[int, int], list[Sum]] = {}
    for hour in facts.hours:
        local = say.local(hour.start)
        sums.setdefault((local.day - 1 if by_day else local.month - 1, local.hour), []).append(hour)
    means = {place: _find_mean(hours) for place, hours in sums.items()}
    most = max((mean for mean in means.values() if mean is not None), default=Decimal(0))
    width, height = SIZE / len(facts.parts), SIZE / HOURS
    cells = []
    for (column, row), mean in sorted(means.items()):
        shade = None if mean is None else float(mean / most) if most else 0.0
        cells.append(Cell(column * width, row * height, shade, f"{row:02}: {say.energy(mean, 2)}"))
    hatched = say("unknown_cells") if any(cell.shade is None for cell in cells) else ""
    note = f"{say('most', most=say.energy(most, 2))}. {hatched}"
    title = say("by_hour" if by_day else "by_hour_mean")
    return Map(title, tuple(cells), width, height, _label_parts(facts, say), note)


def _find_mean(hours: Sequence[Sum]) -> Decimal | None:
    """Return the mean import of the hours that are fully known; None where there are none."""
    known = [hour.imported for hour in hours if hour.imported is not None and hour.quality == "measured"]
    return sum(known, Decimal(0)) / len(known) if known else None
