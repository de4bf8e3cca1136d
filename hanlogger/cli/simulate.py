"""`hanlogger simulate`: a simulated meter sends to a pseudo-terminal, a TCP port or a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from hanlogger import __version__
from hanlogger.cli.faults import FAULTS, ChosenFaults
from hanlogger.cli.fleet import make_goal, play_many
from hanlogger.cli.shared.new_file import open_new_file
from hanlogger.cli.shared.options import DAY, LONGEST
from hanlogger.cli.shared.playing import Link, Playback, Speed, Tcp, check_speed, open_output, play_to
from hanlogger.cli.shared.terminal import show_progress, tell
from hanlogger.cli.shared.times import to_time
from hanlogger.errors import ConfigError
from hanlogger.model import Chunk
from hanlogger.recordings.capture import Writer
from hanlogger.simulate import DIALECTS, simulate_telegrams
from hanlogger.simulate.faults import find_dst_changes
from hanlogger.sources import Broker

FIRST_YEAR, LAST_YEAR = 1970, 2099
BEFORE_CHANGE = timedelta(minutes=90)


def simulate(
    dialect: Annotated[str, typer.Argument(metavar="DIALECT", help="The kind of meter; see --list.")] = "p1-sagemcom",
    pty: Link = None,
    tcp: Tcp = None,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a capture instead, at once; - is standard output.")
    ] = None,
    speed: Speed = 1.0,
    seed: Annotated[int, typer.Option(help="Another house; the same seed is the same house.")] = 1,
    start: Annotated[
        str, typer.Option(metavar="TIME", help="Where its clock begins; spring and autumn: before summer time changes.")
    ] = "now",
    seconds: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0, callback=LONGEST, help="How long to simulate; else for ever."),
    ] = None,
    every: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0.1, callback=DAY, help="Another interval than the meter's own."),
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option(metavar="NAME[=VALUE]", help="A fault of meter or line; see --list.")
    ] = None,
    meters: Annotated[
        int, typer.Option(metavar="N", min=1, max=10_000, help="The number of houses: flat1, flat2 and so on.")
    ] = 1,
    to: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Publish to mqtt://HOST/han/+/raw, by name, or kafka://HOST/TOPIC, by key."),
    ] = None,
    user: Annotated[str, typer.Option(metavar="NAME", help="Who logs in at the broker of --to.")] = "",
    password_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file that holds the user's password.")
    ] = None,
    ca_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificates to trust with mqtts:// and kafkas://.")
    ] = None,
    sasl: Annotated[str, typer.Option(metavar="NAME", help="Kafka: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.")] = "",
    list_all: Annotated[bool, typer.Option("--list", help="Show the kinds of meters and of faults.")] = False,
) -> None:
    """Simulate the meter of a house with solar panels, a heat pump and a car."""
    if list_all:
        return typer.echo("\n".join(_list_dialects()))
    if dialect not in DIALECTS:
        raise ConfigError(f"{dialect}: found no such meter; allowed: {', '.join(DIALECTS)}")
    simulation = Simulation(dialect, seed, every, tuple(fault or ()), seconds)
    goal = make_goal(to, tcp, Broker(user, password_file=password_file, ca_file=ca_file, sasl=sasl))
    if to or meters > 1:
        if pty or file:
            raise ConfigError("--pty and --file are for one meter: give --to or --tcp")
        begin = _begin(start)
        return play_many(
            meters,
            lambda number: simulation._replace(seed=seed + number).start(begin),
            goal,
            check_speed(speed),
        )
    reads = simulation.start(_begin(start))
    _tell_key(dialect)
    if file is None:
        return play_to(open_output(pty, tcp), lambda: simulation.start(_begin(start)), check_speed(speed), seconds)
    if seconds is None or pty or tcp:
        raise ConfigError("--file needs --seconds, how much of the house's time it is to hold, and no --pty or --tcp")
    return _write(file, reads, dialect, seconds)


class Simulation(NamedTuple):
    """A simulation as the options describe it."""

    dialect: str
    seed: int
    every: float | None  # seconds
    faults: tuple[str, ...]
    seconds: float | None

    def start(self, begin: datetime) -> Playback:
        """Return what the meter sends from `begin` on; ConfigError for unknown faults."""
        faults = ChosenFaults(self.faults, self.seed, begin)
        every = None if self.every is None else timedelta(seconds=self.every)
        sent = simulate_telegrams(
            self.seed, begin, self.dialect, every=every, changes=faults.list_meter_changes(self.seed)
        )
        end = None if self.seconds is None else begin + timedelta(seconds=self.seconds)
        limited = takewhile(lambda sending: end is None or sending[0] < end, sent)
        return Playback(begin, (Chunk(data, time) for time, data in faults.apply_to_line(limited)))


def _write(file: Path, reads: Playback, dialect: str, seconds: float) -> None:
    line = DIALECTS[dialect].line
    about = {"port": f"simulated {dialect}", "line": f"{line.baud} {line.character}", "hanlogger": __version__}
    with open_new_file(file) as text, show_progress("simulating", seconds) as done:
        writer = Writer(text, about)
        for chunk in reads.chunks:
            writer.write(chunk)
            done((chunk.received_at - reads.begin).total_seconds())


def _begin(text: str) -> datetime:
    now = datetime.now(UTC)
    if text == "now":
        return now
    if text in ("spring", "autumn"):
        return find_dst_changes(now.year)[text == "autumn"] - BEFORE_CHANGE
    time = to_time(text, "--start")
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        raise ConfigError(f"--start {text}: allowed are the years {FIRST_YEAR} to {LAST_YEAR}")
    return time


def _tell_key(dialect: str) -> None:
    """Tell the key of an encrypted dialect, which is no secret."""
    key = DIALECTS[dialect].key
    if key is not None:
        both = ":".join(part.hex().upper() for part in key if part)
        tell(f"it is enciphered; to read it: HANLOGGER_KEYS={both}")


def _list_dialects() -> Iterator[str]:
    yield "Meters:"
    for name, dialect in DIALECTS.items():
        line = f"{dialect.line.baud} {dialect.line.character}"
        yield f"  {name:20} {dialect.title} ({line}, every {dialect.pushes[-1].every.total_seconds():g} s)"
    yield "ChosenFaults:"
    for name, fault in FAULTS.items():
        yield f"  {name + fault.takes:32} {fault.title}"
