"""Decode notifications: rows by the family's layout, scaled as they state, else as the family defines."""

from __future__ import annotations

from collections.abc import Sequence, Set
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from hanlogger.decoding import apdu, clock, units
from hanlogger.decoding.axdr import Attribute, Value
from hanlogger.decoding.meters import FAMILIES, GENERIC, Family
from hanlogger.decoding.meters.family import Factors
from hanlogger.decoding.rows import Row
from hanlogger.errors import DecodeError
from hanlogger.model import Civil, ClockRule, Meter, Obis, Reading, Register
from hanlogger.wire import date_time

_LIST_ID = Obis(1, 1, 0, 2, 129)
_METER_ID = Obis(0, 0, 96, 1, 0)
_ONE = Decimal(1)


class Message(NamedTuple):
    """The rows of a notification, and what is needed to scale them."""

    family: Family
    rows: Sequence[Row]
    clock_at: int | None  # where the date-time of its header stands
    factors: Factors
    unscaled: Set[units.Quantity]  # quantities whose scale nobody knows
    left_over: bytes

    @property
    def shown(self) -> list[Row]:
        """The rows that should give a register, those of objects that measure nothing behind all others."""
        shown = [row for row in self.rows if row.value is not None and not is_clock(row)]
        return sorted(shown, key=lambda row: not row.measured)


def read_rows(octets: bytes, meter: Meter, *, placed: bool = False) -> Message:
    """Find the rows of a data-notification or its bare body; `placed` as in `axdr.decode_value`.

    DecodeError where it is of another kind; IndexError where it ends too early.
    """
    clock_at, body, left_over = apdu.decode_notification(octets, placed=placed)
    family = next((family for family in FAMILIES if family.knows(body)), GENERIC)
    rows = add_codes(family.rows(body))
    factors = {**family.factors(rows), **_set_by_user(meter)}
    return Message(family, rows, clock_at, factors, set(family.scale_varies) - factors.keys(), left_over)


def decode_apdu(octets: bytes, meter: Meter) -> Reading:
    """Decode a data-notification or its bare body. The time in its header wins over a clock row.

    DecodeError where it is of another kind or no register can be read; IndexError where it ends too early.
    """
    message = read_rows(octets, meter)
    family, rows, left_over = message.family, message.rows, message.left_over
    clocks = [row.value for row in rows if is_clock(row) and isinstance(row.value, bytes)]
    if message.clock_at is not None:
        clocks.insert(0, octets[message.clock_at : message.clock_at + date_time.OCTETS])
    civil = next((civil for civil in map(clock.read_packed, clocks) if civil), None)
    registers, unread = _make_registers(message, [row for row in message.shown if row.measured])
    objects, unread_objects = _make_registers(message, [row for row in message.shown if not row.measured])
    unread += unread_objects
    if not registers:
        raise DecodeError("a notification without a register that can be read")
    return Reading(
        tuple(registers),
        civil,
        _find_clock_rule(family, civil),
        civil is not None and family.hourly(rows) and family.at_full_hour(civil),
        tuple(unread) + ((left_over.hex(),) if left_over else ()),
        family.name,
        objects=tuple(objects),
    )


def add_codes(rows: Sequence[Row]) -> list[Row]:
    """Give codes to values that have none where others have: a leading time, the names of list and meter."""
    if not any(row.obis for row in rows):
        return list(rows)
    codes = [_LIST_ID, _METER_ID]
    return [row if row.obis else row._replace(obis=_imply_code(at, row.value, codes)) for at, row in enumerate(rows)]


def _imply_code(at: int, value: Value, codes: list[Obis]) -> Obis | None:
    """Return the code of a value that came without one, taken out of `codes`; None where it names nothing."""
    if at == 0 and isinstance(value, bytes) and len(value) == date_time.OCTETS:
        return clock.OBIS
    if not codes or not isinstance(value, (bytes, str)) or not _has_letter_or_digit(value):
        return None
    if at:
        del codes[:-1]
    return codes.pop(0)


def _has_letter_or_digit(value: bytes | str) -> bool:
    """Tell whether a text has a letter or a digit: a time of day, a date and an empty octet string are no names."""
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return text.rstrip("\0").isprintable() and text.isascii() and any(map(str.isalnum, text))


def is_clock(row: Row) -> bool:
    """Tell whether a row is a time, and the time of the other rows."""
    is_time = isinstance(row.value, bytes) and len(row.value) == date_time.OCTETS
    return is_time and row.obis is not None and clock.is_clock(row.obis)


def _find_clock_rule(family: Family, civil: Civil | None) -> ClockRule:
    stated = civil is not None and civil.deviation is not None and family.trusts_deviation
    return "stated" if stated else family.clock_rule


def _set_by_user(meter: Meter) -> Factors:
    scale = meter.scale
    given: dict[units.Quantity, Decimal | None] = {
        "energy": scale.energy,
        "current": scale.current,
        "voltage": scale.voltage,
    }
    return {quantity: factor for quantity, factor in given.items() if factor is not None}


def _make_registers(message: Message, rows: Sequence[Row]) -> tuple[list[Register], list[str]]:
    """Return the registers of rows, and as text the rows that are no registers."""
    registers, unread = [], []
    for row in rows:
        obis, value = row.obis, row.value
        if obis is None or value is None or isinstance(value, (list, Attribute)):
            unread.append(str(value))
        elif isinstance(value, (bytes, str)):
            text = _strip_text(value)
            if text and units.is_measured(obis):
                unread.append(f"{obis} {text}")
            else:
                registers.append(Register(obis, text))
        else:
            factor, unit = find_scale(message, row)
            registers.append(Register(obis, units.EXACT.multiply(Decimal(value), factor), unit))
    return registers, unread


def find_scale(message: Message, row: Row) -> tuple[Decimal, str]:
    """Return the factor of a number and its base unit; 1 and no unit where nobody knows the scale of its quantity."""
    if row.scaler is not None:
        return units.scale_by_ten(1, row.scaler), units.COSEM.get(row.unit, "")
    quantity, unit = units.look_up_meaning(row.obis) if row.obis else units.NO_MEANING
    return message.factors.get(quantity, _ONE), "" if quantity in message.unscaled else unit


@lru_cache(maxsize=256)
def _strip_text(value: bytes | str) -> str:
    """Return a string without the NULs at its end: octets as text if they are printable, else in hex."""
    if isinstance(value, str):
        return value.rstrip("\0")
    octets = value.rstrip(b"\0")
    return octets.decode() if octets.isascii() and octets.decode().isprintable() else octets.hex()
