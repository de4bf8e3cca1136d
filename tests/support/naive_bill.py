"""A second way to a month's bill, for tests: hour by hour, in fractions, as a person would with paper and a price list.

It reads a tariff's TOML by itself and shares no code with `hanlogger.tariffs`. What it is given is the truth: the Wh
of every quarter of an hour, by its start.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

Table = dict[str, Any]
Quarters = Mapping[datetime, tuple[int, int]]  # start of a quarter, UTC -> Wh imported, Wh exported
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def naive_bill(text: str, quarters: Quarters, spot: Mapping[datetime, Decimal], month: date) -> dict[str, Decimal]:
    """The amount of each line of a tariff, with VAT, to the öre; all rates of an energy line in one."""
    table = tomllib.loads(text, parse_float=Decimal)
    amounts: dict[str, Decimal] = {}
    for line in table.get("fixed", []):
        amounts[line["name"]] = ore(fixed_fee(table, line, month))
    for line in table.get("energy", []):
        amounts[line["name"]] = energy(table, line, quarters, spot, month, 0)
    for line in table.get("export", []):
        amounts[line["name"]] = -energy(table, line, quarters, spot, month, 1)
    for line in table.get("support", []):
        amounts[line["name"]] = ore(support(table, line, quarters, spot, month))
    for line in table.get("power", []):
        amounts[line["name"]] = ore(power(table, line, quarters, month))
    return amounts


def ore(amount: Fraction) -> Decimal:
    thousandths = (Decimal(amount.numerator) * 1000 / Decimal(amount.denominator)).quantize(Decimal("0.00000001"))
    return (thousandths / 1000).quantize(Decimal("0.01"), ROUND_HALF_UP)


# --- time


def zone_of(table: Table, line: Table) -> ZoneInfo | timezone:
    if line.get("time", table.get("time", "legal")) == "standard":
        return timezone(timedelta(hours=1))
    return ZoneInfo(table.get("zone", "Europe/Stockholm"))


def next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def quarters_of(table: Table, month: date) -> Iterator[datetime]:
    """The start of every quarter of a month of the tariff, UTC."""
    zone = zone_of(table, {})
    at = datetime(month.year, month.month, 1, tzinfo=zone).astimezone(UTC)
    after = next_month(month)
    end = datetime(after.year, after.month, 1, tzinfo=zone).astimezone(UTC)
    while at < end:
        yield at
        at += QUARTER


# --- windows


def is_off(day: date, listed: Any) -> bool:
    if listed in ("SE", "NO"):
        return day in holidays_of(listed, day.year)
    return any(name in (day.isoformat(), day.strftime("%m-%d")) for name in listed)


@cache
def holidays_of(country: str, year: int) -> holidays.HolidayBase:
    return holidays.country_holidays(country, years=year, include_sundays=False)


def applies(window: Table, local: datetime, off: Any) -> bool:  # noqa: C901 as flat as a price list
    months = window.get("months")
    if isinstance(months, str):
        first, last = (int(part) for part in months.split("-"))
        months = [m % 12 + 1 for m in range(first - 1, last if first <= last else last + 12)]
    if months and local.month not in months:
        return False
    days = window.get("days", "all")
    weekday = local.isoweekday()
    if days == "mon-fri" and weekday > 5:
        return False
    if days == "workdays" and (weekday > 5 or is_off(local.date(), off)):
        return False
    if days == "weekend" and weekday < 6:
        return False
    if days == "days off" and weekday < 6 and not is_off(local.date(), off):
        return False
    if days == "holidays" and not is_off(local.date(), off):
        return False
    if isinstance(days, list) and NAMES[weekday - 1] not in days:
        return False
    hours = window.get("hours")
    if hours is None:
        return True
    for each in [hours] if isinstance(hours, str) else hours:
        begin, end = (int(part) for part in each.split("-"))
        if begin < end and begin <= local.hour < end:
            return True
        if begin > end and (local.hour >= begin or local.hour < end):
            return True
    return False


# --- prices


def with_vat(table: Table, line: Table, price: Decimal) -> Fraction:
    if line.get("prices", table.get("prices", "without VAT")) == "with VAT":
        return Fraction(price)
    return Fraction(price) * vat(table, line)


def vat(table: Table, line: Table) -> Fraction:
    per_cent = next((Fraction(each["vat"]) for each in (line, table) if "vat" in each), Fraction(25))
    return 1 + per_cent / 100


def fixed_fee(table: Table, line: Table, month: date) -> Fraction:
    price = with_vat(table, line, line["price"])
    days = (next_month(month) - month).days
    if line.get("per", "month") == "month":
        return price
    if line["per"] == "day":
        return price * days
    if line.get("year_by", "months") == "months":
        return price / 12
    return price * days / (date(month.year + 1, 1, 1) - date(month.year, 1, 1)).days


def hour_price(spot: Mapping[datetime, Decimal], at: datetime) -> Fraction:
    start = at.replace(minute=0)
    found = [Fraction(spot[start + n * QUARTER]) for n in range(4) if start + n * QUARTER in spot]
    return sum(found, Fraction(0)) / 4


def energy(
    table: Table, line: Table, quarters: Quarters, spot: Mapping[datetime, Decimal], month: date, column: int
) -> Decimal:
    """The sum of the line's rates, each rounded: a bill has a line for each rate."""
    rates = line.get("rates") or [line]
    if column == 1:
        line = {"vat": 0, **line}
    zone, off = zone_of(table, line), line.get("days_off", table.get("days_off", "SE"))
    prices = [with_vat(table, line, rate.get("price", Decimal(0))) for rate in rates]
    parts_of_spot = [Fraction(rate.get("spot", 0)) * vat(table, line) for rate in rates]
    sums = [Fraction(0) for _ in rates]
    for at in quarters_of(table, month):
        for number, rate in enumerate(rates):
            if applies(rate, at.astimezone(zone), off):
                price = prices[number]
                if "spot" in rate:
                    price += parts_of_spot[number] * price_at(line, spot, at)
                sums[number] += Fraction(quarters[at][column], 1000) * price
                break
    return sum((ore(each) for each in sums), Decimal(0))


def price_at(line: Table, spot: Mapping[datetime, Decimal], at: datetime) -> Fraction:
    return hour_price(spot, at) if line.get("spot_by") == "hour" else Fraction(spot[at])


def support(table: Table, line: Table, quarters: Quarters, spot: Mapping[datetime, Decimal], month: date) -> Fraction:
    left = Fraction(line["cap"]) if "cap" in line else None
    threshold = with_vat(table, line, line["threshold"]) / vat(table, line)
    total = Fraction(0)
    for at in quarters_of(table, month):
        kwh = Fraction(quarters[at][0], 1000)
        if left is not None:
            kwh = min(kwh, left)
            left -= kwh
        above = hour_price(spot, at) - threshold
        if line["scheme"] == "stromstotte":
            above = max(above, Fraction(0)) * Fraction(line.get("share", 1))
        total -= kwh * above * vat(table, line)
    return total


# --- power


def power(table: Table, line: Table, quarters: Quarters, month: date) -> Fraction:
    components = line.get("component") or [line]
    billing = line.get("billing", "linear")
    price = season_price(table, line, month) if billing != "steps" else Fraction(0)
    if billing == "each":
        (component,) = components
        return price * sum(best_of_each(table, line, component, quarters, month), Fraction(0))
    kws = [mean_of_greatest(table, line, each, quarters, month) for each in components]
    kw = max(kws) if line.get("combine") == "max" else sum(kws, Fraction(0))
    year = 12 if line.get("per", "month") == "year" else 1
    if billing == "steps":
        return step_price(table, line, kw) / year
    return (with_vat(table, line, line.get("base", Decimal(0))) + price * kw) / year


def season_price(table: Table, line: Table, month: date) -> Fraction:
    for rate in line.get("rates") or [line]:
        if applies(
            {"months": rate["months"]} if "rates" in line and "months" in rate else {},
            datetime(month.year, month.month, 1, tzinfo=UTC),
            [],
        ):
            return with_vat(table, line, rate["price"])
    return Fraction(0)


def step_price(table: Table, line: Table, kw: Fraction) -> Fraction:
    price = Fraction(0)
    for step in line["steps"]:
        reached = kw >= step["from"] if line.get("equal", "upper") == "upper" else kw > step["from"]
        if reached or step["from"] == 0:
            price = with_vat(table, line, step["price"])
    return price


def mean_of_greatest(table: Table, line: Table, component: Table, quarters: Quarters, month: date) -> Fraction:
    best = best_of_each(table, line, component, quarters, month)
    greatest = sorted(best, reverse=True)[: component.get("peaks", 1)]
    divisor = component.get("peaks", 1) if line.get("fewer", "found") == "count" else len(greatest)
    mean = sum(greatest, Fraction(0)) / divisor if greatest else Fraction(0)
    return max(mean - Fraction(component.get("deduct", 0)), Fraction(0)) * Fraction(component.get("factor", 1))


def best_of_each(table: Table, line: Table, component: Table, quarters: Quarters, month: date) -> list[Fraction]:
    zone, off = zone_of(table, line), line.get("days_off", table.get("days_off", "SE"))
    groups: dict[object, Fraction] = {}
    for start, kw in powers(table, component, quarters, month):
        local = start.astimezone(zone)
        if not applies(component, local, off):
            continue
        key = group(component.get("one_per", "hour"), start, local)
        groups[key] = max(groups.get(key, Fraction(0)), kw * weight(component, local, off))
    return list(groups.values())


def powers(table: Table, component: Table, quarters: Quarters, month: date) -> Iterator[tuple[datetime, Fraction]]:
    """Start and mean kW of each piece of time over which a power is averaged."""
    starts = list(quarters_of(table, month))
    if component.get("minutes", 60) == 15:
        for start in starts:
            yield start, Fraction(quarters[start][0] * 4, 1000)
        return
    for start in starts:
        whole = [start + n * QUARTER for n in range(4)]
        if whole[-1] <= starts[-1] and (start.minute == 0 or component.get("rolling")):
            yield start, Fraction(sum(quarters[each][0] for each in whole), 1000)


def weight(component: Table, local: datetime, off: Any) -> Fraction:
    at = local
    if component.get("weigh_by") == "monday":
        at = local - timedelta(days=local.weekday())
    for each in component.get("weights", []):
        if applies(each, at, off):
            return Fraction(each["factor"])
    return Fraction(1)


def group(one_per: str, start: datetime, local: datetime) -> object:
    if one_per == "day":
        return local.date()
    if one_per == "week":
        return local.date() - timedelta(days=local.weekday())
    if one_per == "month":
        return "month"
    return start
