"""What is set aside under a name: lines that a destination refuses, frames that cannot be decoded."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence

from hanlogger.journal.kinds import NotDecoded, Refusal, Refused, Undecoded, from_ms
from hanlogger.journal.sealing import insert, intact
from hanlogger.journal.store import Store

_REFUSED = f"""
SELECT id, destination, first_id, last_id, line, reason, at FROM refused
WHERE destination = coalesce(?, destination) AND {intact("refused")} ORDER BY id DESC LIMIT ?
"""  # noqa: S608 constants
_UNDECODED = f"""
SELECT record, meter, CAST(coalesce(received_at, 0) AS INTEGER), reason FROM undecoded JOIN record ON id = record
WHERE {intact("undecoded")} ORDER BY record DESC LIMIT ?
"""  # noqa: S608 constants
_KEPT = "SELECT 1 FROM record WHERE id BETWEEN ? AND ?"
_REFUSE = insert("refused")
_SET_UNDECODED = insert("undecoded", "INSERT OR REPLACE")


class Listed(Store):
    """Nothing in these lists is lost: each entry can be tried again."""

    def refuse(self, destination: str, first_id: int, last_id: int, line: bytes | None, reason: str) -> None:
        """Set aside what a destination refuses, with its words: one line of a record, or (line None) a range as one."""
        refusal = Refusal(first_id, last_id, line, reason)
        self._write(lambda connection: add_refused(connection, destination, [refusal]))

    def refused(self, destination: str | None = None, limit: int = 1000) -> list[Refused]:
        """What is refused, the newest first."""
        rows = self._read(lambda connection: connection.execute(_REFUSED, (destination, limit)).fetchall())
        return [Refused(row[0], row[1], Refusal(*row[2:6]), from_ms(row[6])) for row in rows]

    def refused_count(self, destination: str) -> int:
        """How many entries `refused` has for a destination."""
        sql = "SELECT count(*) FROM refused WHERE destination = ?"
        return int(self._read(lambda connection: connection.execute(sql, (destination,)).fetchone())[0])

    def set_undecoded(self, record_id: int, reason: str, tried_with: str = "") -> None:
        """List a frame that cannot be decoded; `tried_with` stands for the version and the keys."""
        entry = NotDecoded(record_id, reason, tried_with)
        self._write(lambda connection: add_undecoded(connection, [entry]))

    def undecoded(self, limit: int = 1000) -> list[Undecoded]:
        """Frames that cannot be decoded, the newest first."""
        rows = self._read(lambda connection: connection.execute(_UNDECODED, (limit,)).fetchall())
        return [Undecoded(number, str(meter), from_ms(at), reason) for number, meter, at, reason in rows]


def add_refused(connection: sqlite3.Connection, destination: str, refusals: Iterable[Refusal]) -> None:
    """Part of a transaction; of records that have been deleted meanwhile nothing is listed."""
    at = time.time_ns() // 1_000_000
    rows = [(destination, *refusal, at) for refusal in refusals if _kept(connection, refusal.first_id, refusal.last_id)]
    connection.executemany(_REFUSE, rows)


def add_undecoded(connection: sqlite3.Connection, entries: Iterable[NotDecoded]) -> None:
    """Part of a transaction; of records that have been deleted meanwhile nothing is listed."""
    rows = [entry for entry in entries if _kept(connection, entry.record_id, entry.record_id)]
    connection.executemany(_SET_UNDECODED, rows)


def _kept(connection: sqlite3.Connection, first_id: int, last_id: int) -> bool:
    return connection.execute(_KEPT, (first_id, last_id)).fetchone() is not None


def remove_undecoded(connection: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Part of a transaction."""
    connection.executemany("DELETE FROM undecoded WHERE record = ?", [(number,) for number in ids])
