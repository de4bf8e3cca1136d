"""Plans for notifications: lists that state their scalers, as Aidon and Austrian meters send them.

All octets but those of numbers and of the times stay in place. A plan gives what `dlms.decode_apdu` gives, or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import repeat
from struct import Struct
from typing import NamedTuple

from hanlogger.decoding import apdu, clock, dlms, rows, units
from hanlogger.decoding.axdr import OCTET_STRING, Integer, Value
from hanlogger.decoding.meters import FAMILIES, GENERIC
from hanlogger.decoding.plans.memory import Plans, Varying, registers
from hanlogger.decoding.rows import Row
from hanlogger.model import Civil, Obis, Reading, Register
from hanlogger.wire import date_time, notification

_BY_SHAPE = frozenset(family.name for family in (*FAMILIES, GENERIC) if family.by_shape)
_CODES = {1: "B", 2: "H", 4: "I", 8: "Q"}
_DATE_TIME_HEAD = bytes((OCTET_STRING, date_time.OCTETS))
_INVOKE_ID = Varying(1, 4)


class _Plan(NamedTuple):
    """What stands where in an APDU of one shape."""

    fields: Struct  # the numbers in order
    clock_at: int | None
    obis: Sequence[Obis]
    scalers: Sequence[int]
    units: Sequence[str]
    texts: Sequence[tuple[int, Register]]  # with their places among the registers
    reading: Reading  # without registers


_plans = Plans[_Plan]()


def decode(octets: bytes) -> Reading | None:
    """Decode an APDU by the plan for its shape; None where no such shape has been learnt, or its clock is no time."""
    plan = _plans.find(octets)
    return _fill_in(plan, octets) if plan else None


def _fill_in(plan: _Plan, octets: bytes) -> Reading | None:
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


def learn(octets: bytes, reading: Reading) -> None:
    """Keep a plan for the shape of an APDU that was decoded, where there can be a plan.

    There is none where a number has no scaler: then it may mean one thing in this message and another in the next; nor
    where a number is no integer (BCD, floats). A plan that does not give this very reading is not kept.
    """
    if reading.family not in _BY_SHAPE or reading.unread or reading.objects:
        return
    integers: list[Integer] = []
    header, body, _ = apdu.decode_notification(octets, integers)
    where, what = _rows(body), _rows(apdu.decode_notification(octets).body)
    clocks = _clocks(octets, header, what)
    shown = [pair for pair in zip(where, what, strict=True) if pair[1].value is not None and not dlms.is_clock(pair[1])]
    numbers = [(at, integers[row.value], said) for at, (row, said) in enumerate(shown) if isinstance(row.value, int)]
    if clocks is None or not all(map(_is_plain, what)) or not _is_set(octets, clocks):
        return
    columns = [reading.registers[at] for at, _, _ in numbers]
    plan = _Plan(
        _fields([integer for _, integer, _ in numbers], len(octets)),
        clocks[0] if clocks else None,
        [column.obis for column in columns],
        [said.scaler or 0 for _, _, said in numbers],
        [column.unit for column in columns],
        [(at, reading.registers[at]) for at, (row, _) in enumerate(shown) if not isinstance(row.value, int)],
        reading._replace(registers=()),
    )
    if _fill_in(plan, octets) == reading:
        _plans.keep(octets, _varying(octets, [integer for _, integer, _ in numbers], clocks), plan)


def _is_plain(row: Row) -> bool:
    """Tell whether a row is no number, or an integer whose scaler is stated."""
    return not isinstance(row.value, Decimal) and (row.scaler is not None or not isinstance(row.value, int))


def _varying(octets: bytes, integers: Sequence[Integer], clocks: Sequence[int]) -> list[Varying]:
    """Return what differs between messages of one shape: numbers, times, and the invoke-id of a header."""
    varying = [Varying(integer.at, integer.octets) for integer in integers]
    varying += [Varying(at, date_time.TICKING_OCTETS) for at in clocks]
    return varying + [_INVOKE_ID] * (octets[0] == notification.TAG)


def _rows(body: Sequence[Value]) -> list[Row]:
    return dlms.with_codes(rows.find_rows(body))


def _clocks(octets: bytes, header: int | None, given: Sequence[Row]) -> list[int] | None:
    """Return where the times stand, the header's first; None where it is not beyond doubt."""
    packed = [_DATE_TIME_HEAD + row.value for row in given if dlms.is_clock(row) and isinstance(row.value, bytes)]
    if any(octets.count(time) != 1 for time in packed):
        return None
    return ([] if header is None else [header]) + [octets.index(time) + len(_DATE_TIME_HEAD) for time in packed]


def _time(octets: bytes, at: int) -> Civil | None:
    return clock.packed(octets[at : at + date_time.OCTETS])


def _is_set(octets: bytes, clocks: Sequence[int]) -> bool:
    """Tell whether the first clock is a time: the deviation of one never set says nothing of later messages."""
    return all(_time(octets, at) not in (None, clock.IMPOSSIBLE) for at in clocks[:1])


def _fields(integers: Sequence[Integer], size: int) -> Struct:
    code, end = ">", 0
    for at, octets, signed in integers:
        letter = _CODES[octets]
        code += f"{at - end}x{letter.lower() if signed else letter}"
        end = at + octets
    return Struct(f"{code}{size - end}x")
