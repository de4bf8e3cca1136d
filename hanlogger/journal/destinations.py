"""How far each destination has been served, what still waits for it, and its requests in flight."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from hanlogger.errors import JournalUnavailable
from hanlogger.journal.database import Database, select_newest_id
from hanlogger.journal.files import beside, open_private
from hanlogger.journal.model import Observation, Outcome, Waiting, from_ms
from hanlogger.journal.outcomes import (
    count_observations,
    insert_outcome,
    insert_passed_redelivery,
    move_cursor,
    select_cursor,
    select_highest_cursor,
)
from hanlogger.journal.retention import Space
from hanlogger.journal.sqlite import NO_CHECKSUM, check_gone, sql_intact

LOCK_RETRY_SECONDS = 0.05
HELD_BACK_SECONDS = 1.0  # for which a request waits for a command that holds requests back
HELD_BACK = "a command deletes telegrams, or points of them: nothing is sent until it has ended"
MOST_COUNTED = 2000  # ids: to count more of them one by one would take too long to be done each second

_REDELIVERIES = f"""
SELECT meter, first_id - 1, last_id FROM again WHERE destination = ? AND {sql_intact("again")}
"""  # noqa: S608 constants
_COUNT = "SELECT count(*), min(CAST(received_at AS INTEGER)) FROM record WHERE +kind = 0 AND id > ? AND id <= ?"
_COUNT_OF_METER = """
SELECT count(*), min(CAST(received_at AS INTEGER)) FROM record INDEXED BY record_time
WHERE kind = 0 AND id > ? AND id <= ? AND meter = ?
"""
_COUNT_AFTER = "SELECT count(*) FROM record WHERE +kind = 0 AND id > ?"
_FIRST = "SELECT id, CAST(received_at AS INTEGER) FROM record WHERE kind = 0 AND id > ? AND id <= ? ORDER BY id LIMIT 1"
_COUNT_HEALTH = "SELECT count(*) FROM record INDEXED BY record_health WHERE kind = 1 AND id > ? AND id <= ?"


class RecordsChanged(Exception):
    """Records have been deleted, or given other settings, since lines were made of them."""


class Destinations:
    """One cursor for each destination, as `journal.destinations`.

    A destination is known from its first `settle` on. All methods raise JournalUnavailable.
    """

    def __init__(self, database: Database, space: Space) -> None:
        self._database, self._space = database, space

    def get_cursor(self, destination: str) -> int:
        """Return the id up to which a destination has been served; 0 for a new one, which gets everything kept."""
        return self._database.read(lambda connection: select_cursor(connection, destination))

    def get_highest_cursor(self) -> int:
        """Return the id up to which any destination has been served: all before it has been decoded once."""
        return self._database.read(select_highest_cursor)

    def count_unexamined(self) -> int:
        """Return the number of frames that no destination has been served: nobody has tried to decode them yet."""

        def work(connection: sqlite3.Connection) -> int:
            return int(connection.execute(_COUNT_AFTER, (select_highest_cursor(connection),)).fetchone()[0])

        return self._database.read(work)

    def confirm(self, destination: str, cursor: int) -> None:
        """Move the cursor, with nothing refused, undecoded or noticed on the way."""
        self.settle(destination, Outcome(cursor))

    def settle(self, destination: str, outcome: Outcome) -> None:
        """Move the cursor, and list and count what was refused, undecoded and noticed on the way, or do nothing.

        Everything up to `outcome.up_to` is in the database, refused, undecoded, or set aside.
        """

        def work(connection: sqlite3.Connection) -> None:
            move_cursor(connection, destination, outcome.up_to)
            insert_outcome(connection, destination, outcome)

        self._space.write(work)

    def set_aside(
        self, destination: str, first_id: int, last_id: int, observations: Sequence[Observation] = ()
    ) -> None:
        """Let the cursor pass a range of records, which becomes a redelivery, so that newer ones need not wait."""

        def work(connection: sqlite3.Connection) -> None:
            move_cursor(connection, destination, last_id)
            insert_passed_redelivery(connection, destination, first_id, last_id, None)
            count_observations(connection, observations)

        self._space.write(work)

    def count_waiting(self, destination: str) -> Waiting:
        """Return how many frames wait for a destination, redeliveries among them, and when the oldest arrived.

        Where more than 2,000 wait, frames deleted out of their midst are counted too.
        """

        def work(connection: sqlite3.Connection) -> Waiting:
            ranges = connection.execute(_REDELIVERIES, (destination,)).fetchall()
            ranges.append((None, select_cursor(connection, destination), select_newest_id(connection)))
            parts = [_count(connection, *each) for each in ranges]
            oldest = min((at for _, at in parts if at is not None), default=None)
            return Waiting(sum(frames for frames, _ in parts), None if oldest is None else from_ms(oldest))

        return self._database.read(work)

    @contextlib.contextmanager
    def announce_request(self, records: Mapping[int, int | None]) -> Iterator[None]:
        """Surround one request, so that what is deleted from the journal is written nowhere afterwards.

        records: the checksums, by their ids, of the records that the request was made of. Raises RecordsChanged unless
        the records still have them, and JournalUnavailable while requests are held back.
        """
        with _announced(self._database.path):
            if self._database.read(lambda connection: _select_checksums(connection, records)) != list(records.values()):
                raise RecordsChanged
            yield

    @contextlib.contextmanager
    def hold_requests_back(self, timeout: float) -> Iterator[bool]:
        """Hold back the requests of every process while this is entered, once those in flight have ended.

        Yields whether that is so: requests are not held back where one is still in flight after `timeout` seconds, or
        where the file system has no locks. A process that is killed holds nothing back any more.
        """
        with _opened(self._database.path) as file:
            yield file is not None and _lock(file, fcntl.LOCK_EX, timeout) is True


def _count(connection: sqlite3.Connection, meter: str | None, after: int, up_to: int) -> tuple[int, int | None]:
    """Return the number of frames and the arrival time of the oldest, in ms; a large number is computed from ids."""
    if meter is not None:
        frames, oldest = connection.execute(_COUNT_OF_METER, (after, up_to, meter)).fetchone()
        return int(frames), oldest
    if up_to - after <= MOST_COUNTED:
        frames, oldest = connection.execute(_COUNT, (after, up_to)).fetchone()
        return int(frames), oldest
    first, oldest = connection.execute(_FIRST, (after, up_to)).fetchone() or (up_to + 1, None)
    (health,) = connection.execute(_COUNT_HEALTH, (first, up_to)).fetchone()
    return up_to - first + 1 - int(health), oldest


def _select_checksums(connection: sqlite3.Connection, ids: Iterable[int]) -> list[int | None]:
    """Return the checksums of records by their ids; NO_CHECKSUM for one that is gone."""
    return [_select_checksum(connection, number) for number in ids]


def _select_checksum(connection: sqlite3.Connection, record_id: int) -> int | None:
    row = connection.execute("SELECT crc FROM record WHERE id = ?", (record_id,)).fetchone()
    if row is None:
        check_gone(connection, record_id)
        return NO_CHECKSUM
    return None if row[0] is None else int(row[0])


@contextlib.contextmanager
def _announced(path: Path) -> Iterator[None]:
    """Hold a lock; or none, where the disk is full or its file system has no locks: delivery goes on all the same."""
    with _opened(path) as file:
        if file is not None and _lock(file, fcntl.LOCK_SH, HELD_BACK_SECONDS) is False:
            raise JournalUnavailable(HELD_BACK)
        yield


def _lock(file: int, how: int, timeout: float) -> bool | None:
    """Return whether the lock was had within `timeout` seconds; None where the file system has no locks."""
    until = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(LOCK_RETRY_SECONDS)
        except OSError:
            return None
        else:
            return True


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int | None]:
    """Open the file whose lock says that a request is in flight; None where it cannot be made."""
    try:
        file = open_private(beside(path, ".sending"), os.O_RDWR)
    except OSError:
        yield None
        return
    try:
        yield file
    finally:
        os.close(file)
