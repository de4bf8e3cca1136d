"""SQL of new records: each gets an arrival time that is free, and the settings in force.

Everything here is part of a transaction, on the connection that it is given.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from hanlogger.journal.arrival_times import ArrivalTimes
from hanlogger.journal.checksums import make_insert_sql, make_intact_sql
from hanlogger.journal.model import encode_settings
from hanlogger.model import Meter

_INSERT = make_insert_sql("record")
_INSERT_SETTINGS = f"""
{make_insert_sql("settings")} ON CONFLICT (json) DO UPDATE SET meter = excluded.meter, crc = excluded.crc
"""
_SETTINGS = f"SELECT id FROM settings WHERE json = ? AND {make_intact_sql('settings')}"  # noqa: S608 constants
_NEWEST_SETTINGS = f"""
SELECT json FROM record JOIN settings ON settings.id = record.settings
WHERE record.meter = ? AND kind IN (0, 2) AND {make_intact_sql("settings")} ORDER BY record.id DESC LIMIT 1
"""  # noqa: S608 constants


class Insertion:
    """Inserts records of every kind."""

    def __init__(self, arrival_times: ArrivalTimes) -> None:
        self._arrival_times = arrival_times

    def insert(self, connection: sqlite3.Connection, kind: int, meter: str, at: int, row: tuple[Any, ...]) -> None:
        """Insert a record of a kind, at a time in ms or the next that is free.

        row: what follows these in the table, from the id of the settings to the data.
        """
        free = self._arrival_times.find_free(connection, kind, meter, at)
        connection.execute(_INSERT, (kind, meter, free, *row))

    def insert_notice(
        self, connection: sqlite3.Connection, kind: int, meter: str, at: int, notice: tuple[int | None, str, bytes]
    ) -> None:
        """Insert a record that is no frame, at a time in ms or the next that is free.

        notice: the id of the settings or None, the name of the format, and the data.
        """
        settings, name, data = notice
        self.insert(connection, kind, meter, at, (settings, name, 1, 1, 1, None, None, data))


def find_settings(connection: sqlite3.Connection, meter: str, text: str) -> int:
    """Return the id of settings, given as JSON, which are inserted where they are new."""
    known = connection.execute(_SETTINGS, (text,)).fetchone()
    if known is None:
        connection.execute(_INSERT_SETTINGS, (meter, text))
        known = connection.execute(_SETTINGS, (text,)).fetchone()
    return int(known[0])


def select_newest_settings(connection: sqlite3.Connection, meter: str) -> str:
    """Return the settings that a meter's newest record has, as JSON; the defaults where it has none."""
    row = connection.execute(_NEWEST_SETTINGS, (meter,)).fetchone()
    return str(row[0]) if row else encode_settings(Meter(meter))
