"""Decoding notifications: rows by the family's layout, scaled by what they state or by what the family means."""

from __future__ import annotations

from collections.abc import Sequence, Set
from decimal import Decimal
from functools import lru_cache

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


def decode_apdu(octets: bytes, meter: Meter) -> Reading:
    """Decode a data-notification or its bare body. The time in its header wins over a clock row.

    DecodeError where it is of another kind or no register can be read; IndexError where it ends too early.
    """
    clock_at, body, left_over = apdu.decode_notification(octets)
    family = next((family for family in FAMILIES if family.knows(body)), GENERIC)
    rows = with_codes(family.rows(body))
    clocks = [row.value for row in rows if is_clock(row) and isinstance(row.value, bytes)]
    if clock_at is not None:
        clocks.insert(0, octets[clock_at : clock_at + date_time.OCTETS])
    civil = next((civil for civil in map(clock.packed, clocks) if civil), None)
    factors = {**family.factors(rows), **_set_by_user(meter)}
    unscaled = set(family.scale_varies) - factors.keys()
    registers, unread = _registers([row for row in rows if row.measured], factors, unscaled)
    objects, unread_objects = _registers([row for row in rows if not row.measured], factors, unscaled)
    unread += unread_objects
    if not registers:
        raise DecodeError("a notification without a register that can be read")
    return Reading(
        tuple(registers),
        civil,
        _clock_rule(family, civil),
        civil is not None and family.hourly(rows, civil),
        tuple(unread) + ((left_over.hex(),) if left_over else ()),
        family.name,
        objects=tuple(objects),
    )


def with_codes(rows: Sequence[Row]) -> list[Row]:
    """Give codes to values that come without, where others have them: a leading time, names of list and meter."""
    if not any(row.obis for row in rows):
        return list(rows)
    codes = [_LIST_ID, _METER_ID]
    return [row if row.obis else row._replace(obis=_implied(at, row.value, codes)) for at, row in enumerate(rows)]


def _implied(at: int, value: Value, codes: list[Obis]) -> Obis | None:
    """Return the code of a value that came without one, taken out of `codes`; None where it names nothing."""
    if at == 0 and isinstance(value, bytes) and len(value) == date_time.OCTETS:
        return clock.OBIS
    if not codes or not isinstance(value, (bytes, str)) or not _names_something(value):
        return None
    if at:
        del codes[:-1]
    return codes.pop(0)


def _names_something(value: bytes | str) -> bool:
    """Tell whether a text has a letter or a digit: a time of day, a date and an empty octet string are no names."""
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return text.rstrip("\0").isprintable() and text.isascii() and any(map(str.isalnum, text))


def is_clock(row: Row) -> bool:
    """Tell whether a row is a time, and the time of the other rows."""
    is_time = isinstance(row.value, bytes) and len(row.value) == date_time.OCTETS
    return is_time and row.obis is not None and clock.is_clock(row.obis)


def _clock_rule(family: Family, civil: Civil | None) -> ClockRule:
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


def _registers(
    rows: Sequence[Row], factors: Factors, unscaled: Set[units.Quantity]
) -> tuple[list[Register], list[str]]:
    """Return the registers of rows, and as text what is no register. Null-data is neither."""
    registers, unread = [], []
    for row in rows:
        obis, value = row.obis, row.value
        if value is None or is_clock(row):
            continue
        if obis is None or isinstance(value, (list, Attribute)):
            unread.append(str(value))
        elif isinstance(value, (bytes, str)):
            text = _text(value)
            if text and units.is_measured(obis):
                unread.append(f"{obis} {text}")
            else:
                registers.append(Register(obis, text))
        else:
            registers.append(_number(obis, value, row, factors, unscaled))
    return registers, unread


def _number(obis: Obis, value: int | Decimal, row: Row, factors: Factors, unscaled: Set[units.Quantity]) -> Register:
    """Return a number in its base unit, or as sent and without a unit where nobody knows the scale of its quantity."""
    if row.scaler is not None:
        return Register(obis, units.scaled(value, row.scaler), units.COSEM.get(row.unit, ""))
    quantity, unit = units.meaning(obis)
    factor = factors.get(quantity)
    number = Decimal(value) if factor is None else units.EXACT.multiply(value, factor)
    return Register(obis, number, "" if quantity in unscaled else unit)


@lru_cache(maxsize=256)
def _text(value: bytes | str) -> str:
    """Return a string without the NULs at its end: octets as text if they are printable, else in hex."""
    if isinstance(value, str):
        return value.rstrip("\0")
    octets = value.rstrip(b"\0")
    return octets.decode() if octets.isascii() and octets.decode().isprintable() else octets.hex()
