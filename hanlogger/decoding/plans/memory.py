"""What messages of one shape have in common, so that only the first of a shape must be read with care.

A meter sends the same rows again and again. A shape is all that stays: which bits of which octets, and what they are.
Plans for shapes are a memory, not a state: without them everything is the same, and slower.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import repeat
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

from hanlogger.model import Obis, Register

_MOST_LENGTHS, _MOST_OF_A_LENGTH = 64, 8
_MOST_OCTETS = 256 * 1024  # of all messages that there are plans for: three hundred of usual length


def registers(obis: Iterable[Obis], values: Iterable[Decimal], units: Iterable[str]) -> list[Register]:
    """Registers without a time of their own, made in less than half the time that it takes to call Register."""
    return list(map(tuple.__new__, repeat(Register), zip(obis, values, units, repeat(None))))


class Varying(NamedTuple):
    """Octets that differ within a shape, and the bits of each that do not."""

    at: int
    size: int
    kept: int = 0


class Shape(NamedTuple):
    """All octets of a message but the varying ones, as two numbers of their length."""

    mask: int
    kept: int

    @classmethod
    def of(cls, octets: bytes, varying: Iterable[Varying]) -> Shape:
        """The shape of these octets."""
        mask = bytearray(b"\xff" * len(octets))
        for at, size, kept in varying:
            mask[at : at + size] = bytes((kept,)) * size
        number = int.from_bytes(mask, "big")
        return cls(number, int.from_bytes(octets, "big") & number)


Plan = TypeVar("Plan")


class Memory(Generic[Plan]):
    """The plans for the last few shapes of each length. Threads of several ports and databases share it."""

    def __init__(self) -> None:
        self._lock = Lock()  # of those who change it; to look up takes none
        self._plans: dict[int, tuple[tuple[Shape, Plan], ...]] = {}

    def plan(self, octets: bytes) -> Plan | None:
        """The one for octets of this shape."""
        known = self._plans.get(len(octets))
        if known is None:
            return None
        number = int.from_bytes(octets, "big")
        for (mask, kept), plan in known:
            if number & mask == kept:
                return plan
        return None

    def keep(self, octets: bytes, varying: Iterable[Varying], plan: Plan) -> None:
        """From now on the plan for octets of this shape."""
        shape = Shape.of(octets, varying)
        with self._lock:
            octet_count = sum(length * len(plans) for length, plans in self._plans.items())
            if len(self._plans) >= _MOST_LENGTHS or octet_count + len(octets) > _MOST_OCTETS:
                self._plans.clear()
            known = self._plans.get(len(octets), ())
            self._plans[len(octets)] = ((shape, plan), *known[: _MOST_OF_A_LENGTH - 1])

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._plans.clear()

    def __len__(self) -> int:
        with self._lock:
            return sum(map(len, self._plans.values()))
