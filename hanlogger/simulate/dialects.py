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


def _make_swedish_p1(title: str, maker: p1.Maker) -> Dialect:
    return Dialect(f"{title}, Swedish telegram", P1, (Push(10 * SECOND, p1.make_swedish_encoder(maker)),))


def _push_every(seconds: float, encode: Callable[[HouseState], bytes]) -> Push:
    return Push(seconds * SECOND, encode)


def _push_hourly(encode: Callable[[HouseState], bytes], late: float) -> Push:
    return Push(3600 * SECOND, encode, late * SECOND)


_AIDON_NO = (
    _push_hourly(aidon.encode_list_3, 10),
    _push_every(10, aidon.encode_list_2),
    _push_every(2.5, aidon.encode_list_1),
)
_KAIFA_NO = (
    _push_hourly(kaifa.encode_list_3, 10),
    _push_every(10, kaifa.encode_list_2),
    _push_every(2, kaifa.encode_list_1),
)
_KAMSTRUP = (_push_hourly(kamstrup.encode_hourly_list, 5), _push_every(10, kamstrup.encode_list))

DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        "p1-sagemcom": _make_swedish_p1("Sagemcom T211", p1.SAGEMCOM),
        "p1-kamstrup": _make_swedish_p1("Kamstrup Omnia", p1.KAMSTRUP),
        "p1-landisgyr": _make_swedish_p1("Landis+Gyr E360", p1.LANDIS_GYR),
        "p1-kaifa": _make_swedish_p1("Kaifa MA304H4E", p1.KAIFA),
        "p1-aidon": _make_swedish_p1("Aidon 6534", p1.AIDON),
        "p1-aidon-ct": _make_swedish_p1("Aidon 6560 behind transformers 100:1", p1.AIDON_CT),
        "aidon-se": Dialect("Aidon, Swedish list", P1, (_push_every(10, aidon.encode_swedish),)),
        "aidon-no": Dialect("Aidon 6534, Norwegian lists", MBUS, _AIDON_NO),
        "kaifa-se": Dialect("Kaifa MA304H4, Swedish list", MBUS, (_push_every(10, kaifa.encode_swedish),)),
        "kaifa-se-positional": Dialect(
            "Kaifa MA304H4D, Swedish", MBUS, (_push_every(15, kaifa.encode_swedish_positional),)
        ),
        "kaifa-no": Dialect("Kaifa MA304H3E, Norwegian lists", MBUS, _KAIFA_NO),
        "kamstrup": Dialect("Kamstrup Omnipower", KAMSTRUP_MBUS, _KAMSTRUP),
        "dsmr5": Dialect("Dutch DSMR 5 with gas", P1, (_push_every(1, p1.encode_dsmr5),)),
        "kamstrup-dk": Dialect(
            "Kamstrup, Danish, enciphered", MBUS, (_push_every(10, ciphered.encode_danish),), ciphered.KEY
        ),
        "austria": Dialect(
            "Austrian M-Bus, enciphered", MBUS, (_push_every(5, ciphered.encode_austrian),), ciphered.AUSTRIAN_KEY
        ),
        "luxembourg": Dialect(
            "Luxembourg telegram, enciphered",
            P1,
            (_push_every(10, ciphered.encode_luxembourgish),),
            ciphered.LUXEMBOURG_KEY,
        ),
    }
)
