"""Changed intervals and prices are announced to delivery by records, and what is announced is taken back.

Everything here is part of a transaction, on the connection that it is given.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable

from hanlogger.journal.checksums import make_intact_sql
from hanlogger.journal.energy.announcements import from_text, to_price_texts, to_texts
from hanlogger.journal.energy.quarters import NO_CHANGE, Change
from hanlogger.journal.insertion import Insertion, find_settings, select_newest_settings
from hanlogger.journal.model import INTERVALS, PRICES

_OF_METER = "FROM record WHERE meter = ? AND kind = ?"
_NEXT_OF_METER = f"""
SELECT data FROM record WHERE id > ? AND kind <> 0 AND kind = ? AND +meter = ? AND {make_intact_sql("record")}
ORDER BY id LIMIT 1
"""  # noqa: S608 constants; by the index of what is no frame


class Announcer:
    """Inserts the records that announce what has changed."""

    def __init__(self, insertion: Insertion) -> None:
        self._insertion = insertion

    def announce(self, connection: sqlite3.Connection, meter: str, settings: str, change: Change) -> None:
        """Announce changed intervals of a meter. settings: the meter's, as JSON: the tags of its points."""
        if not change.quarters:
            return
        number = find_settings(connection, meter, settings)
        for data in to_texts(change):
            self._insertion.insert_notice(connection, INTERVALS, meter, _read_clock(), (number, "intervals", data))

    def announce_again(self, connection: sqlite3.Connection, meter: str, quarters: Iterable[int]) -> None:
        """Have the intervals of quarters delivered once more, with the settings of the meter's newest record."""
        change = Change(frozenset(quarters), frozenset())
        self.announce(connection, meter, select_newest_settings(connection, meter), change)

    def announce_prices(self, connection: sqlite3.Connection, area: str, quarters: Iterable[int]) -> None:
        """Announce to delivery the prices of an area in quarters, by their numbers since 1970."""
        for data in to_price_texts(area, quarters):
            self._insertion.insert_notice(connection, PRICES, "", _read_clock(), (None, "prices", data))


def take_announced(connection: sqlite3.Connection, meter: str) -> Change:
    """Delete all that is announced of a meter's intervals, and return it."""
    rows = connection.execute(f"SELECT data {_OF_METER}", (meter, INTERVALS)).fetchall()
    connection.execute(f"DELETE {_OF_METER}", (meter, INTERVALS))
    change = NO_CHANGE
    for (data,) in rows:
        change |= from_text(data)
    return change


def select_next(connection: sqlite3.Connection, meter: str, record: int) -> Change:
    """Return what the first announcement of a meter's intervals after a record says; nothing where there is none."""
    row = connection.execute(_NEXT_OF_METER, (record, INTERVALS, meter)).fetchone()
    return from_text(row[0]) if row else NO_CHANGE


def _read_clock() -> int:
    """Return the time of the host's clock in ms."""
    return time.time_ns() // 1_000_000
