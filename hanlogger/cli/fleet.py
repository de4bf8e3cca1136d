"""Many simulated meters at once, for `hanlogger simulate --meters`: each a house of its own."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import NamedTuple, get_args

from hanlogger.cli.shared.playing import Playback, describe_address
from hanlogger.cli.shared.signals import stop_on
from hanlogger.cli.shared.terminal import tell
from hanlogger.errors import ConfigError
from hanlogger.humanize import format_count
from hanlogger.mqtt.login import PORTS
from hanlogger.recordings.replay.fleet import FLEETS, FleetOutput, Sending, TcpFleet, play_fleet
from hanlogger.sources import Broker
from hanlogger.sources.broker import Sasl

SPREAD = timedelta(seconds=1)  # over which meters that send at the same time are spread


class Goal(NamedTuple):
    """Where many meters send to, as the options name it, and who logs in at a broker."""

    to: str | None
    tcp: str | None
    login: Broker


def make_goal(to: str | None, tcp: str | None, login: Broker) -> Goal:
    """Return where meters send to; ConfigError for a login without a broker, or one that no broker knows."""
    if login != Broker() and not to:
        raise ConfigError("--user, --password-file, --ca-file and --sasl: allowed with --to")
    if login.sasl and login.sasl not in get_args(Sasl):
        raise ConfigError(f"--sasl {login.sasl}: allowed are {', '.join(get_args(Sasl))}")
    return Goal(to, tcp, login)


def play_many(meters: int, make: Callable[[int], Playback], goal: Goal, speed: float) -> None:
    """Play so many meters, flat1 and so on, to a broker or to TCP ports, to the end or Ctrl-C.

    make: makes what the meter of a number sends, from 0 on. ConfigError where neither place is named, or both are.
    """
    names = [f"flat{number + 1}" for number in range(meters)]
    out = _open(names, goal)
    stop = stop_on()
    tell(f"{format_count(meters, 'meter')} send to {out.where}")
    try:
        number = play_fleet(_merge(names, make), out, stop, speed=speed)
    finally:
        out.close()
    tell(f"sent {format_count(number, 'message')}")


def _open(names: list[str], goal: Goal) -> FleetOutput:
    to, tcp, login = goal
    if tcp and not to:
        return TcpFleet(*describe_address(tcp), names)
    scheme = (to or "").partition(":")[0]
    if tcp or to is None or scheme not in FLEETS:
        found = "both --to and --tcp" if tcp else f"--to {to}" if to else "neither --to nor --tcp"
        raise ConfigError(
            f"{found}: allowed with --meters: --to mqtt://HOST/han/+/raw, --to kafka://HOST/TOPIC or --tcp HOST:PORT"
        )
    if scheme in PORTS and len(names) > 1 and "+" not in (to or ""):
        raise ConfigError(f"--to {to}: allowed for several meters: a topic with a +, for the name of each")
    return FLEETS[scheme](to, login)


def _merge(names: list[str], make: Callable[[int], Playback]) -> Iterator[Sending]:
    """Yield what all meters send, in the order of time."""
    late = SPREAD / len(names)
    each = (_shift(name, make(number), number * late) for number, name in enumerate(names))
    yield from heapq.merge(*each, key=lambda sending: sending.chunk.received_at)


def _shift(name: str, playback: Playback, late: timedelta) -> Iterator[Sending]:
    for chunk in playback.chunks:
        yield Sending(name, chunk._replace(received_at=chunk.received_at + late))
