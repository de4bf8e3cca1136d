"""The meters that can be simulated: for each a row with its messages, their times, and its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import NamedTuple

from hanlogger.model import Key
from hanlogger.simulate import aidon, ciphered, kaifa, kamstrup, p1
from hanlogger.simulate.house import HouseState

SECOND = timedelta(seconds=1)


class Line(NamedTuple):
    """The serial settings of a port (docs/protocol.md A.2 and C.1)."""

    baud: int
    character: str = "8N1"


class Push(NamedTuple):
    """One message of a meter, which is sent `late` after each whole multiple of `every`."""

    every: timedelta
    encode: Callable[[HouseState], bytes]
    late: timedelta = timedelta()


class Dialect(NamedTuple):
    """One kind of meter. When several of its messages are due at once, only the first of them is sent."""

    title: str
    line: Line
    pushes: tuple[Push, ...]
    key: Key | None = None  # with which its messages are decrypted


P1 = Line(115_200)
MBUS = Line(2400, "8E1")
KAMSTRUP_MBUS = Line(2400)


def _telegram(title: str, maker: p1.Maker) -> Dialect:
    return Dialect(f"{title}, Swedish telegram", P1, (Push(10 * SECOND, p1.swedish(maker)),))


def _every(seconds: float, encode: Callable[[HouseState], bytes]) -> Push:
    return Push(seconds * SECOND, encode)


def _hourly(encode: Callable[[HouseState], bytes], late: float) -> Push:
    return Push(3600 * SECOND, encode, late * SECOND)


_AIDON_NO = (_hourly(aidon.list_3, 10), _every(10, aidon.list_2), _every(2.5, aidon.list_1))
_KAIFA_NO = (_hourly(kaifa.list_3, 10), _every(10, kaifa.list_2), _every(2, kaifa.list_1))
_KAMSTRUP = (_hourly(kamstrup.hourly, 5), _every(10, kamstrup.every_10_seconds))

DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        "p1-sagemcom": _telegram("Sagemcom T211", p1.SAGEMCOM),
        "p1-kamstrup": _telegram("Kamstrup Omnia", p1.KAMSTRUP),
        "p1-landisgyr": _telegram("Landis+Gyr E360", p1.LANDIS_GYR),
        "p1-kaifa": _telegram("Kaifa MA304H4E", p1.KAIFA),
        "p1-aidon": _telegram("Aidon 6534", p1.AIDON),
        "p1-aidon-ct": _telegram("Aidon 6560 behind transformers 100:1", p1.AIDON_CT),
        "aidon-se": Dialect("Aidon, Swedish list", P1, (_every(10, aidon.swedish),)),
        "aidon-no": Dialect("Aidon 6534, Norwegian lists", MBUS, _AIDON_NO),
        "kaifa-se": Dialect("Kaifa MA304H4, Swedish list", MBUS, (_every(10, kaifa.swedish),)),
        "kaifa-se-positional": Dialect("Kaifa MA304H4D, Swedish", MBUS, (_every(15, kaifa.swedish_positional),)),
        "kaifa-no": Dialect("Kaifa MA304H3E, Norwegian lists", MBUS, _KAIFA_NO),
        "kamstrup": Dialect("Kamstrup Omnipower", KAMSTRUP_MBUS, _KAMSTRUP),
        "dsmr5": Dialect("Dutch DSMR 5 with gas", P1, (_every(1, p1.dsmr5),)),
        "kamstrup-dk": Dialect("Kamstrup, Danish, enciphered", MBUS, (_every(10, ciphered.danish),), ciphered.KEY),
        "austria": Dialect("Austrian M-Bus, enciphered", MBUS, (_every(5, ciphered.austrian),), ciphered.AUSTRIAN_KEY),
        "luxembourg": Dialect(
            "Luxembourg telegram, enciphered", P1, (_every(10, ciphered.luxembourgish),), ciphered.LUXEMBOURG_KEY
        ),
    }
)
