"""Read the registers of active energy from a reading."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from zlib import crc32

from hanlogger.intervals.levels import Level
from hanlogger.journal.model import EXPORT, IMPORT, to_ms
from hanlogger.model import Obis, Reading, Register
from hanlogger.points.catalogue import look_up
from hanlogger.points.derived import derive_registers
from hanlogger.points.lineprotocol import is_number

_DIRECTIONS = {"import": IMPORT, "export": EXPORT}
_ENERGY, _TOTAL = 8, (None, 0)  # groups D and E


def read_levels(reading: Reading, time: datetime) -> dict[int, Level]:
    """Return by direction what a reading says of the registers; time: the reading's, UTC.

    An hourly list says what the registers were at its full hour. Where a meter sends tariffs alone their sum counts.
    """
    if reading.hourly:
        time = time.replace(minute=0, second=0, microsecond=0)
    found = dict(_find_energies(reading.registers))
    if len(found) < len(_DIRECTIONS) and any(row.obis.d == _ENERGY for row in reading.registers):
        found = {**dict(_find_energies(derive_registers(reading))), **found}
    own = find_own_number(reading.rows) if found else ""
    device = crc32(own.encode("utf-8", "replace"))  # of "" it is 0
    return {direction: Level(to_ms(time), value, device) for direction, value in found.items()}


def _find_energies(registers: tuple[Register, ...] | list[Register]) -> Iterator[tuple[int, Decimal]]:
    for obis, value, unit, _ in reversed(registers):  # of two rows of one code the first counts
        if obis.d == _ENERGY and obis.e in _TOTAL and unit == "Wh" and is_number(value):
            meaning = look_up(obis)
            if meaning is not None and (meaning.measurement, meaning.phase) == ("active_energy", "total"):
                yield _DIRECTIONS[meaning.direction], value


def find_own_number(rows: tuple[Register, ...]) -> str:
    """Return the number that the meter says of itself; "" where the message does not say it."""
    return next((str(row.value) for row in rows if _is_identity(row.obis)), "")


def _is_identity(obis: Obis) -> bool:
    if (obis.c, obis.d) not in ((96, 1), (0, 0)):
        return False
    meaning = look_up(obis)
    return meaning is not None and meaning.english == "meter id"
