"""Notifications of a known shape. A meter sends the same list again and again: only the first is read value by value.

A shape is all octets but those of numbers and of the time. For lists that state their scalers a plan turns the numbers
into registers at the speed of C; it gives what `dlms.read` gives, or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from itertools import repeat
from struct import Struct
from typing import NamedTuple

from hanlogger.decoding import apdu, clock, dlms, rows, units
from hanlogger.decoding.axdr import Place, Value
from hanlogger.decoding.meters import FAMILIES, GENERIC
from hanlogger.decoding.rows import Row
from hanlogger.model import Civil, Obis, Reading, Register

_BY_SHAPE = frozenset(family.name for family in (*FAMILIES, GENERIC) if family.by_shape)
_CODES = {1: "B", 2: "H", 4: "I", 8: "Q"}
_TICKING = 9  # octets of a date-time; the deviation and status behind them belong to the shape
_INVOKE_ID = Place(1, 4, signed=False)
_PACKED = b"\x09\x0c"  # an octet string of 12
_MOST_PLANS = 64

_register = partial(tuple.__new__, Register)


class _Plan(NamedTuple):
    """What stands where."""

    mask: int  # of the octets that make the shape
    shape: int
    fields: Struct  # the numbers in order
    clock_at: int | None
    obis: Sequence[Obis]
    scalers: Sequence[int]
    units: Sequence[str]
    texts: Sequence[tuple[int, Register]]  # and their places among the registers
    reading: Reading  # without registers


_plans: dict[int, _Plan] = {}  # by the number of octets. Without this memory all is the same, and slower


def read(octets: bytes) -> Reading | None:
    """None where nothing of this shape has been learnt."""
    plan = _plans.get(len(octets))
    if plan is None or int.from_bytes(octets, "big") & plan.mask != plan.shape:
        return None
    numbers = plan.fields.unpack(octets)
    civil = None
    if plan.clock_at is not None:
        civil = _time(octets, plan.clock_at)
        if civil is None or civil is clock.IMPOSSIBLE:
            return None
    values = map(Decimal.scaleb, map(Decimal, numbers), plan.scalers, repeat(units.EXACT))
    registers = list(map(_register, zip(plan.obis, values, plan.units, repeat(None), strict=False)))
    for at, text in plan.texts:
        registers.insert(at, text)
    return plan.reading._replace(registers=tuple(registers), clock=civil)


def learn(octets: bytes, reading: Reading) -> Reading:
    """Plan for the shape of these octets, where there can be a plan. Gives the reading back."""
    plan = _plan(octets, reading) if reading.family in _BY_SHAPE and not reading.unread else None
    if plan:
        if len(_plans) >= _MOST_PLANS:
            _plans.clear()
        _plans[len(octets)] = plan
    return reading


def _plan(octets: bytes, reading: Reading) -> _Plan | None:
    """None where a number has no scaler: then it may mean one thing in this message and another in the next."""
    places: list[Place] = []
    header, body, _ = apdu.read(octets, places)
    where, what = _rows(body), _rows(apdu.read(octets).body)
    clocks = _clocks(octets, header, what)
    shown = [pair for pair in zip(where, what, strict=True) if pair[1].value is not None and not dlms.is_clock(pair[1])]
    numbers = [(at, places[row.value], said) for at, (row, said) in enumerate(shown) if isinstance(row.value, int)]
    if clocks is None or any(said.scaler is None for _, _, said in numbers) or not _is_set(octets, clocks):
        return None
    columns = [reading.registers[at] for at, _, _ in numbers]
    varying = [place for _, place, _ in numbers] + [Place(at, _TICKING, signed=False) for at in clocks]
    mask = _mask(octets, varying)
    return _Plan(
        mask,
        int.from_bytes(octets, "big") & mask,
        _fields([place for _, place, _ in numbers], len(octets)),
        clocks[0] if clocks else None,
        [column.obis for column in columns],
        [said.scaler or 0 for _, _, said in numbers],
        [column.unit for column in columns],
        [(at, reading.registers[at]) for at, (row, _) in enumerate(shown) if not isinstance(row.value, int)],
        reading._replace(registers=()),
    )


def _rows(body: Sequence[Value]) -> list[Row]:
    return dlms.with_codes(rows.read(body))


def _clocks(octets: bytes, header: int | None, given: Sequence[Row]) -> list[int] | None:
    """Where the times stand, the header's first; None where it is not beyond doubt."""
    packed = [_PACKED + row.value for row in given if dlms.is_clock(row) and isinstance(row.value, bytes)]
    if any(octets.count(time) != 1 for time in packed):
        return None
    return ([] if header is None else [header]) + [octets.index(time) + len(_PACKED) for time in packed]


def _time(octets: bytes, at: int) -> Civil | None:
    return clock.packed(octets[at : at + clock.PACKED_OCTETS])


def _is_set(octets: bytes, clocks: Sequence[int]) -> bool:
    """Whether the first clock is a time: the deviation of one that was never set says nothing of later messages."""
    return all(_time(octets, at) not in (None, clock.IMPOSSIBLE) for at in clocks[:1])


def _mask(octets: bytes, varying: Sequence[Place]) -> int:
    """Ones where the octets make the shape."""
    mask = bytearray(b"\xff" * len(octets))
    for at, size, _ in (*varying, *([_INVOKE_ID] if octets[0] == apdu.NOTIFICATION else [])):
        mask[at : at + size] = bytes(size)
    return int.from_bytes(mask, "big")


def _fields(numbers: Sequence[Place], size: int) -> Struct:
    code, end = ">", 0
    for at, octets, signed in numbers:
        letter = _CODES[octets]
        code += f"{at - end}x{letter.lower() if signed else letter}"
        end = at + octets
    return Struct(f"{code}{size - end}x")
