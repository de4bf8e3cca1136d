"""What becomes of records: delivered, refused, undecoded, or to be sent again."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from hanlogger.journal.counts import write_passed
from hanlogger.journal.kinds import NotDecoded, Outcome, Range, Refusal, Refused, Undecoded, Waiting, from_ms
from hanlogger.journal.store import Store


class Fates(Store):
    def cursor(self, destination: str) -> int:
        """The id up to which a destination has been served; 0 for one that is new: it gets everything kept."""
        row = self._read(
            lambda c: c.execute("SELECT cursor FROM destination WHERE name = ?", (destination,)).fetchone()
        )
        return int(row[0]) if row else 0

    def confirm(self, destination: str, cursor: int) -> None:
        """Everything up to the cursor is in the database, refused, undecoded, or set aside."""
        self.settle(destination, Outcome(cursor))

    def settle(self, destination: str, outcome: Outcome) -> None:
        """Confirm, with what was refused, undecoded and noticed on the way, in one transaction."""

        def work(connection: sqlite3.Connection) -> None:
            move_cursor(connection, destination, outcome.up_to)
            _list(connection, destination, outcome)

        self._write(work)

    def set_aside(self, destination: str, first_id: int, last_id: int) -> None:
        """Take a range out of the way of what comes after it: the cursor passes it, it is sent again from `again`."""

        def work(connection: sqlite3.Connection) -> None:
            move_cursor(connection, destination, last_id)
            _add_again(connection, destination, first_id, last_id, None)

        self._write(work)

    def again(self, destination: str) -> Range | None:
        """The first range that the destination is to be sent again."""
        rows = self._read(
            lambda c: c.execute(
                "SELECT id, first_id, last_id, meter FROM again WHERE destination = ? ORDER BY id LIMIT 1",
                (destination,),
            ).fetchall()
        )
        return Range(*rows[0]) if rows else None

    def send_again(self, destination: str, first_id: int, last_id: int, meter: str | None = None) -> None:
        """Put records up to the cursor to be delivered once more; those after it are delivered anyway."""
        self._write(lambda connection: _add_again(connection, destination, first_id, last_id, meter))

    def settle_again(self, destination: str, served: Range, outcome: Outcome) -> None:
        """As `settle`, for a part of a range: the rest of it remains."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE again SET first_id = ? WHERE id = ?", (outcome.up_to + 1, served.id))
            connection.execute("DELETE FROM again WHERE id = ? AND first_id > last_id", (served.id,))
            _list(connection, destination, outcome)

        self._write(work)

    def refuse(self, destination: str, first_id: int, last_id: int, line: bytes | None, reason: str) -> None:
        """Set aside what a destination refuses, with its words: one line of a record, or (line None) a range as one."""
        refusal = Refusal(first_id, last_id, line, reason)
        self._write(lambda connection: _add_refused(connection, destination, [refusal]))

    def refused(self, destination: str | None = None, limit: int = 1000) -> list[Refused]:
        """What is refused, the newest first."""
        sql = """SELECT id, destination, first_id, last_id, line, reason, at FROM refused
                 WHERE ? IS NULL OR destination = ? ORDER BY id DESC LIMIT ?"""
        rows = self._read(lambda c: c.execute(sql, (destination, destination, limit)).fetchall())
        return [Refused(row[0], row[1], Refusal(*row[2:6]), from_ms(row[6])) for row in rows]

    def refused_count(self, destination: str | None = None) -> int:
        return self._count("refused WHERE ? IS NULL OR destination = ?", destination, destination)

    def retry_refused(self, destination: str | None = None, ids: Collection[int] | None = None) -> int:
        """Put what was refused (by one destination, or some of it by id) to be sent again; the number of entries."""

        def work(connection: sqlite3.Connection) -> int:
            rows = connection.execute("SELECT id, destination, first_id, last_id FROM refused ORDER BY id").fetchall()
            chosen = [row for row in rows if destination in (None, row[1]) and (ids is None or row[0] in ids)]
            for number, name, first, last in chosen:
                connection.execute("DELETE FROM refused WHERE id = ?", (number,))
                _add_again(connection, name, first, last, None)
            return len(chosen)

        return self._write(work)

    def set_undecoded(self, record_id: int, reason: str, tried_with: str = "") -> None:
        """List a frame as one that cannot be decoded; `tried_with` stands for the version, settings and keys."""
        self._write(lambda connection: _add_undecoded(connection, [NotDecoded(record_id, reason, tried_with)]))

    def undecoded(self, limit: int = 1000) -> list[Undecoded]:
        """Frames that cannot be decoded, the newest first."""
        sql = """SELECT record, meter, received_at, reason FROM undecoded JOIN record ON record.id = undecoded.record
                 ORDER BY record DESC LIMIT ?"""
        rows = self._read(lambda c: c.execute(sql, (limit,)).fetchall())
        return [Undecoded(number, meter, from_ms(at), reason) for number, meter, at, reason in rows]

    def undecoded_count(self) -> int:
        return self._count("undecoded")

    def retry_undecoded(self, try_with: Mapping[str, str] | None = None) -> int:
        """Put frames that could not be decoded to be sent again to every destination that has passed them; their number.

        try_with: by meter what decoding would be tried with now; only frames last tried with something else (None: all).
        """

        def work(connection: sqlite3.Connection) -> int:
            rows = connection.execute(
                "SELECT record, meter, tried_with FROM undecoded JOIN record ON record.id = record ORDER BY record"
            ).fetchall()
            ids = [number for number, meter, tried in rows if try_with is None or try_with.get(meter, tried) != tried]
            connection.executemany("DELETE FROM undecoded WHERE record = ?", [(number,) for number in ids])
            for (name,) in connection.execute("SELECT name FROM destination").fetchall():
                for first, last in _runs(ids):
                    _add_again(connection, name, first, last, None)
            return len(ids)

        return self._write(work)

    def waiting(self, destination: str) -> Waiting:
        """How many frames wait for a destination, and the time of receipt of the oldest."""

        def work(connection: sqlite3.Connection) -> Waiting:
            counted = [
                connection.execute(
                    f"SELECT count(*), min(received_at) FROM record WHERE kind = 0 AND {where}", parameters
                )
                for where, parameters in _waiting_parts(connection, destination)
            ]
            rows = [cursor.fetchone() for cursor in counted]
            oldest = min((at for _, at in rows if at is not None), default=None)
            return Waiting(sum(frames for frames, _ in rows), None if oldest is None else from_ms(oldest))

        return self._read(work)

    def _count(self, what: str, *parameters: object) -> int:
        (number,) = self._read(lambda c: c.execute(f"SELECT count(*) FROM {what}", parameters).fetchone())
        return int(number)


def move_cursor(connection: sqlite3.Connection, destination: str, cursor: int) -> None:
    connection.execute(
        "INSERT INTO destination VALUES (?, ?) ON CONFLICT DO UPDATE SET cursor = max(cursor, excluded.cursor)",
        (destination, cursor),
    )


def _list(connection: sqlite3.Connection, destination: str, outcome: Outcome) -> None:
    connection.executemany("DELETE FROM undecoded WHERE record = ?", [(note.record_id,) for note in outcome.passed])
    _add_refused(connection, destination, outcome.refused)
    _add_undecoded(connection, outcome.undecoded)
    write_passed(connection, outcome.passed)


def _add_again(connection: sqlite3.Connection, destination: str, first: int, last: int, meter: str | None) -> None:
    """Nothing for what the cursor has not passed: that is delivered anyway."""
    row = connection.execute("SELECT cursor FROM destination WHERE name = ?", (destination,)).fetchone()
    last = min(last, row[0] if row else 0)
    if first <= last:
        connection.execute(
            "INSERT INTO again (destination, first_id, last_id, meter) VALUES (?, ?, ?, ?)",
            (destination, first, last, meter),
        )


def _add_refused(connection: sqlite3.Connection, destination: str, refusals: Iterable[Refusal]) -> None:
    at = time.time_ns() // 1_000_000
    connection.executemany(
        "INSERT INTO refused (destination, first_id, last_id, line, reason, at) VALUES (?, ?, ?, ?, ?, ?)",
        [(destination, *refusal, at) for refusal in refusals],
    )


def _add_undecoded(connection: sqlite3.Connection, rows: Sequence[NotDecoded]) -> None:
    connection.executemany("INSERT OR REPLACE INTO undecoded VALUES (?, ?, ?)", rows)


def _waiting_parts(connection: sqlite3.Connection, destination: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Conditions on records, and their parameters: after the cursor, and each range to be sent again."""
    row = connection.execute("SELECT cursor FROM destination WHERE name = ?", (destination,)).fetchone()
    yield "id > ?", (row[0] if row else 0,)
    ranges = connection.execute("SELECT first_id, last_id, meter FROM again WHERE destination = ?", (destination,))
    for first, last, meter in ranges.fetchall():
        yield "id BETWEEN ? AND ? AND meter = coalesce(?, meter)", (first, last, meter)


def _runs(ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of ids that follow each other."""
    runs = groupby(enumerate(ids), lambda pair: pair[1] - pair[0])
    for _, pairs in runs:
        run = [number for _, number in pairs]
        yield run[0], run[-1]
