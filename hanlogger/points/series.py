"""Decide to which series a register's value belongs: measurement and tags, once for each shape of message and meter.

The names are those of docs/design.md section 4. The shape of a message (codes, units, numbers or texts) hardly ever
changes, so that its series need not be found again for each message.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import NamedTuple

from hanlogger.model import Meter, Obis
from hanlogger.points.catalogue import CLOCK, REGISTER, TEXT, Entry, is_submeter_reading, look_up

OUR_TAGS = frozenset({"meter", "obis", "phase", "direction", "tariff", "channel", "unit", "row", "logger"})
"""Tags that a user's own never override."""

REFUSED_TAGS = OUR_TAGS | {"time", "_field", "_measurement"}
"""Names that a user's tag must not have: hanlogger's, and those that InfluxDB answers with 400."""

_COUNTER = 8  # group D

Tags = tuple[tuple[str, str], ...]
"""Names and values, sorted by name."""

Shape = tuple[tuple[Obis, str, bool], ...]
"""For each register of a message: its code, its unit, and whether its value is a number."""

MediumCodes = tuple[tuple[int | None, int], ...]
"""The channel and the EN 13757-3 medium code of each sub-meter that states one."""


class Series(NamedTuple):
    """The series to which the values of a register belong."""

    measurement: str
    tags: Tags
    is_text: bool  # the field is `text`, not `value`
    is_counter: bool  # in an hourly list the value belongs to the full hour


def make_meter_tags(meter: Meter) -> Tags:
    """Return the tags of every point of a meter: its name and the user's own tags."""
    own = {key: value for key, value in meter.tags.items() if value and key not in REFUSED_TAGS}
    return tuple(sorted({**own, "meter": meter.name}.items()))


def states_medium(obis: Obis) -> bool:
    """Return whether the value of this register is a sub-meter's medium code (0-n:24.1.0, docs/protocol.md A.8)."""
    return obis.c == 24 and obis.a == 0 and obis[2:5] == (24, 1, 0)


def number_duplicates(rows: Sequence[Hashable]) -> tuple[int, ...]:
    """Return 1, 2, 3, … for equal rows in their order, and 0 for a row that has no equal."""
    if len(set(rows)) == len(rows):
        return (0,) * len(rows)
    times, seen, numbers = Counter(rows), Counter[Hashable](), []
    for row in rows:
        seen[row] += 1
        numbers.append(seen[row] if times[row] > 1 else 0)
    return tuple(numbers)


def assign_series(
    shape: Shape, numbers: tuple[int, ...], media: MediumCodes, meter_tags: Tags
) -> tuple[Series | None, ...]:
    """Return the series of each register; None for the meter's clock, which is the timestamp of the others.

    `numbers`: from `number_duplicates`; what is not 0 becomes the tag `row`, which tells registers of one code and one
    time apart. `media`: decides the measurement of sub-meters.
    """
    codes = dict(media)
    found = []
    for (obis, unit, numeric), number in zip(shape, numbers, strict=True):
        known = look_up(obis, codes.get(obis.b))
        found.append(_make_series(obis, unit, numeric, known, str(number or ""), meter_tags))
    return tuple(found)


@lru_cache(maxsize=4096)  # by registers, not by shapes: a shape may have thousands of registers
def _make_series(
    obis: Obis, unit: str, numeric: bool, known: Entry | None, row: str, meter_tags: Tags
) -> Series | None:
    if known is not None and known.measurement == CLOCK:
        return None
    measurement = _choose_measurement(unit, numeric, known)
    tags = {"obis": str(obis), "row": row}
    if measurement == REGISTER:
        tags["unit"] = unit
    elif measurement != TEXT and known is not None:
        channel = str(obis.b) if is_submeter_reading(obis) else ""
        tags |= {"phase": known.phase, "direction": known.direction, "tariff": known.tariff, "channel": channel}
    ours = {key: value for key, value in tags.items() if value}
    all_tags = tuple(sorted({**dict(meter_tags), **ours}.items()))
    return Series(measurement, all_tags, measurement == TEXT, obis.is_electricity and obis.d == _COUNTER)


def _choose_measurement(unit: str, numeric: bool, known: Entry | None) -> str:
    """Return the catalogue's if the value has its unit; a number in another unit (gas in GJ) is kept as it was sent."""
    if not numeric or (known is not None and known.measurement == TEXT):
        return TEXT
    if known is None or known.measurement == REGISTER:
        return REGISTER
    return known.measurement if (unit or "1") == known.unit else REGISTER
