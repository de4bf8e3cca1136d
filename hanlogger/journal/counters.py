"""Data beside the records: counters that never reset, the last damaged octets, and what was learnt about devices.

Telegrams are counted in the transaction that appends them; other counts and damaged octets reach the disk within some
seconds. A counter can be read at any time without a gap or a double count, also while its change is on its way to the
disk.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from hanlogger.journal.checksums import make_checksum_sql, make_insert_sql, make_intact_sql
from hanlogger.journal.database import Database
from hanlogger.journal.model import Damaged, from_ms, to_ms
from hanlogger.journal.writer import Work

MOST_DAMAGED = 20  # frames of each meter

_COUNTERS = f"SELECT meter, name, value FROM counter WHERE {make_intact_sql('counter')}"  # noqa: S608 constants
_RAISED = "counter.value + excluded.value"
_RAISE = f"""
{make_insert_sql("counter")}
ON CONFLICT DO UPDATE SET value = {_RAISED}, crc = {make_checksum_sql("counter", value=_RAISED)}
"""
_DAMAGED = f"""
SELECT meter, received_at, format, reason, data FROM damaged WHERE {make_intact_sql("damaged")} ORDER BY id
"""  # noqa: S608 constants
_INSERT_DAMAGED = make_insert_sql("damaged")
_LEARNT = f"SELECT json FROM learnt WHERE device = ? AND {make_intact_sql('learnt')}"  # noqa: S608 constants
_LEARN = make_insert_sql("learnt", "INSERT OR REPLACE")
_UNLEARN = "DELETE FROM learnt WHERE device = ?"
_DELETE_OLD_DAMAGED = """
DELETE FROM damaged WHERE meter = :meter
AND id <= (SELECT id FROM damaged WHERE meter = :meter ORDER BY id DESC LIMIT 1 OFFSET :most)
"""


class Pending:
    """Counts and damaged octets that wait in memory for the next transaction (`database.Deferred`).

    The memory is bounded: one number for each counter, and the last damaged octets of each meter.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()  # by meter and name
        self._damaged: dict[str, deque[Damaged]] = {}  # by meter
        self._taken_counts: Counter[tuple[str, str]] = Counter()
        self._taken_damaged: list[Damaged] = []
        self.settling = threading.Lock()
        """Whoever holds it finds each count in one place: on the disk, or in `get_counts`."""

    def __bool__(self) -> bool:
        return bool(self._counts or self._damaged)

    def count(self, meter: str, name: str, by: int) -> None:
        """Raise a counter of a meter in memory."""
        with self._lock:
            self._counts[meter, name] += by

    def get_counts(self) -> Counter[tuple[str, str]]:
        """Return what is to be added to the counters on the disk, by meter and name."""
        with self._lock:
            return self._counts + self._taken_counts

    def keep(self, damaged: Damaged) -> None:
        """Keep damaged octets, if need be in place of the oldest of their meter."""
        with self._lock:
            self._keep(damaged)

    def take(self) -> Work:
        """Return the work that writes all that waits; `settle` or `put_back` follows."""
        with self._lock:
            counts, damaged = self._counts, self._list_damaged()
            self._counts, self._taken_counts, self._taken_damaged = Counter(), counts, damaged
            self._damaged.clear()

        def write(connection: sqlite3.Connection) -> None:
            raise_counters(connection, counts)
            insert_damaged(connection, damaged)

        return write

    @contextmanager
    def settle(self) -> Iterator[None]:
        """Surround the COMMIT that makes durable what was taken."""
        with self.settling:
            yield
            with self._lock:
                self._taken_counts, self._taken_damaged = Counter(), []

    def put_back(self) -> None:
        """Let what was taken wait again, because its transaction failed."""
        with self._lock:
            self._counts.update(self._taken_counts)
            newer = self._list_damaged()
            self._damaged.clear()
            for damaged in [*self._taken_damaged, *newer]:
                self._keep(damaged)
            self._taken_counts, self._taken_damaged = Counter(), []

    def _list_damaged(self) -> list[Damaged]:
        return [damaged for kept in self._damaged.values() for damaged in kept]

    def _keep(self, damaged: Damaged) -> None:
        self._damaged.setdefault(damaged.meter, deque(maxlen=MOST_DAMAGED)).append(damaged)


class Counters:
    """The counters of all meters, as `journal.counters`."""

    def __init__(self, database: Database, pending: Pending) -> None:
        self._database, self._pending = database, pending

    def count(self, meter: str, name: str, by: int = 1) -> None:
        """Raise a counter of a meter; never waits, and never raises an error."""
        self._pending.count(meter, name, by)

    def get_all(self) -> dict[str, dict[str, int]]:
        """Return, by meter and name, what has been counted since the journal was made. Raises JournalUnavailable."""
        counters: dict[str, dict[str, int]] = {}
        for meter, name, value in self._database.read(self._select):
            names = counters.setdefault(meter, {})
            names[name] = names.get(name, 0) + value
        return counters

    def _select(self, connection: sqlite3.Connection) -> list[tuple[str, str, int]]:
        with self._pending.settling:
            rows = connection.execute(_COUNTERS).fetchall()
            return [*rows, *((meter, name, by) for (meter, name), by in self._pending.get_counts().items())]


class DamagedOctets:
    """The last damaged octets of each meter, for reports, as `journal.damaged`."""

    def __init__(self, database: Database, pending: Pending) -> None:
        self._database, self._pending = database, pending

    def keep(self, damaged: Damaged) -> None:
        """Keep damaged octets, and of each meter the last 20; never waits, and never raises an error."""
        self._pending.keep(damaged)

    def list_all(self) -> list[Damaged]:
        """Return the damaged octets that are kept, oldest first. Raises JournalUnavailable."""
        rows = self._database.read(lambda connection: connection.execute(_DAMAGED).fetchall())
        return [Damaged(meter, from_ms(at), form, reason, data) for meter, at, form, reason, data in rows]


class Learnt:
    """What was learnt about devices, as `journal.learnt`. All methods raise JournalUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, device: str, settings: Mapping[str, str]) -> None:
        """Keep what was learnt about a device, in place of what was known."""
        row = (device, json.dumps(dict(settings), sort_keys=True))
        self._database.write(lambda connection: connection.execute(_LEARN, row))

    def get(self, device: str) -> dict[str, str]:
        """Return what was learnt about a device; empty for a new one."""
        row = self._database.read(lambda connection: connection.execute(_LEARNT, (device,)).fetchone())
        settings: dict[str, str] = json.loads(row[0]) if row else {}
        return settings

    def delete(self, device: str) -> None:
        """Delete what was learnt about a device."""
        self._database.write(lambda connection: connection.execute(_UNLEARN, (device,)))


def raise_counters(connection: sqlite3.Connection, counts: Mapping[tuple[str, str], int]) -> None:
    """Raise counters, by meter and name."""
    connection.executemany(_RAISE, [(meter, name, by) for (meter, name), by in counts.items()])


def insert_damaged(connection: sqlite3.Connection, damaged: Iterable[Damaged]) -> None:
    """Insert damaged octets, and delete of each meter all but the last 20."""
    rows = [(bad.meter, to_ms(bad.received_at), bad.format, bad.reason, bad.data) for bad in damaged]
    if rows:
        connection.executemany(_INSERT_DAMAGED, rows)
        meters = sorted({bad[0] for bad in rows})
        connection.executemany(_DELETE_OLD_DAMAGED, [{"meter": meter, "most": MOST_DAMAGED} for meter in meters])
