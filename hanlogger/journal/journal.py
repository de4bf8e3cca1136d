"""The journal, open: its parts by name."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from hanlogger.errors import JournalUnavailable
from hanlogger.heartbeat import Heartbeat
from hanlogger.journal.arrival_times import ArrivalTimes
from hanlogger.journal.counters import Counters, DamagedOctets, Pending
from hanlogger.journal.database import Database
from hanlogger.journal.destinations import Destinations
from hanlogger.journal.file import beside
from hanlogger.journal.mending import mend
from hanlogger.journal.records import Records
from hanlogger.journal.redelivery import Redeliveries, RefusedList, UndecodedList
from hanlogger.journal.retention import Retention
from hanlogger.journal.sealing import insert, intact
from hanlogger.journal.space import Space

_LEARNT = f"SELECT json FROM learnt WHERE device = ? AND {intact('learnt')}"  # noqa: S608 constants
_LEARN = insert("learnt", "INSERT OR REPLACE")


class Journal:
    """One journal, open, for any number of threads, and beside other processes that read."""

    def __init__(self, path: Path, *, read_only: bool, exclusive: bool) -> None:
        pending = Pending()
        self._database = database = Database(path, pending, read_only=read_only, exclusive=exclusive)
        self.arrival_times = ArrivalTimes(database)
        self.records = Records(database, self.arrival_times)
        self.space = Space(database)
        self.destinations = Destinations(database, self.space)
        self.redeliveries = Redeliveries(database, self.space)
        self.refused = RefusedList(database)
        self.undecoded = UndecodedList(database)
        self.counters = Counters(database, pending)
        self.damaged = DamagedOctets(database, pending)
        self.learnt = Learnt(database)
        self.retention = Retention(database)
        if not read_only:
            with contextlib.suppress(JournalUnavailable):  # a full disk: corrupt rows are passed over until then
                database.write(mend)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, exclusive: bool | None = None) -> Self:
        """Open the journal, which is made unless `read_only`.

        exclusive: as the one `run` that records in it, which is meant unless `read_only`; False is for commands that
        change little beside it. Raises JournalUnavailable, JournalLocked where another `run` has it, NotAJournal.
        """
        return cls(path, read_only=read_only, exclusive=not read_only if exclusive is None else exclusive)

    def close(self) -> None:
        """Close the journal; everything given before is on the disk when this returns."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The path of the file, with symbolic links resolved."""
        return self._database.path

    @property
    def newest(self) -> int:
        """The id of the newest record that this process knows of; 0 for none."""
        return self._database.newest

    @property
    def heartbeat(self) -> Heartbeat:
        """The heartbeat of the thread that writes; always fresh in a journal that is open for reading only."""
        return self._database.heartbeat

    @property
    def size(self) -> int:
        """Octets of the journal on the disk, its write-ahead log included."""
        files = (self.path, beside(self.path, "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def wait(self, cursor: int, timeout: float) -> bool:
        """Wait up to `timeout` seconds for a record after the cursor to be appended by this process.

        Returns whether there is one.
        """
        return self._database.wait(cursor, timeout)


class Learnt:
    """What was found out about devices, as `journal.learnt`. All methods raise JournalUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, device: str, settings: Mapping[str, str]) -> None:
        """Remember what was found out about a device, in place of what was known."""
        row = (device, json.dumps(dict(settings), sort_keys=True))
        self._database.write(lambda connection: connection.execute(_LEARN, row))

    def get(self, device: str) -> dict[str, str]:
        """Return what was found out about a device; empty for a new one."""
        row = self._database.read(lambda connection: connection.execute(_LEARNT, (device,)).fetchone())
        settings: dict[str, str] = json.loads(row[0]) if row else {}
        return settings

    def delete(self, device: str) -> None:
        """Delete what was found out about a device."""
        self._database.write(lambda connection: connection.execute("DELETE FROM learnt WHERE device = ?", (device,)))
