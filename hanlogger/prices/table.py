"""A day's prices as text for people: a row for each hour, in the local time of the area."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from hanlogger.prices.source import PriceSource
from hanlogger.tariffs.spot import HOUR, list_quarters

UNKNOWN = "unknown"


def write_day(prices: Mapping[datetime, Decimal], source: PriceSource, day: date) -> Iterator[str]:
    """Yield the lines of a day: in one column where each hour has one price, else in four. prices: of quarters."""
    start, end = source.find_day(day)
    hours = [[prices.get(quarter) for quarter in list_quarters(hour, hour + HOUR)] for hour in _list_hours(start, end)]
    fine = any(len(set(hour)) > 1 for hour in hours)
    places = max((_count_places(price) for hour in hours for price in hour if price is not None), default=0)
    cells = [[_format(price, places) for price in (hour if fine else hour[:1])] for hour in hours]
    width = max(len(cell) for row in cells for cell in row) + 2
    if fine:
        yield " " * 11 + "".join(f":{minute:02}".rjust(width) for minute in range(0, 60, 15))
    for hour, row in zip(_list_hours(start, end), cells, strict=True):
        yield _label(hour, source).ljust(11) + "".join(cell.rjust(width) for cell in row)
    yield ""
    yield _sum_up({at: price for at, price in prices.items() if start <= at < end}, source, (end - start) / HOUR)


def write_csv(prices: Mapping[datetime, Decimal], source: PriceSource) -> Iterator[str]:
    """Yield the lines of a file that `file` under [price] takes: a row for each quarter, with its time's offset."""
    yield "time,price"
    for at, price in sorted(prices.items()):
        yield f"{source.clock.tell(at).isoformat()},{price:f}"


def _list_hours(start: datetime, end: datetime) -> list[datetime]:
    return [start + number * HOUR for number in range((end - start) // HOUR)]


def _count_places(price: Decimal) -> int:
    return max(0, -int(price.as_tuple().exponent))


def _format(price: Decimal | None, places: int) -> str:
    return UNKNOWN if price is None else f"{price:.{places}f}"


def _label(instant: datetime, source: PriceSource) -> str:
    """Return the time of day, with its offset where the clock shows it twice."""
    told = source.clock.tell(instant)
    twice = told.replace(fold=0).utcoffset() != told.replace(fold=1).utcoffset()
    return f"{told:%H:%M} {told:%z}" if twice else f"{told:%H:%M}"


def _sum_up(prices: Mapping[datetime, Decimal], source: PriceSource, hours: float) -> str:
    lowest, highest = min(prices, key=lambda at: (prices[at], at)), min(prices, key=lambda at: (-prices[at], at))
    missing = hours - len(prices) / 4
    mean = sum(prices.values(), Decimal()) / len(prices)
    parts = [f"mean {mean:.4f}"]
    for name, at in (("lowest", lowest), ("highest", highest)):
        parts.append(f"{name} {prices[at]:f} at {_label(at, source)}")
    if missing:
        parts.append(f"of {missing:g} of {hours:g} hours no price is known")
    return ", ".join(parts)
