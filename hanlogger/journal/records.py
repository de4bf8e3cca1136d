"""Records: appended in order, read on from a cursor or by meter and time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from hanlogger.journal.kinds import Entry, Kind, Range, Record, from_ms, to_ms
from hanlogger.journal.settings import from_json, to_json
from hanlogger.journal.store import Store
from hanlogger.model import Frame, Meter

KINDS: tuple[Kind, ...] = ("frame", "health")
FRAME, HEALTH = range(2)
PAGE = 500  # records a read

_SELECT = """
SELECT record.id, kind, record.meter, json, received_at, format, data, live, verified, judged
FROM record LEFT JOIN settings ON settings.id = record.settings
"""
_INSERT = """
INSERT INTO record (kind, meter, received_at, settings, format, live, verified, judged, data)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class Records(Store):
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
        row = (None, "health", 1, 1, 1, data)
        self._write(lambda connection: self._insert(connection, HEALTH, meter or "", to_ms(at), row))

    def after(self, cursor: int, limit: int) -> list[Record]:
        """The records next after the cursor, oldest first."""
        return self._read(lambda c: _records(c, "WHERE record.id > ? ORDER BY record.id LIMIT ?", cursor, limit))

    def in_range(self, wanted: Range, limit: int) -> list[Record]:
        where = "WHERE record.id BETWEEN ? AND ? AND (? IS NULL OR record.meter = ?) ORDER BY record.id LIMIT ?"
        parameters = (wanted.first_id, wanted.last_id, wanted.meter, wanted.meter, limit)
        return self._read(lambda c: _records(c, where, *parameters))

    def get(self, record_id: int) -> Record | None:
        found = self._read(lambda c: _records(c, "WHERE record.id = ?", record_id))
        return found[0] if found else None

    def last(self, meter: str) -> Record | None:
        """The frame of a meter with the latest time of receipt."""
        where = "WHERE record.meter = ? AND kind = 0 ORDER BY received_at DESC LIMIT 1"
        found = self._read(lambda c: _records(c, where, meter))
        return found[0] if found else None

    def frames(
        self, meter: str | None = None, start: datetime | None = None, end: datetime | None = None
    ) -> Iterator[Record]:
        """Frames in the order of appending, received from `start` up to before `end`; read page by page."""
        cursor, page = 0, self._page(0, meter, start, end)
        while page:
            yield from page
            cursor = page[-1].id
            page = self._page(cursor, meter, start, end)

    def meters(self) -> list[str]:
        """The names of the meters that frames are kept of."""
        rows = self._read(
            lambda c: c.execute("SELECT DISTINCT meter FROM record WHERE kind = 0 ORDER BY meter").fetchall()
        )
        return [name for (name,) in rows]

    def forget(self, meter: str, start: datetime | None = None, end: datetime | None = None) -> int:
        """Delete a meter's records (its health too) received in the time given; the number of frames."""
        first, last = _bounds(start, end)
        where = "WHERE meter = ? AND received_at >= ? AND received_at < ?"

        def work(connection: sqlite3.Connection) -> int:
            (frames,) = connection.execute(
                f"SELECT count(*) FROM record {where} AND kind = 0", (meter, first, last)
            ).fetchone()
            connection.execute(f"DELETE FROM record {where}", (meter, first, last))
            delete_strays(connection)
            return int(frames)

        return self._write(work)

    def reconfigure(self, meter: Meter, start: datetime | None = None, end: datetime | None = None) -> int:
        """Give a meter's frames in the time given these settings, as if they had been in force; the number of frames."""
        first, last = _bounds(start, end)
        settings = to_json(meter)

        def work(connection: sqlite3.Connection) -> int:
            return connection.execute(
                "UPDATE record SET settings = ? WHERE meter = ? AND kind = 0 AND received_at >= ? AND received_at < ?",
                (_settings_id(connection, meter.name, settings), meter.name, first, last),
            ).rowcount

        return self._write(work)

    def _page(self, cursor: int, meter: str | None, start: datetime | None, end: datetime | None) -> list[Record]:
        first, last = _bounds(start, end)
        where = """WHERE record.id > ? AND kind = 0 AND (? IS NULL OR record.meter = ?)
                   AND received_at >= ? AND received_at < ? ORDER BY record.id LIMIT ?"""
        return self._read(lambda c: _records(c, where, cursor, meter, meter, first, last, PAGE))

    def _insert_frames(self, connection: sqlite3.Connection, entries: Sequence[Entry], settings: list[str]) -> None:
        ids = {
            text: _settings_id(connection, entry.meter.name, text)
            for entry, text in zip(entries, settings, strict=True)
        }
        for entry, text in zip(entries, settings, strict=True):
            frame = entry.frame
            row = (ids[text], frame.format, int(entry.live), int(frame.verified), int(entry.judged), frame.data)
            self._insert(connection, FRAME, entry.meter.name, to_ms(frame.received_at), row)

    def _insert(self, connection: sqlite3.Connection, kind: int, meter: str, at: int, row: tuple[Any, ...]) -> None:
        connection.execute(_INSERT, (kind, meter, self._free_time(connection, kind, meter, at), *row))

    def _free_time(self, connection: sqlite3.Connection, kind: int, meter: str, asked: int) -> int:
        """The millisecond asked for, or the next that no other record of the meter has."""
        first, last = self._given.get((kind, meter), (0, -1))
        at = last + 1 if first <= asked <= last else asked
        taken = "SELECT 1 FROM record WHERE meter = ? AND kind = ? AND received_at = ?"
        while connection.execute(taken, (meter, kind, at)).fetchone():
            at += 1
        self._given[kind, meter] = (asked, at)
        return at


def delete_strays(connection: sqlite3.Connection) -> None:
    """What is listed about records that are gone: they can neither be decoded nor sent again."""
    connection.execute("DELETE FROM undecoded WHERE record NOT IN (SELECT id FROM record)")
    for table in ("refused", "again"):
        connection.execute(
            f"DELETE FROM {table} WHERE NOT EXISTS (SELECT 1 FROM record WHERE id BETWEEN first_id AND last_id)"
        )


def _records(connection: sqlite3.Connection, where: str, *parameters: object) -> list[Record]:
    return [_record(row) for row in connection.execute(_SELECT + where, parameters)]


def _record(row: tuple[Any, ...]) -> Record:
    record_id, kind, name, settings, received_at, form, data, live, verified, judged = row
    meter = Meter(name) if settings is None else from_json(settings)
    return Record(
        record_id, KINDS[kind], meter, from_ms(received_at), form, data, bool(live), bool(verified), bool(judged)
    )


def frame_of(record: Record) -> Frame:
    """The frame as it was appended."""
    return Frame(record.format, record.data, record.received_at, record.verified)  # type: ignore[arg-type]


def _settings_id(connection: sqlite3.Connection, meter: str, text: str) -> int:
    connection.execute("INSERT OR IGNORE INTO settings (meter, json) VALUES (?, ?)", (meter, text))
    (number,) = connection.execute("SELECT id FROM settings WHERE json = ?", (text,)).fetchone()
    return int(number)


def _bounds(start: datetime | None, end: datetime | None) -> tuple[int, int]:
    return (0 if start is None else to_ms(start)), (2**62 if end is None else to_ms(end))
