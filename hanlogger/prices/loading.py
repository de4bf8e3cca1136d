"""Load the prices of a time from the journal, for what computes costs."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from hanlogger.errors import ConfigError
from hanlogger.journal import Journal
from hanlogger.prices.source import PriceSource


def load_prices(
    journal: Journal, source: PriceSource | None, start: datetime, end: datetime, currency: str
) -> dict[datetime, Decimal]:
    """Return prices of a kWh without value added tax from `start` up to before `end`, by instant (UTC) of a quarter.

    It is what `tariffs.make_bill` takes. A quarter without a price is left out, so that its cost is unknown. source:
    whose area counts; None: there are no prices. currency: that of the tariffs; ConfigError where prices are in
    another one. JournalUnavailable.
    """
    found = journal.prices.read(source.area, start, end) if source else {}
    for price in found.values():
        if source and price.currency != currency:
            words = f"the prices of {source.area} are in {price.currency}, and the tariffs count in {currency}"
            raise ConfigError(f"{words}: give the tariffs the currency of the prices, or [price] another area")
    return {start: price.value for start, price in found.items()}
