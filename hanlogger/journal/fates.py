"""How far each destination has been served."""

from __future__ import annotations

import sqlite3

from hanlogger.journal.counts import write_passed
from hanlogger.journal.cursors import cursor_of, frames_after, highest_cursor, move_cursor
from hanlogger.journal.kinds import Outcome
from hanlogger.journal.listed import add_refused, add_undecoded
from hanlogger.journal.room import Room


class Fates(Room):
    """A cursor a destination, which is known from its first confirmation on."""

    def cursor(self, destination: str) -> int:
        """The id up to which a destination has been served; 0 for one that is new: it gets everything kept."""
        return self._read(lambda connection: cursor_of(connection, destination))

    def examined(self) -> int:
        """Return the id up to which a destination has been served: everything up to it has been decoded once."""
        return self._read(highest_cursor)

    def unexamined(self) -> int:
        """Return how many frames no destination has been served with: whether they can be decoded is not known yet."""
        return self._read(lambda connection: frames_after(connection, highest_cursor(connection)))

    def confirm(self, destination: str, cursor: int) -> None:
        """Everything up to the cursor is in the database, refused, undecoded, or set aside."""
        self.settle(destination, Outcome(cursor))

    def settle(self, destination: str, outcome: Outcome) -> None:
        """Confirm, and list what was refused, undecoded and noticed on the way, in one transaction."""

        def work(connection: sqlite3.Connection) -> None:
            move_cursor(connection, destination, outcome.up_to)
            list_outcome(connection, destination, outcome)

        self._make_way(work)


def list_outcome(connection: sqlite3.Connection, destination: str, outcome: Outcome) -> None:
    """Part of a transaction."""
    add_refused(connection, destination, outcome.refused)
    add_undecoded(connection, outcome.undecoded)
    write_passed(connection, outcome.passed)
