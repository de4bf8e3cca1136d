"""Records as they are read: on from a cursor, or by meter and time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from hanlogger.journal.kinds import Kind, Range, Record, bounds, from_ms
from hanlogger.journal.settings import from_json
from hanlogger.journal.store import Store
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


class Lookup(Store):
    """Each read is short, so that writing never waits long for the log to go into the file."""

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

    def _page(self, first: int, last: int, times: tuple[int, int], meter: str | None) -> list[Record]:
        return self._read(lambda c: _records(c, _PAGE, first, last, *times, meter, PAGE))


def _records(connection: sqlite3.Connection, where: str, *parameters: object) -> list[Record]:
    return [_record(row) for row in connection.execute(_SELECT + where, parameters)]


def _record(row: tuple[Any, ...]) -> Record:
    record_id, kind, name, settings, received_at, form, data, *marks = row
    meter = Meter(name) if settings is None else from_json(settings)
    return Record(record_id, KINDS[kind], meter, from_ms(received_at), form, data, *map(bool, marks))


def frame_of(record: Record) -> Frame:
    """The frame as it was appended."""
    return Frame(record.format, record.data, record.received_at, record.verified)  # type: ignore[arg-type]
