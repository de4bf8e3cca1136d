"""The journal: one SQLite file that holds every frame as soon as it is whole, and what became of it.

How it works
============

**Records.** A frame is appended with its arrival time, its meter and the settings in force, and is durable when
`append` returns. Minutes of the logger's health stand among the frames. Ids rise in the order of appending and are
never used again. A record is never changed but by `reconfigure`, and by `arrival_times.correct`.

**Cursors.** Each destination has one: the id up to which it has been served. Delivery reads on from there, and moves
the cursor in the transaction that lists what became of the records on the way::

    id              1   2   3   4   5   6   7   8   9  10  11  12      f  frame        h  minute of health
    record          f   f   f   f   h   f   f   f   f   f   f   f      .  in the database
    "influxdb"      .   R   R   .   .   U   .   .|                     R  redelivery: sent once more, beside the newer
                                                 cursor = 8  -->       U  undecoded: listed, and passed by the cursor
    "second"        .   .   X   .|                                     X  refused: listed, and passed by the cursor
                                 cursor = 4  -->

Everything up to a cursor is in the database, refused, undecoded, or in a redelivery; so nothing vanishes silently, and
nothing waits for what cannot be delivered now.

- *Redelivery*: a range of ids behind the cursor that is sent once more, because it was set aside (newer records did
  not wait for it), a user asked for it (`backfill`), or an entry of the lists below is tried once more. A range that
  is asked for while it is being sent gets a new id, so that the request in flight does not settle it.
- *Refused*: a line, or a range of records, that a database will never take, with the database's words.
- *Undecoded*: a frame that is whole and cannot be decoded, with the version and the keys that were tried. It is tried
  once more when they change. A row of a reading that cannot be read is *unread*: it is counted, and not listed.

**Time.** Arrival times are UTC, in milliseconds, unique for a meter: of two frames of one millisecond the second gets
the next free one. In the doubled hour of autumn a meter's clock says each time twice. The arrival time decides which is
meant; for a frame from a file, whose arrival says nothing, the frame that was appended before it decides
(`records.get_previous`). A frame that arrived before the clock of the host was set keeps the host's uptime, and gets
its time later.

**Retention.** A delivered frame goes when it is older than `keep`, and from the oldest on while the file is larger
than `max_size`; only then, if need be, frames go that were never delivered, of the meter that holds most. Each is
counted. On a full disk the oldest delivered frames make space for new ones; a reserve beside the file lets SQLite
delete at all.

**Corrupt files and rows.** Each row has a checksum, because SQLite has none; a corrupt row costs itself (rows.py,
mending.py). A file that SQLite calls corrupt is set aside, and what can be read of it is salvaged into a new one, which
takes its place in a way that can be cut off anywhere (salvage/).

**Writing.** One thread writes (writer.py): whatever waits while one transaction is on its way to the disk is the next.
Each costs the disk. So counts may wait some seconds, and the settling of what is delivered a minute, and then for the
next append: what is not settled when the process is killed is sent once more. One `run` holds the lock of a journal;
other processes read it, and change little beside it. What has waited while one of them changed something is not
settled, but sent again.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Self

from hanlogger.errors import JournalUnavailable
from hanlogger.heartbeat import Heartbeat
from hanlogger.journal.arrival_times import ArrivalTimes
from hanlogger.journal.counters import Counters, DamagedOctets, Learnt, Pending
from hanlogger.journal.database import Database, Edition
from hanlogger.journal.destinations import Destinations
from hanlogger.journal.energy.announcer import Announcer
from hanlogger.journal.energy.intervals import Intervals
from hanlogger.journal.energy.prices import Price, Prices
from hanlogger.journal.file.identity import refuse_foreign
from hanlogger.journal.file.lock import get_holder
from hanlogger.journal.file.opening import check_location
from hanlogger.journal.file.paths import name_beside, resolve_path
from hanlogger.journal.insertion import Insertion
from hanlogger.journal.mending import mend
from hanlogger.journal.model import (
    Cleaned,
    Damaged,
    Entry,
    NotDecoded,
    Observation,
    Outcome,
    Range,
    Record,
    RecordsChanged,
    Refusal,
    Refused,
    Undecoded,
    Waiting,
)
from hanlogger.journal.records import Records
from hanlogger.journal.redelivery import Redeliveries, RefusedList, UndecodedList
from hanlogger.journal.retention import Freed, Retention, Space
from hanlogger.journal.rows import make_frame
from hanlogger.journal.salvage import is_there

__all__ = [
    "Cleaned",
    "Damaged",
    "Edition",
    "Entry",
    "Freed",
    "Journal",
    "NotDecoded",
    "Observation",
    "Outcome",
    "Price",
    "Range",
    "Record",
    "RecordsChanged",
    "Refusal",
    "Refused",
    "Undecoded",
    "Waiting",
    "check_location",
    "get_holder",
    "is_there",
    "make_frame",
    "refuse_foreign",
    "resolve_path",
]


class Journal:
    """One journal, open, for any number of threads, and beside other processes that read."""

    def __init__(self, path: Path, *, read_only: bool, exclusive: bool) -> None:
        pending = Pending()
        self._database = database = Database(path, pending, read_only=read_only, exclusive=exclusive)
        self.arrival_times = ArrivalTimes(database)
        insertion = Insertion(self.arrival_times)
        announcer = Announcer(insertion)
        self.records = Records(database, insertion, announcer)
        self.retention = Retention(database)
        self.space = Space(database)
        self.intervals = Intervals(database, announcer, self.space)
        self.prices = Prices(database, announcer, self.space)
        self.destinations = Destinations(database, self.space)
        self.redeliveries = Redeliveries(database, self.space)
        self.refused = RefusedList(database)
        self.undecoded = UndecodedList(database)
        self.counters = Counters(database, pending)
        self.damaged = DamagedOctets(database, pending)
        self.learnt = Learnt(database)
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

    def hurry(self) -> None:
        """Wait for other processes no longer than 0.3 s from now on, so that a stop does not wait for them."""
        self._database.hurry()

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
        files = (self.path, name_beside(self.path, "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def wait(self, cursor: int, timeout: float) -> bool:
        """Wait up to `timeout` seconds for a record after the cursor to be appended by this process.

        Returns whether there is one.
        """
        return self._database.wait(cursor, timeout)
