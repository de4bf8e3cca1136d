"""A meter's records are deleted, or given other settings: what a user asks for, never what happens by itself."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from hanlogger.journal.kinds import bounds
from hanlogger.journal.records import Records, settings_id
from hanlogger.journal.sealing import checksum_of, intact
from hanlogger.journal.settings import to_json
from hanlogger.model import Meter

EVERY_ID = 2**63 - 1

_FORGET = "DELETE FROM record WHERE meter = ? AND received_at >= ? AND received_at < ?"
_FORGET_DAMAGED = "DELETE FROM damaged WHERE meter = ? AND received_at >= ? AND received_at < ?"
_RECONFIGURE = f"""
UPDATE record SET settings = ?1, crc = {checksum_of("record", settings="?1")}
WHERE meter = ?2 AND kind = 0 AND received_at >= ?3 AND received_at < ?4 AND {intact("record")}
"""  # noqa: S608 constants
_STRAYS = (
    "DELETE FROM undecoded WHERE record <= ? AND NOT EXISTS (SELECT 1 FROM record WHERE id = undecoded.record)",
    """DELETE FROM refused WHERE first_id <= ?
       AND NOT EXISTS (SELECT 1 FROM record WHERE id BETWEEN first_id AND last_id)""",
    """DELETE FROM again WHERE first_id <= ?
       AND NOT EXISTS (SELECT 1 FROM record WHERE id BETWEEN first_id AND last_id)""",
)


class Changes(Records):
    """By meter and time of receipt."""

    def forget(self, meter: str, start: datetime | None = None, end: datetime | None = None) -> int:
        """Delete a meter's records, its health too, received in the time given; their number."""

        def work(connection: sqlite3.Connection) -> int:
            where = (meter, *bounds(start, end))
            gone = connection.execute(_FORGET, where).rowcount
            connection.execute(_FORGET_DAMAGED, where)
            delete_strays(connection, EVERY_ID)
            return gone

        return self._write(work)

    def reconfigure(self, meter: Meter, start: datetime | None = None, end: datetime | None = None) -> int:
        """Give a meter's frames in the time given these settings, as if in force then; their number."""
        text = to_json(meter)

        def work(connection: sqlite3.Connection) -> int:
            settings = settings_id(connection, meter.name, text)
            return connection.execute(_RECONFIGURE, (settings, meter.name, *bounds(start, end))).rowcount

        return self._write(work)


def delete_strays(connection: sqlite3.Connection, up_to: int) -> None:
    """Part of a transaction: what is listed about records that are gone can neither be decoded nor sent again."""
    for statement in _STRAYS:
        connection.execute(statement, (up_to,))
