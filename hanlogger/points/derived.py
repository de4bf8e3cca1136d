"""Derive registers from what a meter sends, where it does not send them itself (docs/design.md section 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from functools import lru_cache
from typing import NamedTuple, cast

from hanlogger.model import Obis, Reading, Register
from hanlogger.points.lineprotocol import is_number
from hanlogger.points.series import Shape

_NET_POWER = Obis(1, 0, 16, 7, 0)
_SUMS = (Obis(1, 0, 1, 8, 0), Obis(1, 0, 2, 8, 0))
_LAST_TARIFF = 63  # in group E, from 1; higher numbers are of other kinds, or a manufacturer's own
_EXACT = Context(prec=1000)  # digits: more than any two doubles need

_Groups = tuple[int, int, int, int]  # C, D, E, F
_Indices = Mapping[_Groups, Sequence[int]]


class Derivation(NamedTuple):
    """A register that is the sum of some registers of a message, given by their indices, less the sum of others."""

    obis: Obis
    unit: str
    first: int
    added: tuple[int, ...] = ()
    subtracted: tuple[int, ...] = ()

    def compute(self, values: Sequence[Decimal | str] | Mapping[int, Decimal]) -> Decimal:
        """Return the exact value. `values`: of registers of the message; those that count here are numbers."""
        numbers = cast("Mapping[int, Decimal]", values)
        total = numbers[self.first]
        for at in self.added:
            total = _EXACT.add(total, numbers[at])
        for at in self.subtracted:
            total = _EXACT.subtract(total, numbers[at])
        return total


def derive_registers(reading: Reading) -> list[Register]:
    """Return net active power and sums of tariffs, each only where the meter does not send it itself."""
    values = [row.value for row in reading.registers]
    shape = tuple([(row.obis, row.unit, is_number(row.value)) for row in reading.registers])
    found = _find_known(shape, tuple(reading.unread))
    return [Register(each.obis, each.compute(values), each.unit) for each in found]


@lru_cache(maxsize=32)  # a shape may have thousands of registers
def _find_known(shape: Shape, unread: tuple[str, ...]) -> list[Derivation]:
    """Return what `find_derivations` does, without the search for a shape that came lately: a meter has a few."""
    return find_derivations(shape, unread)


def find_derivations(shape: Shape, unread: Sequence[str] = ()) -> list[Derivation]:
    """Return what can be derived from messages of a shape; `unread`: the rows that could not be read, as sent."""
    indices: dict[_Groups, list[int]] = {}
    for at, (obis, _, _) in enumerate(shape):
        if obis.is_electricity:
            indices.setdefault(_get_significant_groups(obis), []).append(at)
    wanted = (_derive_net_power(indices, shape), *(_sum_tariffs(total, indices, shape, unread) for total in _SUMS))
    return [derivation for derivation in wanted if derivation is not None]


def _get_significant_groups(obis: Obis) -> _Groups:
    return (obis.c, obis.d, obis.e or 0, 255 if obis.f is None else obis.f)


def _derive_net_power(indices: _Indices, shape: Shape) -> Derivation | None:
    imported, exported = (_find_numbers(indices, shape, "W", (c, 7, 0, 255)) for c in (1, 2))
    if _get_significant_groups(_NET_POWER) in indices or not imported or not exported:
        return None
    return Derivation(_NET_POWER, "W", imported[0], subtracted=exported)


def _sum_tariffs(total: Obis, indices: _Indices, shape: Shape, unread: Sequence[str]) -> Derivation | None:
    """Return the sum of all tariffs that a message has.

    None also where the row of one could not be read, or only its value of a closed period is there: a counter must not
    fall because a row is missing.
    """
    numbers = sorted({e for c, d, e, _ in indices if (c, d) == (total.c, total.d)} - {0})
    tariffs = _find_numbers(indices, shape, "Wh", *((total.c, total.d, number, 255) for number in numbers))
    if not tariffs or len(tariffs) < len(numbers) or numbers[-1] > _LAST_TARIFF:
        return None
    if _get_significant_groups(total) in indices or any(f"{total.c}.{total.d}." in row for row in unread):
        return None
    return Derivation(total, "Wh", tariffs[0], tariffs[1:])


def _find_numbers(indices: _Indices, shape: Shape, unit: str, *codes: _Groups) -> tuple[int, ...]:
    """Return the indices of those codes that are in the shape; none where one occurs twice or is no such number."""
    found = [indices[code] for code in codes if code in indices]
    plain = tuple([at for (at, *more) in found if not more and shape[at][1:] == (unit, True)])
    return plain if len(plain) == len(found) else ()
