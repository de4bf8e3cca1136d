"""How far each destination has been served, what still waits for it, and its requests in flight."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from typing import NamedTuple

from hanlogger.journal.checksums import make_intact_sql
from hanlogger.journal.database import Database, Edition, select_newest_id
from hanlogger.journal.filters import WANTED, Takes, select_next_wanted, select_share, to_json
from hanlogger.journal.model import HIGHEST_ID, Observation, Outcome, RecordsChanged, Waiting, from_ms, to_bounds
from hanlogger.journal.outcomes import (
    count_observations,
    insert_outcome,
    insert_passed_redelivery,
    move_cursor,
    select_cursor,
    select_highest_cursor,
)
from hanlogger.journal.requests import announce, check_unchanged, hold_back
from hanlogger.journal.retention import Space

MOST_COUNTED = 2000  # ids: to count more of them one by one would take too long to be done each second

_REDELIVERIES = f"""
SELECT meter, first_id - 1, last_id FROM again WHERE destination = ? AND {make_intact_sql("again")}
"""  # noqa: S608 constants
_COUNT = "SELECT count(*), min(CAST(received_at AS INTEGER)) FROM record WHERE +kind = 0 AND id > ? AND id <= ?"
_COUNT_OF_METER = """
SELECT count(*), min(CAST(received_at AS INTEGER)) FROM record INDEXED BY record_time
WHERE kind = 0 AND id > ? AND id <= ? AND meter = ?
"""
_COUNT_WANTED = f"""
SELECT count(*), min(CAST(received_at AS INTEGER)) FROM record WHERE +kind = 0 AND id > ? AND id <= ? AND {WANTED}
"""  # noqa: S608 constants
_ARRIVAL = "SELECT CAST(received_at AS INTEGER) FROM record WHERE id = ?"
_COUNT_AFTER = "SELECT count(*) FROM record WHERE +kind = 0 AND id > ? AND received_at < ?"
_FIRST = "SELECT id, CAST(received_at AS INTEGER) FROM record WHERE kind = 0 AND id > ? AND id <= ? ORDER BY id LIMIT 1"
_COUNT_OTHERS = "SELECT count(*) FROM record INDEXED BY record_no_frame WHERE kind <> 0 AND id > ? AND id <= ?"


class Served(NamedTuple):
    """What some destinations have been served with: the records up to an id, but for ranges to be sent again."""

    cursor: int
    again: tuple[tuple[int, int], ...]  # first and last id of each

    def covers(self, first: int, last: int) -> bool:
        """Return whether each destination has been served with the records of all these ids."""
        return last <= self.cursor and not any(start <= last and first <= end for start, end in self.again)


class Destinations:
    """One cursor for each destination, as `journal.destinations`.

    A destination is known from its first `settle` on. All methods raise JournalUnavailable.
    """

    def __init__(self, database: Database, space: Space) -> None:
        self._database, self._space = database, space

    def use_filters(self, takes: Mapping[str, Takes]) -> None:
        """Set the filters of destinations that take some meters only, by name, in place of earlier filters.

        What a destination does not take never waits for it, and is never kept for it.
        """
        self._database.filters.use(takes)

    def get_cursor(self, destination: str) -> int:
        """Return the id up to which a destination has been served; 0 for a new one, which gets everything kept."""
        return self._database.read(lambda connection: select_cursor(connection, destination))

    def get_highest_cursor(self) -> int:
        """Return the id up to which any destination has been served: all before it has been decoded once."""
        return self._database.read(select_highest_cursor)

    def count_unexamined(self, until: datetime | None = None) -> int:
        """Return the number of frames that no destination has been served: nobody has tried to decode them yet.

        until: only those that arrived before; a running logger may have decoded later ones, and not settled them yet.
        """
        _, before = to_bounds(None, until)

        def work(connection: sqlite3.Connection) -> int:
            return int(connection.execute(_COUNT_AFTER, (select_highest_cursor(connection), before)).fetchone()[0])

        return self._database.read(work)

    def confirm(self, destination: str, cursor: int) -> None:
        """Move the cursor, with nothing refused, undecoded or noticed on the way."""
        self.settle(destination, Outcome(cursor))

    @property
    def edition(self) -> Edition:
        """What tells whether another process has written between two writes of this one."""
        return self._database.edition

    def settle(self, destination: str, outcome: Outcome, since: Edition | None = None) -> None:
        """Move the cursor, and list and count what was refused, undecoded and noticed on the way, or do nothing.

        Everything up to `outcome.up_to` is in the database, refused, undecoded, or set aside. since: an `edition`;
        RecordsChanged is raised where another process has written later, which may have asked for these records once
        more. Then they are to be sent again, as they are where the process is killed.
        """
        self._space.write(partial(self._settle, destination=destination, outcome=outcome, since=since))

    def begin_settle(self, destination: str, outcome: Outcome, since: Edition) -> Future[None]:
        """Settle with whatever is written next, or in 15 s; return the future of it at once. It fails as `settle`."""
        work = partial(self._settle, destination=destination, outcome=outcome, since=since)
        return self._database.begin_late_write(work)

    def _settle(
        self, connection: sqlite3.Connection, destination: str, outcome: Outcome, since: Edition | None
    ) -> None:
        if since is not None and self._database.edition != since:
            raise RecordsChanged
        move_cursor(connection, destination, outcome.up_to)
        insert_outcome(connection, destination, outcome)

    def settle_begun(self) -> None:
        """Have at once all settled that was begun; the futures tell how that ended."""
        self._database.write(lambda _: None)

    def set_aside(
        self, destination: str, first_id: int, last_id: int, observations: Sequence[Observation] = ()
    ) -> None:
        """Let the cursor pass a range of records, which becomes a redelivery, so that newer ones need not wait."""

        def work(connection: sqlite3.Connection) -> None:
            move_cursor(connection, destination, last_id)
            insert_passed_redelivery(connection, destination, first_id, last_id, None)
            count_observations(connection, observations)

        self._space.write(work)

    def count_waiting(self, destination: str, served: int = 0, up_to: int = HIGHEST_ID) -> Waiting:
        """Return how many frames wait for a destination, redeliveries among them, and when the oldest arrived.

        served: the id up to which it is known to have been served, where the cursor may not be there yet. up_to: the
        id up to which what is new counts.
        Where more than 2,000 wait, frames deleted out of their midst are counted too; of a destination that takes some
        meters only, the share of these in the first 2,000 is taken for that in all.
        """

        def work(connection: sqlite3.Connection) -> Waiting:
            left_out = self._database.filters.list_left_out(connection, destination)
            ranges = connection.execute(_REDELIVERIES, (destination,)).fetchall()
            reached = max(served, self._select_reached(connection, destination))
            ranges.append((None, reached, min(up_to, select_newest_id(connection))))
            parts = [_count(connection, meter, after, last, left_out) for meter, after, last in ranges]
            oldest = min((at for _, at in parts if at is not None), default=None)
            return Waiting(sum(frames for frames, _ in parts), None if oldest is None else from_ms(oldest))

        return self._database.read(work)

    def get_served(self, destinations: Iterable[str]) -> Served:
        """Return what all of these destinations have been served with, redeliveries that wait left out."""
        names = tuple(destinations)

        def work(connection: sqlite3.Connection) -> Served:
            ranges = [row for name in names for row in connection.execute(_REDELIVERIES, (name,)).fetchall()]
            return Served(
                min((self._select_reached(connection, name) for name in names), default=0),
                tuple((after + 1, last) for _, after, last in ranges),
            )

        return self._database.read(work)

    def has_waiting(self, destination: str, up_to: int = HIGHEST_ID) -> bool:
        """Return whether a record of any kind, with an id up to `up_to`, or a redelivery waits for a destination."""

        def work(connection: sqlite3.Connection) -> bool:
            ranges = connection.execute(_REDELIVERIES, (destination,)).fetchone()
            reached = self._select_reached(connection, destination)
            return ranges is not None or reached < min(up_to, select_newest_id(connection))

        return self._database.read(work)

    def _select_reached(self, connection: sqlite3.Connection, destination: str) -> int:
        """Return the id before the first record that waits, wanted by the destination: where its cursor could be."""
        cursor = select_cursor(connection, destination)
        left_out = self._database.filters.list_left_out(connection, destination)
        if not left_out:
            return cursor
        following = select_next_wanted(connection, cursor, left_out)
        return max(cursor, select_newest_id(connection)) if following is None else following - 1

    @contextlib.contextmanager
    def announce_request(self, records: Mapping[int, int | None]) -> Iterator[None]:
        """Surround one request, so that what is deleted from the journal is written nowhere afterwards.

        records: the checksums, by their ids, of the records that the request was made of. Raises RecordsChanged unless
        the records still have them, and JournalUnavailable while requests are held back.
        """
        with announce(self._database.path):
            self._database.read(lambda connection: check_unchanged(connection, records))
            yield

    @contextlib.contextmanager
    def hold_requests_back(self, timeout: float) -> Iterator[bool]:
        """Hold back the requests of every process while this is entered, once those in flight have ended.

        Yields whether that is so: requests are not held back where one is still in flight after `timeout` seconds, or
        where the file system has no locks. A process that is killed holds nothing back any more.
        """
        with hold_back(self._database.path, timeout) as held:
            yield held


def _count(
    connection: sqlite3.Connection, meter: str | None, after: int, up_to: int, left_out: Collection[str]
) -> tuple[int, int | None]:
    """Return the number of frames and the arrival time of the oldest, in ms; a large number is computed from ids."""
    if meter is not None:
        frames, oldest = connection.execute(_COUNT_OF_METER, (after, up_to, meter)).fetchone()
        return int(frames), oldest
    if left_out:
        return _count_wanted(connection, after, up_to, left_out)
    if up_to - after <= MOST_COUNTED:
        frames, oldest = connection.execute(_COUNT, (after, up_to)).fetchone()
        return int(frames), oldest
    first, oldest = connection.execute(_FIRST, (after, up_to)).fetchone() or (up_to + 1, None)
    (others,) = connection.execute(_COUNT_OTHERS, (first, up_to)).fetchone()
    return up_to - first + 1 - int(others), oldest


def _count_wanted(
    connection: sqlite3.Connection, after: int, up_to: int, left_out: Collection[str]
) -> tuple[int, int | None]:
    if up_to - after <= MOST_COUNTED:
        frames, oldest = connection.execute(_COUNT_WANTED, (after, up_to, to_json(left_out))).fetchone()
        return int(frames), oldest
    first = select_next_wanted(connection, after, left_out)
    if first is None or first > up_to:
        return 0, None
    looked, wanted = select_share(connection, first - 1, up_to, left_out, MOST_COUNTED)
    (oldest,) = connection.execute(_ARRIVAL, (first,)).fetchone()
    return max(1, (up_to - first + 1) * wanted // looked), oldest
