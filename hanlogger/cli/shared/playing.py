"""Playing to a pseudo-terminal or a TCP port, for `replay` and `simulate`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from hanlogger.cli.shared.options import limit_to
from hanlogger.cli.shared.signals import stop_on
from hanlogger.cli.shared.terminal import show_progress, tell
from hanlogger.errors import ConfigError
from hanlogger.humanize import format_octets
from hanlogger.model import Chunk
from hanlogger.recordings.replay import Output, Played, PseudoTerminal, TcpServer, play

SLOWEST = 0.001

Speed = Annotated[
    float,
    typer.Option(
        metavar="N", min=0, callback=limit_to(1_000_000), help="The factor of speed; 0: as fast as it is read."
    ),
]
Link = Annotated[
    Path | None, typer.Option("--pty", metavar="LINK", help="The name under which the pseudo-terminal is found.")
]
Tcp = Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Listen there instead, as a bridge does.")]


def open_output(pty: Path | None, tcp: str | None) -> Output:
    """Open a TCP server where an address is given, else a pseudo-terminal; ConfigError for both."""
    if pty and tcp:
        raise ConfigError("--pty and --tcp are two places to play to: give one of them")
    return TcpServer(*describe_address(tcp)) if tcp else PseudoTerminal(pty)


class Playback(NamedTuple):
    """What is played, and the arrival time at which it begins."""

    begin: datetime
    chunks: Iterable[Chunk]


def check_speed(speed: float) -> float:
    """Return a speed that is not too slow for a lifetime; ConfigError for one that is."""
    if 0 < speed < SLOWEST:
        raise ConfigError(f"--speed {speed:g}: allowed are 0, as fast as it is read, and {SLOWEST:g} to 1000000")
    return speed


def play_to(out: Output, made: Callable[[], Playback], speed: float, seconds: float | None = None) -> None:
    """Play what `made` returns once somebody listens, to the end or Ctrl-C; `seconds`: its length, if known."""
    stop = stop_on()
    tell(f"plays to {out.where} once somebody listens, such as: hanlogger run --port {out.where}")
    try:
        if out.wait(stop):
            with show_progress("playing", seconds) as done:
                begin, chunks = made()
                shown = _make_display(begin, done)
                tell(_describe(play(chunks, out, stop, speed=speed, begin=begin, shown=shown)))
    finally:
        out.close(stop)


def _make_display(begin: datetime, done: Callable[[float], None]) -> Callable[[Chunk], None]:
    """Return a function that shows how much of the recorded time has been played."""
    return lambda chunk: done((chunk.received_at - begin).total_seconds())


def _describe(played: Played) -> str:
    lost = f"; {format_octets(played.lost)} were lost, as nobody listened" if played.lost else ""
    return f"played {format_octets(played.octets)}{lost}"


def describe_address(text: str) -> tuple[str, int]:
    """Return the host and the port of `HOST:PORT`; ConfigError for another text."""
    host, _, port = text.rpartition(":")
    with contextlib.suppress(ValueError):
        if host and 0 <= int(port) < 65536:
            return host.strip("[]"), int(port)
    raise ConfigError(f"--tcp {text}: found no address; allowed: HOST:PORT, such as 127.0.0.1:6638")
