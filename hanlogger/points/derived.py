"""Registers that follow from what a meter sends, where it does not send them itself (docs/design.md section 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from typing import NamedTuple, cast

from hanlogger.model import Obis, Reading, Register
from hanlogger.points.lineprotocol import is_number
from hanlogger.points.series import Shape

_NET_POWER = Obis(1, 0, 16, 7, 0)
_SUMS = (Obis(1, 0, 1, 8, 0), Obis(1, 0, 2, 8, 0))
_TARIFFS = (1, 2, 3, 4)
_EXACT = Context(prec=1000)  # digits: more than any two doubles need

_Groups = tuple[int, int, int, int]  # C, D, E, F
_Places = Mapping[_Groups, Sequence[int]]


class Derivation(NamedTuple):
    """A register that is the sum of some rows of a message, given by their places, less the sum of others."""

    obis: Obis
    unit: str
    first: int
    added: tuple[int, ...] = ()
    subtracted: tuple[int, ...] = ()

    def value(self, values: Sequence[Decimal | str]) -> Decimal:
        """Of the values of all rows; those that it is made of are numbers."""
        numbers = cast("Sequence[Decimal]", values)
        total = numbers[self.first]
        for at in self.added:
            total = _EXACT.add(total, numbers[at])
        for at in self.subtracted:
            total = _EXACT.subtract(total, numbers[at])
        return total


def derived(reading: Reading) -> list[Register]:
    """Net active power and sums of tariffs, each only where the meter does not send it itself."""
    values = [row.value for row in reading.registers]
    shape = tuple([(row.obis, row.unit, is_number(row.value)) for row in reading.registers])
    return [Register(each.obis, each.value(values), each.unit) for each in derivations(shape, reading.unread)]


def derivations(shape: Shape, unread: Sequence[str] = ()) -> list[Derivation]:
    """What can be derived in messages of this shape, in which those rows could not be read."""
    places: dict[_Groups, list[int]] = {}
    for at, (obis, _, _) in enumerate(shape):
        if obis.is_electricity:
            places.setdefault(_groups(obis), []).append(at)
    wanted = (_net_power(places, shape), *(_sum_of_tariffs(total, places, shape, unread) for total in _SUMS))
    return [derivation for derivation in wanted if derivation is not None]


def _groups(obis: Obis) -> _Groups:
    return (obis.c, obis.d, obis.e or 0, 255 if obis.f is None else obis.f)


def _net_power(places: _Places, shape: Shape) -> Derivation | None:
    taken, given = (_numbers(places, shape, "W", (c, 7, 0, 255)) for c in (1, 2))
    if _groups(_NET_POWER) in places or not taken or not given:
        return None
    return Derivation(_NET_POWER, "W", taken[0], subtracted=given)


def _sum_of_tariffs(total: Obis, places: _Places, shape: Shape, unread: Sequence[str]) -> Derivation | None:
    """None also where a tariff's row could not be read: a counter must not fall because a row is missing."""
    tariffs = _numbers(places, shape, "Wh", *((total.c, total.d, tariff, 255) for tariff in _TARIFFS))
    if _groups(total) in places or not tariffs or any(f"{total.c}.{total.d}." in row for row in unread):
        return None
    return Derivation(total, "Wh", tariffs[0], tariffs[1:])


def _numbers(places: _Places, shape: Shape, unit: str, *codes: _Groups) -> tuple[int, ...]:
    """Where those codes stand that are in the shape; nowhere where one stands twice or is no such number."""
    found = [places[code] for code in codes if code in places]
    plain = tuple([at for (at, *more) in found if not more and shape[at][1:] == (unit, True)])
    return plain if len(plain) == len(found) else ()
