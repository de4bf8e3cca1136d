"""Units of telegrams and of COSEM in base units, and what a code measures where the message does not say."""

from __future__ import annotations

from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from hanlogger.model import Obis, Reading, Register

EXACT = Context(prec=MAX_PREC, Emin=MIN_EMIN, Emax=MAX_EMAX)
"""No digit is ever rounded away."""

_ELECTRIC = ("W", "var", "VA", "Wh", "varh", "VAh", "V", "A", "Hz")
_PREFIXES = {"": 0, "k": 3, "m": 6}
_PRINTED = {f"{prefix}{unit}".lower(): (unit, power) for unit in _ELECTRIC for prefix, power in _PREFIXES.items()}
_PRINTED["m3"] = ("m3", 0)
_MILLI = frozenset({"mV", "mA", "mHz"})
"""The one spelling in which the case of a letter decides: no local port has megavolts. They stay as sent."""

_TIMES_AND_TEMPERATURES = ("a", "mo", "wk", "d", "h", "min", "s", "°", "°C")
_ELECTRICAL = ("W", "VA", "var", "Wh", "VAh", "varh", "A", "C", "V")
COSEM = (
    dict(enumerate(_TIMES_AND_TEMPERATURES, 1))
    | dict(enumerate(_ELECTRICAL, 27))
    | {13: "m3", 25: "J", 44: "Hz", 52: "K", 56: "%", 57: "Ah", 70: "dBm"}
)
"""Blue Book, table 4. What is not in here, 254 and 255 among it, is a plain number."""

_WITH_CURRENT = frozenset({"W", "var", "VA", "Wh", "varh", "VAh", "A"})

Quantity = Literal["power", "energy", "current", "voltage", "power factor", "frequency", ""]


class Meaning(NamedTuple):
    """What an electricity code measures."""

    quantity: Quantity
    unit: str


NO_MEANING = Meaning("", "")
_OF = ("W", "W", "var", "var", "var", "var", "var", "var", "VA", "VA")  # C = 1 … 10
_NOW = {c: Meaning("power", unit) for c, unit in enumerate(_OF, 1)} | {
    11: Meaning("current", "A"),
    12: Meaning("voltage", "V"),
    13: Meaning("power factor", ""),
    14: Meaning("frequency", "Hz"),
    15: Meaning("power", "W"),
    16: Meaning("power", "W"),
}
_COUNTED = {c: Meaning("energy", f"{now.unit}h") for c, now in _NOW.items() if now.quantity == "power"}
_VALUE_OF_NOW, _COUNTER = 7, 8  # group D
_SUBMETER_READINGS = frozenset({(24, 2, 1), (24, 2, 3), (24, 3, 0)})
_BY_D = {**dict.fromkeys((4, 5, 6, 7), _NOW), 8: _COUNTED}


def look_up_printed(unit: str) -> tuple[str, int]:
    """Look up a unit as a telegram prints it: base unit and power of ten. k is kilo and M is mega in either case.

    A unit that is not known stays as sent.
    """
    return (unit, 0) if unit in _MILLI else _PRINTED.get(unit.lower(), (unit, 0))


@lru_cache(maxsize=1024)
def look_up_meaning(obis: Obis) -> Meaning:
    """Return what a code measures, by C and D (Blue Book, tables 6 and 8). L1, L2, L3 are C + 20, 40, 60."""
    if not obis.is_electricity or not 1 <= obis.c <= 80:
        return NO_MEANING
    return _BY_D.get(obis.d, {}).get((obis.c - 1) % 20 + 1, NO_MEANING)


def is_measured(obis: Obis) -> bool:
    """Tell whether a code is of a value of now, a counter, or a sub-meter's reading: no text can be one."""
    if obis.a == 0 and obis.b:
        return obis[2:5] in _SUBMETER_READINGS
    return obis.d in (_VALUE_OF_NOW, _COUNTER) and bool(look_up_meaning(obis).quantity)


def scale_by_ten(number: Decimal | int, power: int) -> Decimal:
    """Return `number` times ten to the `power`, exactly."""
    return Decimal(number).scaleb(power, EXACT)


def apply_ratio(reading: Reading, ratio: Decimal) -> Reading:
    """Return a reading with its currents, powers and energies multiplied by a transformer's ratio."""
    return reading._replace(registers=tuple([_multiply_to_primary(row, ratio) for row in reading.registers]))


def _multiply_to_primary(row: Register, ratio: Decimal) -> Register:
    if not row.obis.is_electricity or row.unit not in _WITH_CURRENT or isinstance(row.value, str):
        return row
    return row._replace(value=EXACT.multiply(row.value, ratio))
