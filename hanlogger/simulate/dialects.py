"""The meters that can be simulated: one row each, with what it sends, when, and on what kind of line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import NamedTuple

from hanlogger.simulate import p1
from hanlogger.simulate.house import HouseState

SECOND = timedelta(seconds=1)


class Line(NamedTuple):
    """The serial settings of a port (protocol.md A.2 and C.1)."""

    baud: int
    character: str = "8N1"


class Push(NamedTuple):
    """One list of a meter: sent `late` after each whole multiple of `every`."""

    every: timedelta
    encode: Callable[[HouseState], bytes]
    late: timedelta = timedelta()


class Dialect(NamedTuple):
    """One kind of meter. Where two pushes fall together the first takes the place of the others."""

    title: str
    line: Line
    pushes: tuple[Push, ...]


P1 = Line(115_200)
MBUS = Line(2400, "8E1")
KAMSTRUP_MBUS = Line(2400)


def _telegram(title: str, maker: p1.Maker) -> Dialect:
    return Dialect(f"{title}, Swedish telegram", P1, (Push(10 * SECOND, p1.swedish(maker)),))


DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        "p1-sagemcom": _telegram("Sagemcom T211", p1.SAGEMCOM),
        "p1-kamstrup": _telegram("Kamstrup Omnia", p1.KAMSTRUP),
        "p1-landisgyr": _telegram("Landis+Gyr E360", p1.LANDIS_GYR),
        "p1-kaifa": _telegram("Kaifa MA304H4E", p1.KAIFA),
        "p1-aidon": _telegram("Aidon 6534", p1.AIDON),
        "dsmr5": Dialect("Dutch DSMR 5 with gas", P1, (Push(SECOND, p1.dsmr5),)),
    }
)
