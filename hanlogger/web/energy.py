"""What the page *Energy* shows: a day by quarter, its month by day and its year by month, against the period before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import NamedTuple

from hanlogger.charts import SIZE, Bar, Label, Scale, make_scale
from hanlogger.intervals import QUARTER
from hanlogger.web.energies import Energies, Energy
from hanlogger.web.language import PageSpeech
from hanlogger.web.periods import KINDS, Kind, Period, find_period

LEAST = 100.0  # Wh that a chart spans at least
GAP = 0.18  # share of a bar's room that stays free
EVERY: dict[Kind, int] = {"day": 16, "month": 5, "year": 1}
"""How many parts of a period share one label: four hours, five days, a month."""


class Total(NamedTuple):
    """An energy of the whole period, and of the period before up to the same time."""

    title: str
    amount: str
    before: str
    change: str  # "" where there is nothing to compare with
    note: str  # "" where the whole of it is known


class PeriodView(NamedTuple):
    """One chart of energies with its totals, as a text and as a table."""

    kind: Kind
    title: str
    part: str  # what a row of the table is about
    totals: tuple[Total, ...]
    bars: tuple[Bar, ...]
    zero: float
    x: tuple[Label, ...]
    y: tuple[Label, ...]
    rows: tuple[tuple[str, str, str, str], ...]
    summary: str
    previous: date
    next: date | None  # None: it lies in the future
    has_export: bool
    known: bool


def view_energy(energies: Energies, meter: str, day: date, now: datetime, say: PageSpeech) -> list[PeriodView]:
    """Return the charts of the day, of its month and of its year."""
    return [view_period(energies, meter, find_period(kind, day), now, say) for kind in KINDS]


def view_period(energies: Energies, meter: str, period: Period, now: datetime, say: PageSpeech) -> PeriodView:
    """Return the chart of one period, with that of the period before behind it."""
    parts = energies.measure_between(meter, period.list_bounds(say.zone), now)
    before = energies.measure_between(meter, period.previous.list_bounds(say.zone), now)
    scale = _make_scale(parts, before)
    bars = tuple(_draw_bars(parts, before, scale, period, say))
    known = any(part.imported is not None or part.exported is not None for part in parts)
    totals = tuple(_list_totals(parts, _look_up_past(energies, meter, period, now, say), say, now))
    return PeriodView(
        period.kind,
        _make_title(period, say),
        say(f"energy.part_{period.kind}"),
        totals,
        bars,
        scale.place(0.0),
        tuple(_label_x(parts, period, say)),
        tuple(Label(100 * scale.place(value) / SIZE, say.energy(value, _count_places(scale))) for value in scale.lines),
        tuple(_list_rows(parts, before, period, say)),
        _summarise(parts, period, say) if known else say("energy.nothing"),
        period.previous.first,
        period.next.first if period.next.first <= now.astimezone(say.zone).date() else None,
        any(part.exported for part in parts),
        known,
    )


def _look_up_past(energies: Energies, meter: str, period: Period, now: datetime, say: PageSpeech) -> Energy:
    """Return the energy of the period before, up to the same quarter of an hour if this one goes on."""
    bounds, earlier = period.list_bounds(say.zone), period.previous.list_bounds(say.zone)
    end = earlier[-1] if now >= bounds[-1] else min(earlier[-1], earlier[0] + (now - bounds[0]) // QUARTER * QUARTER)
    return energies.measure(meter, earlier[0], end, now)


def _make_scale(parts: Sequence[Energy], before: Sequence[Energy]) -> Scale:
    up = [float(part.imported) for part in (*parts, *before) if part.imported is not None]
    down = [-float(part.exported) for part in parts if part.exported is not None]
    return make_scale([*up, *down], LEAST)


def _count_places(scale: Scale) -> int:
    step = scale.lines[1] - scale.lines[0]
    return 0 if step >= 1000 else 1 if step >= 100 else 2


def _draw_bars(
    parts: Sequence[Energy], before: Sequence[Energy], scale: Scale, period: Period, say: PageSpeech
) -> Iterator[Bar]:
    width, zero = SIZE / len(parts), scale.place(0.0)
    for number, part in enumerate(parts):
        past = before[number].imported if number < len(before) else None
        yield Bar(
            width * (number + GAP / 2),
            width * (1 - GAP),
            zero - scale.place(float(part.imported or 0)),
            scale.place(-float(part.exported or 0)) - zero,
            None if past is None else scale.place(float(past)),
            f"{_name_part(part, period, say)}: {_describe(part, say)}",
        )


def _describe(part: Energy, say: PageSpeech) -> str:
    words = f"{say('energy.import')} {say.energy(part.imported)}"
    return words if not part.exported else f"{words}, {say('energy.export')} {say.energy(part.exported)}"


def _name_part(part: Energy, period: Period, say: PageSpeech) -> str:
    local = part.start.astimezone(say.zone)
    if period.kind == "day":
        return f"{say.clock(part.start)}–{say.clock(part.end)}"
    return f"{local.day} {say.month(local.month)}" if period.kind == "month" else say.month(local.month)


def _label_x(parts: Sequence[Energy], period: Period, say: PageSpeech) -> Iterator[Label]:
    every = EVERY[period.kind]
    for number in range(0, len(parts), every):
        local = parts[number].start.astimezone(say.zone)
        text = {"day": f"{local:%H}", "month": f"{local.day}", "year": say.month(local.month)[:3]}[period.kind]
        middle = number if period.kind == "day" else number + 0.5
        yield Label(100 * middle / len(parts), text, "start" if not middle else "middle")


def _list_rows(
    parts: Sequence[Energy], before: Sequence[Energy], period: Period, say: PageSpeech
) -> Iterator[tuple[str, str, str, str]]:
    for number, part in enumerate(parts):
        past = before[number].imported if number < len(before) else None
        yield _name_part(part, period, say), say.energy(part.imported), say.energy(part.exported), say.energy(past)


def _make_title(period: Period, say: PageSpeech) -> str:
    if period.kind == "day":
        return say.day(period.first)
    month = say.month(period.first.month)
    return f"{month.capitalize()} {period.first.year}" if period.kind == "month" else str(period.first.year)


def _summarise(parts: Sequence[Energy], period: Period, say: PageSpeech) -> str:
    most = max(parts, key=lambda part: part.imported or Decimal(-1))
    return say(
        "energy.summary",
        title=_make_title(period, say),
        most=say.energy(most.imported),
        at=_name_part(most, period, say),
    )


def _list_totals(this: Sequence[Energy], past: Energy, say: PageSpeech, now: datetime) -> Iterator[Total]:
    for way, parts, before in (
        ("import", [part.imported for part in this], past.imported),
        ("export", [part.exported for part in this], past.exported),
    ):
        known = [part for part in parts if part is not None]
        total = sum(known, Decimal(0)) if known else None
        whole = all(one is not None and part.whole for one, part in zip(parts, this, strict=True) if part.start < now)
        if way == "import" or total or before:
            change = _compare(total, before, say) if whole else ""
            note = "" if whole or total is None else say("energy.incomplete")
            yield Total(say(f"energy.{way}"), say.energy(total), say.energy(before), change, note)


def _compare(one: Decimal | None, other: Decimal | None, say: PageSpeech) -> str:
    if one is None or not other:
        return ""
    change = 100 * (one - other) / other
    sign = "+" if change > 0 else ""
    return f"{sign}{say.amount(change, '%')}"


def read_day(text: str | None, now: datetime, zone: tzinfo) -> date:
    """Return the day that an address names, today for none. ValueError for one that is none, or is to come."""
    today = now.astimezone(zone).date()
    day = today if text is None else date.fromisoformat(text)
    if not date(2000, 1, 1) <= day <= today:
        raise ValueError(text)
    return day
