"""The spot price of a time: prices keyed by instant, quarters and hours in one series, with holes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Context, Decimal, Inexact
from functools import reduce

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
QUARTERLY = Decimal("0.25")

EXACT = Context(prec=100, traps=[Inexact])
"""Sums and products of registers and prices without rounding: what would have to be rounded is an error."""


class SpotPrices:
    """Prices for a kWh without value added tax, by the instant (UTC) from which each holds.

    An hour with a price at its beginning alone has that price throughout, unless the hours beside it come in
    quarters: then three of its quarters are missing. No quarter is priced with the price of another.
    """

    def __init__(self, prices: Mapping[datetime, Decimal]) -> None:
        self._prices = prices
        self._hours: dict[datetime, Decimal | None] = {}

    def find(self, quarter: datetime) -> Decimal | None:
        """Return the price of a quarter of an hour, by its beginning; None where it is missing."""
        price = self._prices.get(quarter)
        if price is None and quarter.minute:
            hour = quarter.replace(minute=0)
            price = self._prices.get(hour) if self._is_whole(hour) else None
        return price

    def find_mean(self, quarter: datetime) -> Decimal | None:
        """Return the mean of the four quarters of the hour that a quarter is in; None where one is missing."""
        hour = quarter.replace(minute=0)
        if hour not in self._hours:
            found = [price for each in list_quarters(hour, hour + HOUR) if (price := self.find(each)) is not None]
            self._hours[hour] = EXACT.multiply(reduce(EXACT.add, found), QUARTERLY) if len(found) == 4 else None
        return self._hours[hour]

    def _is_whole(self, hour: datetime) -> bool:
        """Return whether the price at the beginning of an hour is that of the whole hour."""
        if self._is_in_quarters(hour):
            return False
        beside = [each for each in (hour - HOUR, hour + HOUR) if each in self._prices or self._is_in_quarters(each)]
        return not beside or not all(map(self._is_in_quarters, beside))

    def _is_in_quarters(self, hour: datetime) -> bool:
        return any(each in self._prices for each in list_quarters(hour + QUARTER, hour + HOUR))


def list_quarters(start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the beginning of each quarter of an hour that a time touches."""
    at = find_beginning(start, 15) if start.minute % 15 or start.second or start.microsecond else start
    while at < end:
        yield at
        at += QUARTER


def find_beginning(instant: datetime, minutes: int) -> datetime:
    """Return the beginning of the piece of so many minutes, 15 or 60, that an instant is in."""
    return instant.replace(minute=instant.minute // minutes * minutes, second=0, microsecond=0)
