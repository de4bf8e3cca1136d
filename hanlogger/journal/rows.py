"""Rows of the table `record` as records: what does not read costs itself, and never the next."""

from __future__ import annotations

import logging
import sqlite3
from typing import Any

from hanlogger.errors import DecodeError
from hanlogger.framing import find_all
from hanlogger.journal.kinds import EPOCH, Kind, Record, from_ms
from hanlogger.journal.sealing import checksum_of, intact
from hanlogger.journal.settings import from_json
from hanlogger.model import Frame, Meter

KINDS: tuple[Kind, ...] = ("frame", "health")
FRAME, HEALTH = range(2)
EACH_METER = """
  WITH RECURSIVE each (meter) AS (
    SELECT min(meter) FROM record
    UNION ALL SELECT (SELECT min(meter) FROM record WHERE meter > each.meter) FROM each WHERE each.meter IS NOT NULL
  )
  SELECT meter FROM each
"""
"""SQL of the names of all meters, of which the last is NULL; it goes along the index, one step for each meter."""
DAMAGE = "the journal's record of it is damaged: its checksum is wrong"

_SELECT = f"""
SELECT record.id, record.crc, {checksum_of("record")}, CASE WHEN {intact("settings")} THEN json END, record.settings,
kind, record.meter, received_at, format, data, live, verified, judged, boot IS NOT NULL
FROM record LEFT JOIN settings ON settings.id = record.settings
"""  # noqa: S608 constants
_OF_METER = f"SELECT json FROM settings WHERE meter = ? AND {intact('settings')} ORDER BY id DESC"  # noqa: S608
_LOST = (
    "meter %s: settings that telegrams were recorded with are damaged in the journal: those of now are taken instead"
)

log = logging.getLogger(__name__)


class Rows:
    """now: by meter's name, the settings that its port has now; they stand in for damaged ones."""

    def __init__(self) -> None:
        self.now: dict[str, Meter] = {}
        self._told: set[object] = set()

    def records(self, connection: sqlite3.Connection, where: str, *parameters: object) -> list[Record]:
        """The records of a condition on the table `record`, in the condition's order."""
        rows = connection.execute(_SELECT + where, parameters).fetchall()
        return [self._record(connection, *row) for row in rows]

    def _record(
        self,
        connection: sqlite3.Connection,
        number: int,
        crc: int | None,
        reckoned: int,
        json: str | None,
        settings: int | None,
        *cells: Any,
    ) -> Record:
        kind, name, received_at, form, data, live, verified, judged, pending = cells
        if crc != reckoned and (crc is not None or not is_sound(kind, received_at, form, data, verified)):
            return _damaged(number, name, received_at, form, data)
        meter = Meter(name) if settings is None else _read(json) or self._others(connection, settings, name)
        marks = (bool(live), bool(verified), bool(judged), bool(pending))
        return Record(number, KINDS[kind], meter, from_ms(received_at), form, data, *marks, crc)

    def _others(self, connection: sqlite3.Connection, settings: int, name: str) -> Meter:
        """What its port has now, else the newest settings of the meter that read, else the defaults; told once."""
        if settings not in self._told:
            self._told.add(settings)
            log.warning(_LOST, name)
        if name in self.now:
            return self.now[name]
        kept = (_read(json) for (json,) in connection.execute(_OF_METER, (name,)))
        return next((meter for meter in kept if meter is not None), Meter(name))


def _read(json: str | None) -> Meter | None:
    try:
        return None if json is None else from_json(json)
    except ValueError:
        return None


def _damaged(number: int, name: object, received_at: object, form: object, data: object) -> Record:
    """What is still shown of it."""
    at = from_ms(received_at) if isinstance(received_at, int) else EPOCH
    octets = data if isinstance(data, bytes) else b""
    return Record(number, "frame", Meter(str(name)), at, str(form), octets, False, False, False, damage=DAMAGE)


def is_sound(kind: object, received_at: object, form: object, data: object, verified: object) -> bool:
    """Whether a row without a checksum of its own may be what was written: its frame's from the wire is looked at."""
    if not (kind in (FRAME, HEALTH) and isinstance(received_at, int) and isinstance(data, bytes)):
        return False
    if kind == HEALTH or not verified:
        return True
    return any(isinstance(event, Frame) and event[:2] == (form, data) for event in find_all(data, EPOCH))


def frame_of(record: Record) -> Frame:
    """The frame as it was appended; DecodeError for a damaged record, of which nothing is to be read."""
    if record.damage:
        raise DecodeError(record.damage)
    return Frame(record.format, record.data, record.received_at, record.verified)  # type: ignore[arg-type]
