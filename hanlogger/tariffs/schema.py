"""The form of a tariff file: tables, keys and allowed values. docs/tariffs.md is held to it by a test."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from hanlogger.tariffs import fields

MOST_PEAKS = 366
"""The most peaks that a fee can be of: one each day of a year."""

Number = Annotated[Decimal, BeforeValidator(fields.check_number), Field(allow_inf_nan=False)]
Positive = Annotated[Number, Field(ge=0)]
PerCent = Annotated[Number, Field(ge=0, le=100)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Day = Annotated[date, BeforeValidator(fields.check_day)]
Prices = Literal["with VAT", "without VAT"]
Times = Literal["legal", "standard"]
Months = Annotated[tuple[int, ...], BeforeValidator(fields.read_months)]
Days = Annotated[str | tuple[str, ...], AfterValidator(fields.check_days)]
Hours = Annotated[tuple[tuple[int, int], ...], BeforeValidator(fields.read_hours)]
DayNames = Annotated[tuple[str, ...], BeforeValidator(fields.read_days_off)]
Zone = Annotated[str, AfterValidator(fields.check_zone)]
Choices = dict[str, dict[str, Number]]
Month = Annotated[date, BeforeValidator(fields.read_month)]


class Table(BaseModel):
    """A table of the file, of which no key may be unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WindowTable(Table):
    """When something applies; what is not given sets no limit."""

    months: Months = ()
    days: Days = "all"
    holidays: Literal["ignored", "excluded", "included", "only"] | None = None
    hours: Hours = ()
    days_off: DayNames | None = None


class WhenTable(WindowTable):
    """When something applies: one window, or several of which one must cover the time."""

    windows: tuple[WindowTable, ...] = ()


class LineTable(Table):
    """What lines of every kind have."""

    name: Text
    vat: PerCent | None = None
    prices: Prices | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None


class TimedLineTable(LineTable):
    """What a line has that looks at the time."""

    time: Times | None = None
    days_off: DayNames | None = None


class FixedTable(LineTable):
    """A line that does not depend on what is used."""

    price: Number | None = None
    price_by: Choices = Field(default_factory=dict)
    per: Literal["month", "year", "day"] = "month"
    year_by: Literal["months", "days"] = "months"


class RateTable(WhenTable):
    """One of several prices for a kWh, of which the first that applies is taken."""

    name: str = ""
    price: Number | None = None
    price_by: Choices = Field(default_factory=dict)
    spot: Number = Decimal(0)


class EnergyTable(TimedLineTable, RateTable):
    """A line for each kWh: one price, or several rates."""

    name: Text
    spot_by: Literal["quarter", "hour", "month"] = "quarter"
    month_prices: dict[Month, Number] = Field(default_factory=dict)
    rates: tuple[RateTable, ...] = ()


class SupportTable(LineTable):
    """A support scheme by the hourly spot price."""

    scheme: Literal["stromstotte", "norgespris"]
    threshold: Number
    share: Annotated[Number, Field(gt=0, le=1)] = Decimal(1)
    cap: Positive | None = None


class WeightTable(WhenTable):
    """What peaks in a window are multiplied by before they are compared."""

    factor: Positive


class ComponentTable(WhenTable):
    """How one power is found."""

    name: str = ""
    minutes: Literal[15, 60] = 60
    rolling: bool = False
    one_per: Literal["quarter", "hour", "day", "week", "month"] = "hour"
    peaks: Annotated[int, Field(ge=1, le=MOST_PEAKS)] = 1
    weights: tuple[WeightTable, ...] = ()
    weigh_by: Literal["time", "monday"] = "time"
    deduct: Positive = Decimal(0)
    factor: Annotated[Number, Field(gt=0)] = Decimal(1)
    direction: Literal["import", "export"] = "import"


class SeasonPriceTable(Table):
    """A price for a kW in some months."""

    name: str = ""
    months: Months = ()
    price: Number | None = None
    price_by: Choices = Field(default_factory=dict)


class StepTable(Table):
    """A fee from a power on."""

    from_: Annotated[Positive, Field(alias="from")]
    price: Number


class PowerTable(TimedLineTable, ComponentTable):
    """A line for power: one component in itself, or several tables `component`."""

    name: Text
    price: Number | None = None
    price_by: Choices = Field(default_factory=dict)
    rates: tuple[SeasonPriceTable, ...] = ()
    component: tuple[ComponentTable, ...] = ()
    combine: Literal["sum", "max"] = "sum"
    billing: Literal["linear", "steps", "each"] = "linear"
    base: Number | None = None
    steps: tuple[StepTable, ...] = ()
    equal: Literal["upper", "lower"] = "upper"
    per: Literal["month", "year"] = "month"
    over: Literal["month", "12 months", "mean of 12 months"] = "month"
    floor: Positive = Decimal(0)
    fewer: Literal["found", "count"] = "found"
    part_month: Literal["whole", "days"] = "whole"


class TariffTable(Table):
    """The top of the file, with the lines in it."""

    name: Text
    company: str = ""
    customers: str = ""
    part: Text = "all"
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    zone: Zone = "Europe/Stockholm"
    time: Times = "legal"
    valid_from: Day | None = None
    valid_to: Day | None = None
    vat: PerCent = Decimal(25)
    prices: Prices
    days_off: DayNames | None = None
    customer: dict[str, str] = Field(default_factory=dict)
    customer_since: Day | None = None
    source: Text
    source_date: Day
    notes: tuple[str, ...] = ()
    fixed: tuple[FixedTable, ...] = ()
    energy: tuple[EnergyTable, ...] = ()
    export: tuple[EnergyTable, ...] = ()
    support: tuple[SupportTable, ...] = ()
    power: tuple[PowerTable, ...] = ()
