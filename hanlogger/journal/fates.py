"""How far each destination has been served."""

from __future__ import annotations

import sqlite3

from hanlogger.journal.counts import write_passed
from hanlogger.journal.kinds import Outcome
from hanlogger.journal.listed import add_refused, add_undecoded
from hanlogger.journal.room import Room


class Fates(Room):
    """A cursor a destination, which is known from its first confirmation on."""

    def cursor(self, destination: str) -> int:
        """The id up to which a destination has been served; 0 for one that is new: it gets everything kept."""
        return self._read(lambda connection: cursor_of(connection, destination))

    def confirm(self, destination: str, cursor: int) -> None:
        """Everything up to the cursor is in the database, refused, undecoded, or set aside."""
        self.settle(destination, Outcome(cursor))

    def settle(self, destination: str, outcome: Outcome) -> None:
        """Confirm, and list what was refused, undecoded and noticed on the way, in one transaction."""

        def work(connection: sqlite3.Connection) -> None:
            move_cursor(connection, destination, outcome.up_to)
            list_outcome(connection, destination, outcome)

        self._make_way(work)


def cursor_of(connection: sqlite3.Connection, destination: str) -> int:
    """Part of a read or a transaction."""
    row = connection.execute("SELECT cursor FROM destination WHERE name = ?", (destination,)).fetchone()
    return int(row[0]) if row else 0


def move_cursor(connection: sqlite3.Connection, destination: str, cursor: int) -> None:
    """Part of a transaction; only ever forward."""
    connection.execute(
        "INSERT INTO destination VALUES (?, ?) ON CONFLICT DO UPDATE SET cursor = max(cursor, excluded.cursor)",
        (destination, cursor),
    )


def list_outcome(connection: sqlite3.Connection, destination: str, outcome: Outcome) -> None:
    """Part of a transaction."""
    add_refused(connection, destination, outcome.refused)
    add_undecoded(connection, outcome.undecoded)
    write_passed(connection, outcome.passed)
