"""What a tariff is: frozen types for everything that a price list can say. docs/tariffs.md tells their form in a file.

All prices are numbers of the main unit of the currency (kr), for a kWh, a kW or a period, as they stand in the file;
energy is in Wh and power in kW.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from hanlogger.tariffs.calendar import LEGAL, Clock, Period
from hanlogger.tariffs.windows import ALWAYS, When

Direction = Literal["import", "export"]
Per = Literal["month", "year", "day"]


@dataclass(frozen=True)
class Price:
    """A price as the company writes it, with or without value added tax."""

    value: Decimal
    with_vat: bool = False
    vat: Decimal = Decimal(25)  # per cent

    @property
    def net(self) -> Fraction:
        """The price without value added tax."""
        return Fraction(self.value) / (self.factor if self.with_vat else 1)

    @property
    def gross(self) -> Fraction:
        """The price with value added tax."""
        return self.net * self.factor

    @property
    def factor(self) -> Fraction:
        """What a price without value added tax is multiplied by to have it in."""
        return 1 + Fraction(self.vat) / 100


@dataclass(frozen=True)
class Validity:
    """From which day, and up to which day, which is not in it any more, something is valid; None sets no limit."""

    start: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class Rate:
    """A price for a kWh: a sum for itself, and a share of the spot price, which is without value added tax."""

    price: Price
    spot: Decimal = Decimal(0)  # 1: all of the spot price
    when: When = ALWAYS
    name: str = ""


@dataclass(frozen=True)
class FixedLine:
    """A sum for a month, a year or a day, whatever is used."""

    name: str
    price: Price
    per: Per = "month"
    year_by: Literal["months", "days"] = "months"  # a year's sum: a twelfth each month, or by the month's days
    valid: Validity = Validity()


@dataclass(frozen=True)
class EnergyLine:
    """A sum for each kWh. Of several rates the first whose window covers the time is taken; without one, nothing."""

    name: str
    rates: tuple[Rate, ...]
    direction: Direction = "import"  # export: money that is paid to the customer
    spot_by: Literal["quarter", "hour", "month"] = "quarter"  # hour: the mean of the hour's · month: `month_prices`
    month_prices: Mapping[date, Decimal] = field(default_factory=dict)  # by first day: the seller's own, without tax
    valid: Validity = Validity()
    clock: Clock = LEGAL


@dataclass(frozen=True)
class SupportLine:
    """A support scheme by the hourly spot price without value added tax; what it gives is taken off.

    stromstotte: a share of what the spot price is above the threshold · norgespris: all that the spot price is away
    from the threshold, either way. `cap`: kWh of a month, in the order of time, that get it; None: all.
    """

    name: str
    scheme: Literal["stromstotte", "norgespris"]
    threshold: Price
    share: Decimal = Decimal(1)
    cap: Decimal | None = None
    valid: Validity = Validity()
    clock: Clock = LEGAL


@dataclass(frozen=True)
class Weight:
    """What a peak is multiplied by before peaks are compared; of several the first whose window covers it."""

    factor: Decimal
    when: When = ALWAYS


OnePer = Literal["quarter", "hour", "day", "week", "month"]
"""Of what time one peak is taken: with `hour` several may be of the same day, with `day` each is of another."""


@dataclass(frozen=True)
class Component:
    """How a power is found: the mean of the greatest peaks of a period, each of another day, hour and so on."""

    name: str = ""
    when: When = ALWAYS
    minutes: Literal[15, 60] = 60  # over which the power of a peak is averaged
    rolling: bool = False  # an hour may begin at any quarter, not only at a full hour
    one_per: OnePer = "hour"
    count: int = 1
    weights: tuple[Weight, ...] = ()
    weigh_by: Literal["time", "monday"] = "time"  # monday: the weight is that of the Monday of the peak's week
    deduct: Decimal = Decimal(0)  # kW that are free
    factor: Decimal = Decimal(1)  # what the mean is multiplied by
    direction: Direction = "import"


@dataclass(frozen=True)
class Step:
    """A fee from a power on, in kW, up to where the next step begins."""

    start: Decimal
    price: Price


@dataclass(frozen=True)
class SeasonPrice:
    """A price for a kW in some months; of several the first that has the month."""

    price: Price
    months: frozenset[int] = frozenset()  # empty: all
    name: str = ""


@dataclass(frozen=True)
class PowerLine:
    """A fee for power. The components' means become one number of kW, and that a fee.

    `billing`: linear (`base` and a price for each kW) · steps (the step that the kW is in) · each (each peak by
    itself, a price for each kW of it). `over`: the peaks of the month · the peaks of the last 12 months · the mean of
    the last 12 months' own means, each at least `floor`.
    """

    name: str
    components: tuple[Component, ...]
    prices: tuple[SeasonPrice, ...] = ()
    billing: Literal["linear", "steps", "each"] = "linear"
    combine: Literal["sum", "max"] = "sum"
    base: Price | None = None
    steps: tuple[Step, ...] = ()
    equal: Literal["upper", "lower"] = "upper"  # the step of a power that is exactly a threshold
    per: Literal["month", "year"] = "month"
    over: Literal["month", "12 months", "mean of 12 months"] = "month"
    floor: Decimal = Decimal(0)  # kW
    fewer: Literal["found", "count"] = "found"  # divide by the peaks found, or by how many there should be
    part_month: Literal["whole", "days"] = "whole"  # the fee of a month in which the tariff is valid on some days only
    valid: Validity = Validity()
    clock: Clock = LEGAL


Line = FixedLine | EnergyLine | SupportLine | PowerLine


@dataclass(frozen=True)
class Tariff:
    """What one company asks for, valid from a day to another."""

    name: str
    currency: str
    clock: Clock = LEGAL
    valid: Validity = Validity()
    part: str = "all"  # what of the contracts it is: of each part one tariff is valid at a time
    fixed: tuple[FixedLine, ...] = ()
    energy: tuple[EnergyLine, ...] = ()
    support: tuple[SupportLine, ...] = ()
    power: tuple[PowerLine, ...] = ()
    company: str = ""
    customers: str = ""  # for whom it is, in words: 16 to 25 A
    customer: tuple[tuple[str, str], ...] = ()  # what prices were chosen by: fuse, region
    customer_since: date | None = None  # of a fee over 12 months: no peak before it counts
    source: str = ""  # where the figures are from
    source_date: date | None = None
    notes: tuple[str, ...] = field(default=())
    deviations: tuple[str, ...] = ()  # what in a file of another form differs from its specification

    def list_all_lines(self) -> Iterator[Line]:
        """Yield all lines in the order of a bill."""
        lines: tuple[Line, ...] = (*self.fixed, *self.energy, *self.support, *self.power)
        yield from lines

    def find_valid_time(self, line: Line | None = None) -> Period:
        """Return when the tariff is valid, and the line in it."""
        whole = self.clock.span(self.valid.start, self.valid.end)
        return whole.clip(self.clock.span(line.valid.start, line.valid.end)) if line else whole
