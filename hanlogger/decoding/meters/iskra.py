"""Iskraemeco AM550 in Slovenia (corpus quirk V8): 18 elements by position, no codes, no scalers, a true deviation.

device name, meter, P+, P-, Q+, Q-, U1 U2 U3, I1 I2 I3, P+ L1 L2 L3, P- L1 L2 L3      0.1 V, 0.01 A
"""

from __future__ import annotations

from decimal import Decimal

from hanlogger.decoding.meters.family import Body, Factors, Family, is_text
from hanlogger.decoding.rows import Row
from hanlogger.model import Obis

_NAMES = ("0-0:42.0.0", "0-0:96.1.0")
_TOTALS, _VOLTAGES, _CURRENTS = (1, 2, 3, 4), (32, 52, 72), (31, 51, 71)
_IMPORT, _EXPORT = (21, 41, 61), (22, 42, 62)
_CODES = (
    *map(Obis.parse, _NAMES),
    *(Obis(1, 0, c, 7, 0) for c in (*_TOTALS, *_VOLTAGES, *_CURRENTS, *_IMPORT, *_EXPORT)),
)
_FACTORS: Factors = {"voltage": Decimal("0.1"), "current": Decimal("0.01")}


def _knows(body: Body) -> bool:
    return (
        len(body) == len(_CODES) and all(map(is_text, body[:2])) and all(isinstance(value, int) for value in body[2:])
    )


def _rows(body: Body) -> list[Row]:
    return [Row(obis, value) for obis, value in zip(_CODES, body, strict=True)]


FAMILY = Family("iskra", _knows, _rows, lambda _: _FACTORS)
