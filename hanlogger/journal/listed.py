"""What is set aside under a name: lines that a destination refuses, frames that cannot be decoded."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence

from hanlogger.journal.kinds import NotDecoded, Refusal, Refused, Undecoded, from_ms
from hanlogger.journal.store import Store

_REFUSED = """
SELECT id, destination, first_id, last_id, line, reason, at FROM refused
WHERE destination = coalesce(?, destination) ORDER BY id DESC LIMIT ?
"""
_UNDECODED = """
SELECT record, meter, received_at, reason FROM undecoded JOIN record ON id = record ORDER BY record DESC LIMIT ?
"""


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
        return [Undecoded(number, meter, from_ms(at), reason) for number, meter, at, reason in rows]


def add_refused(connection: sqlite3.Connection, destination: str, refusals: Iterable[Refusal]) -> None:
    """Part of a transaction."""
    at = time.time_ns() // 1_000_000
    connection.executemany(
        "INSERT INTO refused (destination, first_id, last_id, line, reason, at) VALUES (?, ?, ?, ?, ?, ?)",
        [(destination, *refusal, at) for refusal in refusals],
    )


def add_undecoded(connection: sqlite3.Connection, entries: Iterable[NotDecoded]) -> None:
    """Part of a transaction."""
    connection.executemany("INSERT OR REPLACE INTO undecoded VALUES (?, ?, ?)", entries)


def remove_undecoded(connection: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Part of a transaction."""
    connection.executemany("DELETE FROM undecoded WHERE record = ?", [(number,) for number in ids])
