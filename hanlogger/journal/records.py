"""Records: appended under ids that rise, read on from a cursor or by meter and time, changed where users ask."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from functools import partial

from hanlogger.journal.arrival_times import select_cut, select_span
from hanlogger.journal.checksums import make_checksum_sql, make_intact_sql
from hanlogger.journal.counters import raise_counters
from hanlogger.journal.database import Database, select_newest_id
from hanlogger.journal.energy.announcer import Announcer, take_announced
from hanlogger.journal.energy.quarters import delete_levels, leave_out
from hanlogger.journal.filters import EACH_METER, WANTED, to_json
from hanlogger.journal.id_order import check_end, check_order, check_rising
from hanlogger.journal.insertion import Insertion, find_settings, select_newest_settings
from hanlogger.journal.model import (
    AGGREGATION,
    FRAME,
    HEALTH,
    HIGHEST_ID,
    MILLISECOND,
    Entry,
    Range,
    Record,
    encode_settings,
    to_bounds,
    to_ms,
)
from hanlogger.journal.outcomes import delete_orphans, insert_passed_redelivery
from hanlogger.journal.rows import Rows
from hanlogger.journal.writer import Work
from hanlogger.model import Meter

PAGE = 500  # records a read
STEP_PAUSE = 0.01  # seconds between two steps of a change, in which another process may write
AROUND = timedelta(hours=26)  # that a message may arrive before or after the time that it says

_AFTER = "WHERE record.id > ? ORDER BY record.id LIMIT ?"
_WANTED_AFTER = f"WHERE record.id > ? AND {WANTED} ORDER BY record.id LIMIT ?"
_IN_RANGE = """
WHERE record.id BETWEEN ? AND ? AND record.meter = coalesce(?, record.meter) ORDER BY record.id LIMIT ?
"""
_PREVIOUS = "WHERE record.id < ? AND +record.meter = ? AND kind = 0 ORDER BY record.id DESC LIMIT 1"  # + : by id
_LAST = f"WHERE record.meter = ? AND kind = 0 AND {make_intact_sql('record')} ORDER BY received_at DESC LIMIT ?"
_PAGE = """
WHERE record.id BETWEEN ? AND ? AND kind = 0 AND received_at >= ? AND received_at < ?
AND +record.meter = coalesce(?, record.meter) ORDER BY record.id LIMIT ?
"""
_COUNT_FRAMES = "SELECT count(*) FROM record WHERE kind = 0"
_METERS = f"""
SELECT meter FROM ({EACH_METER}) AS each
WHERE EXISTS (SELECT 1 FROM record WHERE record.meter = each.meter AND kind = 0 AND {make_intact_sql("record")})
ORDER BY meter
"""  # noqa: S608 constants
_FORGET = "DELETE FROM record WHERE meter = ? AND received_at >= ? AND received_at < ?"
_FORGET_DAMAGED = "DELETE FROM damaged WHERE meter = ? AND received_at >= ? AND received_at < ?"
_RECONFIGURE = f"""
UPDATE record SET settings = ?1, crc = {make_checksum_sql("record", settings="?1")}
WHERE meter = ?2 AND kind = 0 AND received_at >= ?3 AND received_at < ?4 AND {make_intact_sql("record")}
"""  # noqa: S608 constants


class Records:
    """Frames and minutes of the logger's health, as `journal.records`.

    All methods but `use_settings` raise JournalUnavailable. Each read is short, so that SQLite's write-ahead log can
    soon go into the file.
    """

    def __init__(self, database: Database, insertion: Insertion, announcer: Announcer) -> None:
        self._database, self._insertion, self._announcer = database, insertion, announcer
        self._rows = Rows()

    def use_settings(self, meters: Iterable[Meter]) -> None:
        """Set the present settings of meters, which replace those of a record where they are corrupt."""
        self._rows.now = {meter.name: meter for meter in meters}

    def append(self, entries: Sequence[Entry]) -> None:
        """Append frames, and count them; they are durable when this returns. On an error none of them is recorded."""
        self._database.write(self._prepare_append(entries))

    def begin_append(self, entries: Sequence[Entry]) -> Future[tuple[int, int]]:
        """Begin to append frames, and return at once; the future has the first and last id once they are durable.

        It raises what `append` does: on an error none of the frames is recorded.
        """
        return self._database.begin_write(self._prepare_append(entries))

    def _prepare_append(self, entries: Sequence[Entry]) -> Work:
        settings = [encode_settings(entry.meter) for entry in entries]
        return lambda connection: self._insert_frames(connection, entries, settings)

    def append_health(self, minute: Mapping[str, Mapping[str, object]], at: datetime) -> None:
        """Append a minute of health, all of it or nothing.

        minute: the fields, as JSON has them, by the name of the meter that they are about; "" is the logger itself.
        """
        texts = {meter: json.dumps(fields, sort_keys=True).encode() for meter, fields in minute.items()}

        def work(connection: sqlite3.Connection) -> None:
            for meter, text in texts.items():
                self._insertion.insert_notice(connection, HEALTH, meter, to_ms(at), (None, "health", text))

        self._database.write(work)

    def read_after(self, cursor: int, limit: int, left_out: Collection[str] = ()) -> list[Record]:
        """Return the records next after the cursor, oldest first; those of the meters `left_out` are passed over."""

        def work(connection: sqlite3.Connection) -> list[Record]:
            if left_out:
                found = self._rows.select(connection, _WANTED_AFTER, cursor, to_json(left_out), limit + 1)
            else:
                found = self._rows.select(connection, _AFTER, cursor, limit + 1)
            check_order(connection, cursor, [record.id for record in found])
            return found[:limit]

        return self._database.read(work)

    def read_range(self, wanted: Range, limit: int) -> list[Record]:
        """Return the first records of a range, oldest first."""

        def work(connection: sqlite3.Connection) -> list[Record]:
            _, first, last, meter = wanted
            found = self._rows.select(connection, _IN_RANGE, first, last, meter, limit + 1)
            check_order(connection, first - 1, [record.id for record in found])
            if len(found) <= limit:
                check_end(connection, found[-1].id if found else first - 1, last, meter)
            return found[:limit]

        return self._database.read(work)

    def read_frames(
        self, meter: str | None = None, start: datetime | None = None, end: datetime | None = None
    ) -> Iterator[Record]:
        """Yield frames that arrived from `start` up to before `end`, in the order of appending; read page by page."""
        times = to_bounds(start, end)
        _, first, last = self._database.read(lambda connection: select_span(connection, meter, start, end))
        while page := self._select(_PAGE, first, last, *times, meter, PAGE + 1):
            check_rising([first - 1, *(record.id for record in page)])
            yield from page[:PAGE]
            first = page[:PAGE][-1].id + 1

    def get_last(self, meter: str) -> Record | None:
        """Return the frame of a meter with the latest arrival time, corrupt records left out; None for none of late."""
        for limit in (1, PAGE):
            found = (record for record in self._select(_LAST, meter, limit) if not record.corruption)
            if (last := next(found, None)) is not None:
                return last
        return None

    def get_previous(self, record: Record) -> Record | None:
        """Return the frame of the same meter that was appended before a record."""
        return next(iter(self._select(_PREVIOUS, record.id, record.meter.name)), None)

    def count_frames(self) -> int:
        """Return the number of frames that are kept."""
        return int(self._database.read(lambda connection: connection.execute(_COUNT_FRAMES).fetchone())[0])

    def list_meters(self) -> list[str]:
        """Return the names of the meters that frames are kept of, sorted."""
        rows = self._database.read(lambda connection: connection.execute(_METERS).fetchall())
        return [name for (name,) in rows]

    def forget(self, meter: str, start: datetime | None = None, end: datetime | None = None) -> int:
        """Delete a meter's records, its health too, that arrived from `start` up to before `end`; return their number.

        Damaged octets of that time, its intervals, and all that is listed about the records are deleted with them.
        """
        bounds = to_bounds(start, end)

        def work(connection: sqlite3.Connection) -> int:
            settings = select_newest_settings(connection, meter)
            announced = take_announced(connection, meter)
            deleted = connection.execute(_FORGET, (meter, *bounds)).rowcount
            connection.execute(_FORGET_DAMAGED, (meter, *bounds))
            changed = announced | delete_levels(connection, meter, *bounds)
            self._announcer.announce(connection, meter, settings, leave_out(changed, *bounds))
            _aggregate_again(connection, meter, start, end)
            delete_orphans(connection, HIGHEST_ID)
            return deleted

        return self._database.write(work)

    def reconfigure(
        self,
        meter: Meter,
        start: datetime | None = None,
        end: datetime | None = None,
        times: tuple[datetime, datetime] | None = None,
    ) -> int:
        """Give a meter's frames of a time these settings, as if in force then; return their number.

        times: the first and last time of the frames by the settings of before; the intervals between are made anew.
        """
        text = encode_settings(meter)

        def work(connection: sqlite3.Connection, part: tuple[int, int]) -> int:
            settings = find_settings(connection, meter.name, text)
            return connection.execute(_RECONFIGURE, (settings, meter.name, *part)).rowcount

        def make_intervals_anew(connection: sqlite3.Connection, first: datetime, last: datetime) -> None:
            change = delete_levels(connection, meter.name, *to_bounds(first, last + MILLISECOND))
            self._announcer.announce(connection, meter.name, text, change)
            _aggregate_again(connection, meter.name, start, end)

        parts = self._iterate_parts(meter.name, *to_bounds(start, end))
        changed = 0
        for part in parts:
            changed += self._database.write(partial(work, part=part))
            time.sleep(STEP_PAUSE)
        if times is not None:
            self._database.write(partial(make_intervals_anew, first=times[0], last=times[1]))
        return changed

    def _iterate_parts(self, meter: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the bounds in ms of times in which a meter has 500 frames at most: appending never waits for more."""
        while start < end:
            cut = self._database.read(partial(select_cut, meter=meter, start=start, end=end, frames=PAGE))
            yield start, cut
            start = cut

    def _select(self, where: str, *parameters: object) -> list[Record]:
        return self._database.read(lambda connection: self._rows.select(connection, where, *parameters))

    def _insert_frames(
        self, connection: sqlite3.Connection, entries: Sequence[Entry], settings: list[str]
    ) -> tuple[int, int]:
        before = select_newest_id(connection)
        names = {text: entry.meter.name for entry, text in zip(entries, settings, strict=True)}
        ids = {text: find_settings(connection, name, text) for text, name in names.items()}
        for entry, text in zip(entries, settings, strict=True):
            frame = entry.frame
            marks = (int(entry.live), int(frame.verified), int(entry.judged))
            uptime = (entry.uptime.boot, int(entry.uptime.seconds * 1000)) if entry.uptime else (None, None)
            row = (ids[text], frame.format, *marks, *uptime, frame.data)
            self._insertion.insert(connection, FRAME, entry.meter.name, to_ms(frame.received_at), row)
        raise_counters(connection, _count(entries))
        return before + 1, select_newest_id(connection)


def _count(entries: Iterable[Entry]) -> Counter[tuple[str, str]]:
    """Return by how much frames raise the counters of their meters, by meter and name."""
    counts = Counter((entry.meter.name, "frames") for entry in entries)
    counts.update((entry.meter.name, "unverified") for entry in entries if not entry.frame.verified)
    return counts


def _aggregate_again(connection: sqlite3.Connection, meter: str, start: datetime | None, end: datetime | None) -> None:
    """Have intervals made anew of the frames of a time and around it: of a quarter a part may have been deleted."""
    _, first, last = select_span(connection, meter, start and start - AROUND, end and end + AROUND)
    insert_passed_redelivery(connection, AGGREGATION, first, last, meter)
