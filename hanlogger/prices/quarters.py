"""Turn rows of prices into the price of each quarter of an hour; refuse what cannot be right, with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from hanlogger.errors import HanloggerError
from hanlogger.tariffs.spot import HOUR, QUARTER, list_quarters

LIMIT = 100
"""No kWh ever cost more in any currency that is read: what does is in another unit, such as by MWh."""

_LONGEST = -20  # exponent: more decimals than any price has; a number of a million digits would fill the journal


class WrongPrices(HanloggerError):
    """What a source says cannot be right: none of it is taken. The text, in one line, says why."""


class NotPublished(HanloggerError):
    """A source has no prices of a day yet, or none any more."""


class Row(NamedTuple):
    """The price of a kWh from an instant on, for an hour or a quarter of one."""

    where: str  # as it stands in the source, for an error's text
    start: datetime  # UTC
    length: timedelta
    price: Decimal


def read_instant(text: object) -> datetime:
    """Return a time in UTC; WrongPrices for one that does not state its offset, as an hour of autumn occurs twice."""
    try:
        time = datetime.fromisoformat(text) if isinstance(text, str) else None
        if time is not None and time.tzinfo is not None:
            return time.astimezone(UTC)
    except (ValueError, OverflowError):
        time = None
    if time is None:
        raise WrongPrices(f"{text!r:.40} is no time")
    raise WrongPrices(f"the time {text} does not state its offset from UTC")


def check_price(price: object) -> Decimal:
    """Return a price; WrongPrices for what is no number (NaN, a text, true), or none that a kWh can cost."""
    if not isinstance(price, Decimal) or not price.is_finite():
        raise WrongPrices(f"{price!r:.40} is no price")
    if abs(price) > LIMIT:
        raise WrongPrices(f"a price of {price!s:.20} for a kWh is too much: is it in another unit?")
    if int(price.as_tuple().exponent) < _LONGEST:
        raise WrongPrices(f"the price {price!s:.20} has too many decimals")
    return price


def spread(rows: Iterable[Row]) -> dict[datetime, Decimal]:
    """Return the price of each quarter by its beginning; WrongPrices for a time that is odd or occurs twice."""
    prices: dict[datetime, Decimal] = {}
    for row in rows:
        _check_length(row)
        for quarter in list_quarters(row.start, row.start + row.length):
            if quarter in prices:
                raise WrongPrices(f"{row.where} occurs twice")
            prices[quarter] = row.price
    return prices


def _check_length(row: Row) -> None:
    if row.length not in (QUARTER, HOUR) or (row.start.timestamp() % row.length.total_seconds()):
        raise WrongPrices(f"{row.where} is neither a full hour nor a quarter of one")
