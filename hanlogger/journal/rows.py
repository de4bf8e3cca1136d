"""Rows of the table `record` as records; a corrupt one costs itself, and never the next.

Corrupt settings are left as they are, because records refer to them; other settings are used instead.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import Any

from hanlogger.errors import DecodeError
from hanlogger.framing import find_all
from hanlogger.journal.checksums import compute_checksum, make_checksum_sql, make_intact_sql
from hanlogger.journal.model import EPOCH, FRAME, HEALTH, KINDS, Record, decode_settings, from_ms
from hanlogger.model import Frame, Meter

CORRUPT = "the journal's record of it is corrupt: its checksum is wrong"

_SELECT = f"""
SELECT id, crc, {make_checksum_sql("record")}, settings, kind, meter, received_at, format, data, live, verified, judged,
boot IS NOT NULL
FROM record
"""  # noqa: S608 constants
_SETTINGS = "SELECT CAST(meter AS BLOB), CAST(json AS BLOB), crc FROM settings WHERE id = ?"
_SETTINGS_OF_METER = f"""
SELECT json FROM settings WHERE meter = ? AND {make_intact_sql("settings")} ORDER BY id DESC
"""  # noqa: S608 constants
_SETTINGS_LOST = (
    "meter %s: settings that telegrams were recorded with are corrupt in the journal: those of now are taken instead"
)

log = logging.getLogger(__name__)


class Rows:
    """Reads records, and remembers of which corrupt settings the log has been told.

    `now` holds, by the meter's name, the present settings of its port, which stand in for corrupt ones.
    """

    def __init__(self) -> None:
        self.now: dict[str, Meter] = {}
        self._told: set[object] = set()

    def select(self, connection: sqlite3.Connection, where: str, *parameters: object) -> list[Record]:
        """Return the records of a condition on the table `record`, in the condition's order."""
        rows = connection.execute(_SELECT + where, parameters).fetchall()
        find_meter = cache(partial(self._find_meter, connection))
        return [_to_record(find_meter, *row) for row in rows]

    def _find_meter(self, connection: sqlite3.Connection, settings: int | None, name: str) -> Meter:
        """Return the meter of a record, with the settings of that id, or with what stands in for corrupt ones."""
        if settings is None:
            return Meter(name)
        row = connection.execute(_SETTINGS, (settings,)).fetchone()
        return (row and _read_settings(*row)) or self._substitute(connection, settings, name)

    def _substitute(self, connection: sqlite3.Connection, settings: int, name: str) -> Meter:
        """Return the port's present settings, else the newest of the meter that can be read, else the defaults."""
        if settings not in self._told:
            self._told.add(settings)
            log.warning(_SETTINGS_LOST, name)
        if name in self.now:
            return self.now[name]
        kept = (_to_meter(json) for (json,) in connection.execute(_SETTINGS_OF_METER, (name,)))
        return next((meter for meter in kept if meter is not None), Meter(name))


def _to_record(
    find_meter: Callable[[int | None, str], Meter],
    number: int,
    crc: int | None,
    computed: int,
    settings: int | None,
    *cells: Any,
) -> Record:
    """Return the record of a row of _SELECT; find_meter: returns the meter of a record, by id of settings and name."""
    kind, name, received_at, form, data, live, verified, judged, pending = cells
    if crc != computed and (crc is not None or not is_sound(kind, received_at, form, data, verified)):
        return _make_corrupt_record(number, name, received_at, form, data)
    marks = (bool(live), bool(verified), bool(judged), bool(pending))
    meter = find_meter(settings, name)
    return Record(number, KINDS[kind], meter, from_ms(received_at), form, data, *marks, crc)


def make_frame(record: Record) -> Frame:
    """Return the frame as it was appended. Raises DecodeError for a corrupt record, of which nothing is to be read."""
    if record.corruption:
        raise DecodeError(record.corruption)
    return Frame(record.format, record.data, record.received_at, record.verified)  # type: ignore[arg-type]


@lru_cache(maxsize=1024)  # the same settings stand with thousands of records
def _read_settings(meter: bytes | None, json: bytes | None, crc: int | None) -> Meter | None:
    """Return the settings of a row; None where it is corrupt."""
    if json is None or (crc is not None and crc != compute_checksum(meter, json)):
        return None
    return _to_meter(json.decode("utf-8", "replace"))


def _to_meter(json: str | None) -> Meter | None:
    try:
        return None if json is None else decode_settings(json)
    except ValueError:
        return None


def _make_corrupt_record(number: int, name: object, received_at: object, form: object, data: object) -> Record:
    """Return what is still shown of a corrupt record."""
    at = from_ms(received_at) if isinstance(received_at, int) else EPOCH
    octets = data if isinstance(data, bytes) else b""
    return Record(number, "frame", Meter(str(name)), at, str(form), octets, False, False, False, corruption=CORRUPT)


def is_sound(kind: object, received_at: object, form: object, data: object, verified: object) -> bool:
    """Return whether a row of version 1 may be what was written, by the checksum that its frame has from the wire."""
    if not (kind in (FRAME, HEALTH) and isinstance(received_at, int) and isinstance(data, bytes)):
        return False
    if kind == HEALTH or not verified:
        return True
    return any(isinstance(event, Frame) and event[:2] == (form, data) for event in find_all(data, EPOCH))
