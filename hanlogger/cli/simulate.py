"""`hanlogger simulate`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from hanlogger import __version__
from hanlogger.cli.common import new_file, progress, tell, time_of
from hanlogger.cli.faults import FAULTS, Faults
from hanlogger.cli.options import DAY, LONGEST
from hanlogger.cli.playing import Link, Reads, Speed, Tcp, checked, output, perform
from hanlogger.errors import ConfigError
from hanlogger.model import Chunk
from hanlogger.recordings.capture import Writer
from hanlogger.simulate import DIALECTS, telegrams
from hanlogger.simulate.faults import dst_changes

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
        typer.Option(metavar="SECONDS", min=0, callback=LONGEST, help="How much of its time; else for ever."),
    ] = None,
    every: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0.1, callback=DAY, help="Another interval than the meter's own."),
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option(metavar="NAME[=VALUE]", help="What befalls meter and line; see --list.")
    ] = None,
    list_all: Annotated[bool, typer.Option("--list", help="Show the kinds of meters and of faults.")] = False,
) -> None:
    """Pretend to be a meter: a believable house with solar panels, heat pump and car, in the meter's own language."""
    if list_all:
        return typer.echo("\n".join(_listed()))
    if dialect not in DIALECTS:
        raise ConfigError(f"{dialect}: found no such meter; allowed: {', '.join(DIALECTS)}")
    house = House(dialect, seed, every, tuple(fault or ()), seconds)
    reads = house.sends(_start(start))
    _tell_key(dialect)
    if file is None:
        return perform(output(pty, tcp), lambda: house.sends(_start(start)), checked(speed), seconds)
    if seconds is None or pty or tcp:
        raise ConfigError("--file needs --seconds, how much of the house's time it is to hold, and no --pty or --tcp")
    return _write(file, reads, dialect, seconds)


class House(NamedTuple):
    """What is asked for."""

    dialect: str
    seed: int
    every: float | None  # seconds
    faults: tuple[str, ...]
    seconds: float | None

    def sends(self, begin: datetime) -> Reads:
        """From `begin` on; ConfigError for faults that are none."""
        faults = Faults(self.faults, self.seed, begin)
        every = None if self.every is None else timedelta(seconds=self.every)
        sent = telegrams(self.seed, begin, self.dialect, every=every, changes=faults.of_the_meter(self.seed))
        end = None if self.seconds is None else begin + timedelta(seconds=self.seconds)
        limited = takewhile(lambda sending: end is None or sending[0] < end, sent)
        return Reads(begin, (Chunk(data, time) for time, data in faults.on_the_line(limited)))


def _write(file: Path, reads: Reads, dialect: str, seconds: float) -> None:
    line = DIALECTS[dialect].line
    about = {"port": f"simulated {dialect}", "line": f"{line.baud} {line.character}", "hanlogger": __version__}
    with new_file(file) as text, progress("simulating", seconds) as done:
        writer = Writer(text, about)
        for chunk in reads.chunks:
            writer.write(chunk)
            done((chunk.received_at - reads.begin).total_seconds())


def _start(text: str) -> datetime:
    now = datetime.now(UTC)
    if text == "now":
        return now
    if text in ("spring", "autumn"):
        return dst_changes(now.year)[text == "autumn"] - BEFORE_CHANGE
    time = time_of(text, "--start")
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        raise ConfigError(f"--start {text}: allowed are the years {FIRST_YEAR} to {LAST_YEAR}")
    return time


def _tell_key(dialect: str) -> None:
    """An invented meter's key is no secret."""
    key = DIALECTS[dialect].key
    if key is not None:
        both = ":".join(part.hex().upper() for part in key if part)
        tell(f"it is enciphered; to read it: HANLOGGER_KEYS={both}")


def _listed() -> Iterator[str]:
    yield "Meters:"
    for name, dialect in DIALECTS.items():
        line = f"{dialect.line.baud} {dialect.line.character}"
        yield f"  {name:20} {dialect.title} ({line}, every {dialect.pushes[-1].every.total_seconds():g} s)"
    yield "Faults:"
    for name, fault in FAULTS.items():
        yield f"  {name + fault.takes:32} {fault.title}"
