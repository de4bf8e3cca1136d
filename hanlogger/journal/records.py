"""Records: appended in order, read on from a cursor or by meter and time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from hanlogger.journal.kinds import Entry, Kind, Range, Record, bounds, from_ms, to_ms
from hanlogger.journal.settings import from_json, to_json
from hanlogger.journal.store import Store, newest_id
from hanlogger.model import Frame, Meter

KINDS: tuple[Kind, ...] = ("frame", "health")
FRAME, HEALTH = range(2)
PAGE = 500  # records a read

_SELECT = """
SELECT record.id, kind, record.meter, json, received_at, format, data, live, verified, judged, boot IS NOT NULL
FROM record LEFT JOIN settings ON settings.id = record.settings
"""
EACH_METER = """
  WITH RECURSIVE each (meter) AS (
    SELECT min(meter) FROM record
    UNION ALL SELECT (SELECT min(meter) FROM record WHERE meter > each.meter) FROM each WHERE each.meter IS NOT NULL
  )
  SELECT meter FROM each
"""
"""Names of meters, of which the last is NULL; through the index, a step a meter."""

_SPAN = f"""
SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM record INDEXED BY record_time
WHERE kind = 0 AND received_at >= ? AND received_at < ? AND meter IN ({EACH_METER}) AND meter = coalesce(?, meter)
"""  # noqa: S608 constants
_PAGE = """
WHERE record.id BETWEEN ? AND ? AND kind = 0 AND received_at >= ? AND received_at < ?
AND +record.meter = coalesce(?, record.meter) ORDER BY record.id LIMIT ?
"""
_IN_RANGE = """
WHERE record.id BETWEEN ? AND ? AND record.meter = coalesce(?, record.meter) ORDER BY record.id LIMIT ?
"""
_BEFORE = "WHERE record.id < ? AND +record.meter = ? AND kind = 0 ORDER BY record.id DESC LIMIT 1"  # + : by id
_LAST = "WHERE record.meter = ? AND kind = 0 ORDER BY received_at DESC LIMIT 1"
_METERS = f"""
SELECT meter FROM ({EACH_METER}) AS each
WHERE EXISTS (SELECT 1 FROM record WHERE record.meter = each.meter AND kind = 0) ORDER BY meter
"""  # noqa: S608 constants
_FORGET = "DELETE FROM record WHERE meter = ? AND received_at >= ? AND received_at < ?"
_FORGET_DAMAGED = "DELETE FROM damaged WHERE meter = ? AND received_at >= ? AND received_at < ?"
_RECONFIGURE = """
UPDATE record SET settings = ? WHERE meter = ? AND kind = 0 AND received_at >= ? AND received_at < ?
"""
_STRAYS = (
    "DELETE FROM undecoded WHERE record <= ? AND NOT EXISTS (SELECT 1 FROM record WHERE id = undecoded.record)",
    """DELETE FROM refused WHERE first_id <= ?
       AND NOT EXISTS (SELECT 1 FROM record WHERE id BETWEEN first_id AND last_id)""",
    """DELETE FROM again WHERE first_id <= ?
       AND NOT EXISTS (SELECT 1 FROM record WHERE id BETWEEN first_id AND last_id)""",
)
_INSERT = """
INSERT INTO record (kind, meter, received_at, settings, format, live, verified, judged, boot, uptime, data)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class Records(Store):
    """Frames and minutes of health, under ids that rise."""

    def __init__(self, path: Path, *, read_only: bool, exclusive: bool) -> None:
        self._given: dict[tuple[int, str], tuple[int, int]] = {}  # kind, meter: the last time asked for, and given
        super().__init__(path, read_only=read_only, exclusive=exclusive)

    def append(self, entries: Sequence[Entry]) -> None:
        """Durable when it returns; JournalUnavailable, and then none of them is recorded."""
        settings = [to_json(entry.meter) for entry in entries]
        self._write(lambda connection: self._insert_frames(connection, entries, settings))

    def append_health(self, fields: Mapping[str, float], meter: str | None, at: datetime) -> None:
        """A minute of the logger's own health, about one meter or (None) about the logger; as durable as a frame."""
        data = json.dumps(fields, sort_keys=True).encode()
        row = (None, "health", 1, 1, 1, None, None, data)
        self._write(lambda connection: self._insert(connection, HEALTH, meter or "", to_ms(at), row))

    def after(self, cursor: int, limit: int) -> list[Record]:
        """The records next after the cursor, oldest first."""
        return self._read(lambda c: _records(c, "WHERE record.id > ? ORDER BY record.id LIMIT ?", cursor, limit))

    def in_range(self, wanted: Range, limit: int) -> list[Record]:
        """The first records of a range, oldest first."""
        return self._read(lambda c: _records(c, _IN_RANGE, wanted.first_id, wanted.last_id, wanted.meter, limit))

    def get(self, record_id: int) -> Record | None:
        """The record of an id, if it is still kept."""
        found = self._read(lambda c: _records(c, "WHERE record.id = ?", record_id))
        return found[0] if found else None

    def last(self, meter: str) -> Record | None:
        """The frame of a meter with the latest time of receipt."""
        found = self._read(lambda c: _records(c, _LAST, meter))
        return found[0] if found else None

    def before(self, record: Record) -> Record | None:
        """The frame of the same meter that was appended before it."""
        found = self._read(lambda c: _records(c, _BEFORE, record.id, record.meter.name))
        return found[0] if found else None

    def frames(
        self, meter: str | None = None, start: datetime | None = None, end: datetime | None = None
    ) -> Iterator[Record]:
        """Frames in the order of appending, received from `start` up to before `end`; read page by page."""
        times = bounds(start, end)
        first, last = self._read(lambda c: c.execute(_SPAN, (*times, meter)).fetchone())
        while page := self._page(first, last, times, meter):
            yield from page
            first = page[-1].id + 1

    def meters(self) -> list[str]:
        """The names of the meters that frames are kept of."""
        rows = self._read(lambda c: c.execute(_METERS).fetchall())
        return [name for (name,) in rows]

    def forget(self, meter: str, start: datetime | None = None, end: datetime | None = None) -> int:
        """Delete a meter's records, its health too, received in the time given; their number."""

        def work(connection: sqlite3.Connection) -> int:
            where = (meter, *bounds(start, end))
            gone = connection.execute(_FORGET, where).rowcount
            connection.execute(_FORGET_DAMAGED, where)
            delete_strays(connection, newest_id(connection))
            return gone

        return self._write(work)

    def reconfigure(self, meter: Meter, start: datetime | None = None, end: datetime | None = None) -> int:
        """Give a meter's frames in the time given these settings, as if in force then; their number."""
        text = to_json(meter)

        def work(connection: sqlite3.Connection) -> int:
            settings = _settings_id(connection, meter.name, text)
            return connection.execute(_RECONFIGURE, (settings, meter.name, *bounds(start, end))).rowcount

        return self._write(work)

    def _page(self, first: int, last: int, times: tuple[int, int], meter: str | None) -> list[Record]:
        return self._read(lambda c: _records(c, _PAGE, first, last, *times, meter, PAGE))

    def _insert_frames(self, connection: sqlite3.Connection, entries: Sequence[Entry], settings: list[str]) -> None:
        names = {text: entry.meter.name for entry, text in zip(entries, settings, strict=True)}
        ids = {text: _settings_id(connection, name, text) for text, name in names.items()}
        for entry, text in zip(entries, settings, strict=True):
            frame = entry.frame
            marks = (int(entry.live), int(frame.verified), int(entry.judged))
            up = (entry.uptime.boot, int(entry.uptime.seconds * 1000)) if entry.uptime else (None, None)
            row = (ids[text], frame.format, *marks, *up, frame.data)
            self._insert(connection, FRAME, entry.meter.name, to_ms(frame.received_at), row)

    def _insert(self, connection: sqlite3.Connection, kind: int, meter: str, at: int, row: tuple[Any, ...]) -> None:
        connection.execute(_INSERT, (kind, meter, self.free_time(connection, kind, meter, at), *row))

    def free_time(self, connection: sqlite3.Connection, kind: int, meter: str, asked: int) -> int:
        """The millisecond asked for, or the next that no other record of the meter has."""
        first, last = self._given.get((kind, meter), (0, -1))
        at = last + 1 if first <= asked <= last else asked
        taken = "SELECT 1 FROM record WHERE meter = ? AND kind = ? AND received_at = ?"
        while connection.execute(taken, (meter, kind, at)).fetchone():
            at += 1
        self._given[kind, meter] = (asked, at)
        return at


def delete_strays(connection: sqlite3.Connection, up_to: int) -> None:
    """Part of a transaction: what is listed about records that are gone can neither be decoded nor sent again."""
    for statement in _STRAYS:
        connection.execute(statement, (up_to,))


def _records(connection: sqlite3.Connection, where: str, *parameters: object) -> list[Record]:
    return [_record(row) for row in connection.execute(_SELECT + where, parameters)]


def _record(row: tuple[Any, ...]) -> Record:
    record_id, kind, name, settings, received_at, form, data, *marks = row
    meter = Meter(name) if settings is None else from_json(settings)
    return Record(record_id, KINDS[kind], meter, from_ms(received_at), form, data, *map(bool, marks))


def frame_of(record: Record) -> Frame:
    """The frame as it was appended."""
    return Frame(record.format, record.data, record.received_at, record.verified)  # type: ignore[arg-type]


def _settings_id(connection: sqlite3.Connection, meter: str, text: str) -> int:
    connection.execute("INSERT OR IGNORE INTO settings (meter, json) VALUES (?, ?)", (meter, text))
    (number,) = connection.execute("SELECT id FROM settings WHERE json = ?", (text,)).fetchone()
    return int(number)
