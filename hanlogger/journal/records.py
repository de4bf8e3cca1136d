"""Records are appended, under ids that rise."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from hanlogger.journal.kinds import Entry, to_ms
from hanlogger.journal.lookup import Lookup
from hanlogger.journal.rows import FRAME, HEALTH
from hanlogger.journal.runs import Runs
from hanlogger.journal.sealing import insert, intact
from hanlogger.journal.settings import to_json

_INSERT = insert("record")
_NEW_SETTINGS = f"{insert('settings')} ON CONFLICT (json) DO UPDATE SET meter = excluded.meter, crc = excluded.crc"
_SETTINGS = f"SELECT id FROM settings WHERE json = ? AND {intact('settings')}"  # noqa: S608 constants

_FREE = """
SELECT CASE WHEN EXISTS (SELECT 1 FROM record WHERE meter = :meter AND kind = :kind AND received_at = :at)
THEN (
  SELECT received_at + 1 FROM record AS this
  WHERE meter = :meter AND kind = :kind AND received_at >= :at AND NOT EXISTS (
    SELECT 1 FROM record WHERE meter = :meter AND kind = :kind AND received_at = this.received_at + 1
  ) ORDER BY received_at LIMIT 1
)
ELSE :at END
"""
"""The first millisecond that is free, along the index of times."""


class Records(Lookup):
    """Frames and minutes of health."""

    def __init__(self, path: Path, *, read_only: bool, exclusive: bool) -> None:
        self._runs: defaultdict[tuple[int, str], Runs] = defaultdict(Runs)  # by kind and meter
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

    def _insert_frames(self, connection: sqlite3.Connection, entries: Sequence[Entry], settings: list[str]) -> None:
        names = {text: entry.meter.name for entry, text in zip(entries, settings, strict=True)}
        ids = {text: settings_id(connection, name, text) for text, name in names.items()}
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
        runs = self._runs[kind, meter]
        behind = runs.behind(asked)
        (at,) = connection.execute(_FREE, {"meter": meter, "kind": kind, "at": behind}).fetchone()
        if at > asked:
            runs.add(asked, at)
        return int(at)


def settings_id(connection: sqlite3.Connection, meter: str, text: str) -> int:
    """Part of a transaction: the id of settings, new or known."""
    known = connection.execute(_SETTINGS, (text,)).fetchone()
    if known is None:
        connection.execute(_NEW_SETTINGS, (meter, text))
        known = connection.execute(_SETTINGS, (text,)).fetchone()
    return int(known[0])
