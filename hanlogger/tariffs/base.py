"""The table `base` of a tariff file: another file, in a form of others, which tariff in it, and what is to be added."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from hanlogger.tariffs.fields import WEEKDAYS, read_days_off
from hanlogger.tariffs.schema import Day, Months, Number, PerCent, Positive, Table, Text

Tree = dict[str, Any]
LINES = ("fixed", "energy", "export", "support", "power")


def read_pattern(given: Any) -> tuple[str, ...]:
    """Return the weekdays and days off of a calendar pattern."""
    names = given if isinstance(given, list | tuple) else [given]
    weekdays = tuple(name for name in names if name in WEEKDAYS)
    return (*weekdays, *read_days_off([name for name in names if name not in WEEKDAYS]))


class SeasonTable(Table):
    """What peaks of some months count as."""

    factor: Positive
    months: Months = ()


class Choice(Table):
    """Which tariff of a file is meant, and what the file does not say."""

    file: Text | None = None
    id: str | None = None
    product: str | None = None
    name: str | None = None
    on: Day | None = None  # a day on which it is valid
    patterns: dict[str, Annotated[tuple[str, ...], BeforeValidator(read_pattern)]] = Field(default_factory=dict)
    peaks: Literal["each", "mean"] | None = None
    year_by: Literal["months", "days"] | None = None
    customers: str | None = None
    fuse: Positive | None = None  # ampere
    equal: Literal["upper", "lower"] | None = None
    weights: tuple[SeasonTable, ...] = ()
    vat: PerCent | None = None
    consumption_tax: Number | None = None  # kr a kWh without VAT
    enova: Number | None = None


def covers(day: date | None, start: date | None, end: date | None) -> bool:
    """Return whether a day is within a validity; every validity has the day None."""
    return day is None or ((start is None or start <= day) and (end is None or day < end))


def merge(base: Tree, own: Tree) -> Tree:
    """Return the tables of a file and, over and behind them, the user's own."""
    if any(own.get(kind) for kind in LINES):
        base = {key: value for key, value in base.items() if key != "prices"}
    return {**base, **own} | {kind: [*base.get(kind, ()), *own.get(kind, ())] for kind in LINES}


def convert_from_ore(ore: Decimal) -> Decimal:
    """Return what a price for a kWh is in kr, of one in øre."""
    return ore.scaleb(-2)
