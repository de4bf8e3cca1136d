"""Records as they are read: on from a cursor, or by meter and time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from hanlogger.journal.kinds import Range, Record, bounds
from hanlogger.journal.rows import Rows
from hanlogger.journal.sealing import intact
from hanlogger.journal.store import Store
from hanlogger.model import Meter

PAGE = 500  # records a read

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
_LAST = f"WHERE record.meter = ? AND kind = 0 AND {intact('record')} ORDER BY received_at DESC LIMIT 1"
_METERS = f"""
SELECT meter FROM ({EACH_METER}) AS each
WHERE EXISTS (SELECT 1 FROM record WHERE record.meter = each.meter AND kind = 0 AND {intact("record")}) ORDER BY meter
"""  # noqa: S608 constants


class Lookup(Store):
    """Each read is short, so that writing never waits long for the log to go into the file."""

    def __init__(self, path: Path, *, read_only: bool, exclusive: bool) -> None:
        self._rows = Rows()
        super().__init__(path, read_only=read_only, exclusive=exclusive)

    def know(self, meters: Iterable[Meter]) -> None:
        """Tell the settings that meters have now: they are taken where those of a record cannot be read any more."""
        self._rows.now = {meter.name: meter for meter in meters}

    def after(self, cursor: int, limit: int) -> list[Record]:
        """The records next after the cursor, oldest first."""
        return self._find("WHERE record.id > ? ORDER BY record.id LIMIT ?", cursor, limit)

    def in_range(self, wanted: Range, limit: int) -> list[Record]:
        """The first records of a range, oldest first."""
        return self._find(_IN_RANGE, wanted.first_id, wanted.last_id, wanted.meter, limit)

    def get(self, record_id: int) -> Record | None:
        """The record of an id, if it is still kept."""
        found = self._find("WHERE record.id = ?", record_id)
        return found[0] if found else None

    def last(self, meter: str) -> Record | None:
        """The frame of a meter with the latest time of receipt."""
        found = self._find(_LAST, meter)
        return found[0] if found else None

    def before(self, record: Record) -> Record | None:
        """The frame of the same meter that was appended before it."""
        found = self._find(_BEFORE, record.id, record.meter.name)
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
        return self._find(_PAGE, first, last, *times, meter, PAGE)

    def _find(self, where: str, *parameters: object) -> list[Record]:
        return self._read(lambda connection: self._rows.records(connection, where, *parameters))
