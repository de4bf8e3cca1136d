"""Times of receipt that were guesses: put right once the host's clock is set, or left as they are."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from hanlogger.journal.kinds import to_ms
from hanlogger.journal.records import Records
from hanlogger.journal.rows import FRAME
from hanlogger.journal.sealing import checksum_of, intact

_ANY = "SELECT EXISTS (SELECT 1 FROM record WHERE boot IS NOT NULL)"
_PENDING = f"SELECT id, meter, uptime FROM record WHERE boot = ? AND {intact('record')} ORDER BY id"  # noqa: S608
_STAMP = f"""
UPDATE record SET received_at = ?1, boot = NULL, uptime = NULL,
crc = {checksum_of("record", received_at="?1", boot="NULL", uptime="NULL")} WHERE id = ?2
"""  # noqa: S608 constants
_LEAVE = f"""
UPDATE record SET boot = NULL, uptime = NULL, crc = {checksum_of("record", boot="NULL", uptime="NULL")}
WHERE boot IS NOT NULL AND boot != coalesce(?, '') AND {intact("record")}
"""  # noqa: S608 constants


class Stamping(Records):
    """Of frames that were appended with an `uptime`."""

    def pending(self) -> bool:
        """Whether there are any."""
        return bool(self._read(lambda c: c.execute(_ANY).fetchone())[0])

    def stamp(self, boot: str, started: datetime) -> int:
        """Give the frames of this start of the computer their true times; their number."""

        def work(connection: sqlite3.Connection) -> int:
            rows = connection.execute(_PENDING, (boot,)).fetchall()
            for number, meter, uptime in rows:
                at = self.free_time(connection, FRAME, meter, to_ms(started) + uptime)
                connection.execute(_STAMP, (at, number))
            return len(rows)

        return self._write(work)

    def leave(self, but: str | None = None) -> int:
        """Leave the times of frames as they are, but those of one start of the computer; their number."""
        return self._write(lambda connection: connection.execute(_LEAVE, (but,)).rowcount)
