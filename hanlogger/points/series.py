"""Where the values of registers go: measurement and tags, decided once for each shape of message and meter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import NamedTuple

from hanlogger.model import Meter, Obis
from hanlogger.points.catalogue import CLOCK, REGISTER, TEXT, Entry, entry, is_submeter_reading

OUR_TAGS = frozenset({"meter", "obis", "phase", "direction", "tariff", "channel", "unit", "row", "logger"})
"""Tags that a user's own never override."""

REFUSED_TAGS = OUR_TAGS | {"time", "_field", "_measurement"}
"""Names that a user's tag must not have: ours, and those that InfluxDB answers with 400."""

_COUNTER = 8  # group D

Tags = tuple[tuple[str, str], ...]

Shape = tuple[tuple[Obis, str, bool], ...]
"""Of each row: code, unit, whether its value is a number."""

Kinds = tuple[tuple[int | None, int], ...]
"""Channel and EN 13757 medium of each sub-meter that tells it."""


class Series(NamedTuple):
    """Where the values of a register go."""

    measurement: str
    tags: Tags
    text: bool  # field `text`, not `value`
    counter: bool  # of the hour, in an hourly list


def own_tags(meter: Meter) -> Tags:
    """The tags of every point of a meter: its name and the user's."""
    own = {key: value for key, value in meter.tags.items() if value and key not in REFUSED_TAGS}
    return tuple(sorted({**own, "meter": meter.name}.items()))


def tells_its_kind(obis: Obis) -> bool:
    """Tell whether the value of this register says what a sub-meter measures (0-n:24.1.0)."""
    return obis.c == 24 and obis.a == 0 and obis[2:5] == (24, 1, 0)


def numbered(rows: Sequence[Hashable]) -> tuple[int, ...]:
    """Number rows that are equal 1, 2, 3, … in their order; 0 for a row that has no equal."""
    if len(set(rows)) == len(rows):
        return (0,) * len(rows)
    times, seen, numbers = Counter(rows), Counter[Hashable](), []
    for row in rows:
        seen[row] += 1
        numbers.append(seen[row] if times[row] > 1 else 0)
    return tuple(numbers)


def layout(shape: Shape, numbers: tuple[int, ...], kinds: Kinds, own: Tags) -> tuple[Series | None, ...]:
    """Give the series of each row; None for a clock's row: it is the time of the others.

    `numbers` tells rows of one code and one time apart: it becomes tag `row`, where it is not 0.
    """
    media = dict(kinds)
    found = []
    for (obis, unit, numeric), number in zip(shape, numbers, strict=True):
        known = entry(obis, media.get(obis.b))
        found.append(_series(obis, unit, numeric, known, str(number or ""), own))
    return tuple(found)


@lru_cache(maxsize=4096)  # by rows, not by shapes: a shape may have thousands of rows
def _series(obis: Obis, unit: str, numeric: bool, known: Entry | None, row: str, own: Tags) -> Series | None:
    if known is not None and known.measurement == CLOCK:
        return None
    measurement = _measurement(unit, numeric, known)
    tags = {"obis": str(obis), "row": row}
    if measurement == REGISTER:
        tags["unit"] = unit
    elif measurement != TEXT and known is not None:
        channel = str(obis.b) if is_submeter_reading(obis) else ""
        tags |= {"phase": known.phase, "direction": known.direction, "tariff": known.tariff, "channel": channel}
    ours = {key: value for key, value in tags.items() if value}
    return Series(measurement, tuple(sorted({**dict(own), **ours}.items())), measurement == TEXT, _is_counter(obis))


def _measurement(unit: str, numeric: bool, known: Entry | None) -> str:
    """The catalogue's, if the value is in its unit; a number in another unit (gas in GJ) is kept as sent."""
    if not numeric or (known is not None and known.measurement == TEXT):
        return TEXT
    if known is None or known.measurement == REGISTER:
        return REGISTER
    return known.measurement if (unit or "1") == known.unit else REGISTER


def _is_counter(obis: Obis) -> bool:
    return obis.is_electricity and obis.d == _COUNTER
