"""Spot prices by quarter of an hour, as `journal.prices`: kept, announced to delivery, read by what computes costs."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from hanlogger.intervals.levels import QUARTER_MS, to_time
from hanlogger.journal.checksums import make_insert_sql, make_intact_sql
from hanlogger.journal.database import Database
from hanlogger.journal.energy.announcer import Announcer
from hanlogger.journal.energy.days import select_quarters
from hanlogger.journal.model import EPOCH, to_bounds, to_ms
from hanlogger.journal.retention import Space

_OF_AREA = f"FROM price WHERE area = ? AND {make_intact_sql('price')}"
_BETWEEN = f"SELECT quarter, price, currency, final {_OF_AREA} AND quarter BETWEEN ? AND ? ORDER BY quarter"
_PUT = make_insert_sql("price", "INSERT OR REPLACE")
_LAST = f"SELECT max(quarter) {_OF_AREA}"
_AREAS = "SELECT DISTINCT area FROM price ORDER BY area"
_QUARTERS = "SELECT quarter FROM price WHERE area = ?"
_DELETE_BEFORE = "DELETE FROM price WHERE quarter < ? AND quarter < (SELECT min(quarter) FROM energy)"
_METERS = "SELECT DISTINCT meter FROM energy"


class Price(NamedTuple):
    """The price of a kWh without value added tax in one quarter of an hour."""

    value: Decimal
    currency: str
    final: bool  # False: it is asked for again, and may become another


class Prices:
    """The prices of all areas. All methods raise JournalUnavailable."""

    def __init__(self, database: Database, announcer: Announcer, space: Space) -> None:
        self._database, self._announcer, self._space = database, announcer, space

    def merge(self, area: str, currency: str, prices: Mapping[datetime, Decimal], *, final: bool) -> int:
        """Keep prices by the beginning of their quarter (UTC), and announce those that are new; return their number.

        A price that is not final never takes the place of one that is. Intervals of a quarter whose price is new are
        announced too, so that what they cost is delivered once more.
        """
        given = {to_ms(start) // QUARTER_MS: value for start, value in prices.items()}
        if not given:
            return 0

        def work(connection: sqlite3.Connection) -> int:
            known = _select(connection, area, min(given), max(given))
            changed = set()
            for quarter, value in given.items():
                price, before = Price(value, currency, final), known.get(quarter)
                if before == price or (before and before.final and not final):
                    continue
                connection.execute(_PUT, (area, quarter, f"{value:f}", currency, int(final)))
                if before is None or before[:2] != price[:2]:
                    changed.add(quarter)
            self._announcer.announce_prices(connection, area, changed)
            self._announce_energy(connection, changed)
            return len(changed)

        return self._space.write(work)

    def _announce_energy(self, connection: sqlite3.Connection, quarters: set[int]) -> None:
        """Have intervals of quarters delivered once more, as what they cost has changed."""
        for (meter,) in connection.execute(_METERS).fetchall() if quarters else ():
            used = select_quarters(connection, meter, min(quarters), max(quarters))
            self._announcer.announce_again(connection, meter, used & quarters)

    def read(self, area: str, start: datetime | None = None, end: datetime | None = None) -> dict[datetime, Price]:
        """Return the prices of the quarters that begin from `start` up to before `end`, by their beginning in UTC."""
        first, last = (-(-bound // QUARTER_MS) for bound in to_bounds(start, end))
        found = self._database.read(partial(_select, area=area, first=first, last=last - 1))
        return {to_time(quarter * QUARTER_MS): price for quarter, price in found.items()}

    def read_announced(self, area: str, quarters: Collection[int]) -> dict[datetime, Price]:
        """Return the prices of quarters by number, as far as they are still kept, by their beginning in UTC."""
        if not quarters:
            return {}
        found = self._database.read(partial(_select, area=area, first=min(quarters), last=max(quarters)))
        return {to_time(each * QUARTER_MS): price for each, price in found.items() if each in quarters}

    def announce(self) -> None:
        """Have all prices of all areas delivered, as to a destination that is new."""

        def work(connection: sqlite3.Connection) -> None:
            for (area,) in connection.execute(_AREAS).fetchall():
                quarters = {quarter for (quarter,) in connection.execute(_QUARTERS, (area,))}
                self._announcer.announce_prices(connection, area, quarters)

        self._database.write(work)

    def get_end(self, area: str) -> datetime | None:
        """Return the end of the last quarter with a price; None where there is none."""
        (last,) = self._database.read(lambda connection: connection.execute(_LAST, (area,)).fetchone())
        return None if last is None else to_time((last + 1) * QUARTER_MS)

    def has_energy(self, meter: str, start: datetime, end: datetime) -> bool:
        """Return whether intervals of a meter are kept from `start` up to before `end`, for which prices matter."""
        quarters = (to_ms(start) // QUARTER_MS, to_ms(end) // QUARTER_MS - 1)
        return bool(self._database.read(lambda connection: select_quarters(connection, meter, *quarters)))

    def clean(self, keep: timedelta, now: datetime) -> int:
        """Delete prices older than `keep` and than all intervals; return their number."""
        before = to_ms(now - keep) // QUARTER_MS if now - EPOCH > keep else 0
        return self._database.write(lambda connection: connection.execute(_DELETE_BEFORE, (before,)).rowcount)


def _select(connection: sqlite3.Connection, area: str, first: int, last: int) -> dict[int, Price]:
    """Return the prices of an area by quarter; one that is corrupt is as if it had not come, and is asked for again."""
    rows = connection.execute(_BETWEEN, (area, first, last)).fetchall()
    return {quarter: Price(Decimal(text), currency, bool(final)) for quarter, text, currency, final in rows}
