"""What waits for a destination."""

from __future__ import annotations

import sqlite3

from hanlogger.journal.cursors import cursor_of
from hanlogger.journal.kinds import Waiting, from_ms
from hanlogger.journal.sealing import intact
from hanlogger.journal.store import Store, newest_id

FAR = 2000  # ids: to count more of them, one by one, would take too long to be done each second

_AGAIN = f"SELECT meter, first_id - 1, last_id FROM again WHERE destination = ? AND {intact('again')}"  # noqa: S608
_ALL_WITHIN = "SELECT count(*), min(CAST(received_at AS INTEGER)) FROM record WHERE +kind = 0 AND id > ? AND id <= ?"
_WITHIN = """
SELECT count(*), min(CAST(received_at AS INTEGER)) FROM record INDEXED BY record_time
WHERE kind = 0 AND id > ? AND id <= ? AND meter = ?
"""
_FIRST = "SELECT id, CAST(received_at AS INTEGER) FROM record WHERE kind = 0 AND id > ? AND id <= ? ORDER BY id LIMIT 1"
_HEALTH = "SELECT count(*) FROM record INDEXED BY record_health WHERE kind = 1 AND id > ? AND id <= ?"


class Backlog(Store):
    """Counted."""

    def waiting(self, destination: str) -> Waiting:
        """How many frames wait for a destination, and the time of receipt of the oldest.

        Where thousands wait, frames deleted out of their midst are counted too.
        """

        def work(connection: sqlite3.Connection) -> Waiting:
            ranges = connection.execute(_AGAIN, (destination,)).fetchall()
            ranges.append((None, cursor_of(connection, destination), newest_id(connection)))
            parts = [_count(connection, *each) for each in ranges]
            oldest = min((at for _, at in parts if at is not None), default=None)
            return Waiting(sum(frames for frames, _ in parts), None if oldest is None else from_ms(oldest))

        return self._read(work)


def _count(connection: sqlite3.Connection, meter: str | None, after: int, up_to: int) -> tuple[int, int | None]:
    """Frames, and the time of receipt of the oldest. Of many frames the number is reckoned from their ids."""
    if meter is not None:
        frames, oldest = connection.execute(_WITHIN, (after, up_to, meter)).fetchone()
        return int(frames), oldest
    if up_to - after <= FAR:
        frames, oldest = connection.execute(_ALL_WITHIN, (after, up_to)).fetchone()
        return int(frames), oldest
    first, oldest = connection.execute(_FIRST, (after, up_to)).fetchone() or (up_to + 1, None)
    (health,) = connection.execute(_HEALTH, (first, up_to)).fetchone()
    return up_to - first + 1 - int(health), oldest
