"""Notifications of a known shape, for lists that state their scalers, as Aidon and Austrian meters send them.

All octets but those of numbers and of the time stay in place. It gives what `dlms.read` gives, or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import repeat
from struct import Struct
from typing import NamedTuple

from hanlogger.decoding import apdu, clock, dlms, rows, units
from hanlogger.decoding.axdr import Place, Value
from hanlogger.decoding.meters import FAMILIES, GENERIC
from hanlogger.decoding.plans.memory import Memory, Varying, registers
from hanlogger.decoding.rows import Row
from hanlogger.model import Civil, Obis, Reading, Register

_BY_SHAPE = frozenset(family.name for family in (*FAMILIES, GENERIC) if family.by_shape)
_CODES = {1: "B", 2: "H", 4: "I", 8: "Q"}
_PACKED = b"\x09\x0c"  # an octet string of 12
_TICKING = 9  # octets of a date-time; the deviation and status behind them belong to the shape
_INVOKE_ID = Varying(1, 4)


class _Plan(NamedTuple):
    """What stands where."""

    fields: Struct  # the numbers in order
    clock_at: int | None
    obis: Sequence[Obis]
    scalers: Sequence[int]
    units: Sequence[str]
    texts: Sequence[tuple[int, Register]]  # and their places among the registers
    reading: Reading  # without registers


_memory = Memory[_Plan]()


def read(octets: bytes) -> Reading | None:
    """None where nothing of this shape has been learnt."""
    plan = _memory.plan(octets)
    return _made(plan, octets) if plan else None


def _made(plan: _Plan, octets: bytes) -> Reading | None:
    civil = None
    if plan.clock_at is not None:
        civil = _time(octets, plan.clock_at)
        if civil is None or civil is clock.IMPOSSIBLE:
            return None
    numbers = map(Decimal, plan.fields.unpack(octets))
    values = map(Decimal.scaleb, numbers, plan.scalers, repeat(units.EXACT))
    made = registers(plan.obis, values, plan.units)
    for at, text in plan.texts:
        made.insert(at, text)
    return plan.reading._replace(registers=tuple(made), clock=civil)


def learn(octets: bytes, reading: Reading) -> Reading:
    """Plan for the shape of these octets, where there can be a plan. Gives the reading back.

    There is none where a number has no scaler: then it may mean one thing in this message and another in the next; nor
    where a number is no integer (BCD, floats). A plan that does not give this very reading is not kept.
    """
    if reading.family not in _BY_SHAPE or reading.unread or reading.objects:
        return reading
    places: list[Place] = []
    header, body, _ = apdu.read(octets, places)
    where, what = _rows(body), _rows(apdu.read(octets).body)
    clocks = _clocks(octets, header, what)
    shown = [pair for pair in zip(where, what, strict=True) if pair[1].value is not None and not dlms.is_clock(pair[1])]
    numbers = [(at, places[row.value], said) for at, (row, said) in enumerate(shown) if isinstance(row.value, int)]
    if clocks is None or not all(map(_is_plain, what)) or not _is_set(octets, clocks):
        return reading
    varying = [Varying(place.at, place.octets) for _, place, _ in numbers] + [Varying(at, _TICKING) for at in clocks]
    columns = [reading.registers[at] for at, _, _ in numbers]
    plan = _Plan(
        _fields([place for _, place, _ in numbers], len(octets)),
        clocks[0] if clocks else None,
        [column.obis for column in columns],
        [said.scaler or 0 for _, _, said in numbers],
        [column.unit for column in columns],
        [(at, reading.registers[at]) for at, (row, _) in enumerate(shown) if not isinstance(row.value, int)],
        reading._replace(registers=()),
    )
    if _made(plan, octets) != reading:
        return reading
    _memory.keep(octets, varying + [_INVOKE_ID] * (octets[0] == apdu.NOTIFICATION), plan)
    return reading


def _is_plain(row: Row) -> bool:
    """Tell whether a row is no number, or an integer whose scaler is stated."""
    return not isinstance(row.value, Decimal) and (row.scaler is not None or not isinstance(row.value, int))


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


def _fields(numbers: Sequence[Place], size: int) -> Struct:
    code, end = ">", 0
    for at, octets, signed in numbers:
        letter = _CODES[octets]
        code += f"{at - end}x{letter.lower() if signed else letter}"
        end = at + octets
    return Struct(f"{code}{size - end}x")
