"""Registers that follow from what a meter sends, where it does not send them itself (design.md section 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from functools import reduce

from hanlogger.lineprotocol import is_number
from hanlogger.model import Obis, Reading, Register
from hanlogger.registers import is_electricity

_NET_POWER = Obis(1, 0, 16, 7, 0)
_SUMS = (Obis(1, 0, 1, 8, 0), Obis(1, 0, 2, 8, 0))
_TARIFFS = (1, 2, 3, 4)
_EXACT = Context(prec=1000)  # digits: more than any two doubles need

_Groups = tuple[int, int, int, int]  # C, D, E, F
_Rows = Mapping[_Groups, Sequence[Register]]


def derived(reading: Reading) -> list[Register]:
    """Net active power and sums of tariffs, each only where the meter does not send it itself."""
    rows: dict[_Groups, list[Register]] = {}
    for row in reading.registers:
        if is_electricity(row.obis):
            rows.setdefault(_groups(row.obis), []).append(row)
    wanted = (_net_power(rows), *(_sum_of_tariffs(total, rows, reading.unread) for total in _SUMS))
    return [row for row in wanted if row is not None]


def _groups(obis: Obis) -> _Groups:
    return (obis.c, obis.d, obis.e or 0, 255 if obis.f is None else obis.f)


def _net_power(rows: _Rows) -> Register | None:
    taken, given = (_numbers(rows, "W", (c, 7, 0, 255)) for c in (1, 2))
    if _groups(_NET_POWER) in rows or not taken or not given:
        return None
    return Register(_NET_POWER, _EXACT.subtract(taken[0], given[0]), "W")


def _sum_of_tariffs(total: Obis, rows: _Rows, unread: Sequence[str]) -> Register | None:
    """None also where a tariff's row could not be read: a counter must not fall because a row is missing."""
    tariffs = _numbers(rows, "Wh", *((total.c, total.d, tariff, 255) for tariff in _TARIFFS))
    if _groups(total) in rows or not tariffs or any(f"{total.c}.{total.d}." in row for row in unread):
        return None
    return Register(total, reduce(_EXACT.add, tariffs), "Wh")


def _numbers(rows: _Rows, unit: str, *codes: _Groups) -> list[Decimal]:
    """The values of those codes that stand in the reading; none at all where one stands twice or is no such number."""
    found = [rows[code] for code in codes if code in rows]
    plain = [row.value for (row, *more) in found if not more and row.unit == unit and is_number(row.value)]
    return plain if len(plain) == len(found) else []
