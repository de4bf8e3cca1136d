"""`hanlogger status`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from hanlogger import state
from hanlogger.cli.options import ConfigFile, JournalFile, settings
from hanlogger.framing import REASONS
from hanlogger.words import clock_offset, grouped, octets, span

NOT_WELL = 1


def status(
    config: ConfigFile = None,
    journal: JournalFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole state, for programs.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing: the exit status says it.")] = False,
) -> None:
    """How the running logger stands: its meters, its journal, its databases.

    The exit status is 0 while telegrams come or a port is waited for, and 1 when a meter is silent or no logger runs.
    It never depends on a database: what it does not take now is kept and delivered later.
    """
    path = settings(config, journal=journal).journal
    found = state.read(state.path_of(path))
    now = datetime.now(UTC)
    running = found is not None and found.running(now)
    if as_json:
        typer.echo(json.dumps({"running": running, **(state.plain(found) if found else {})}))
    elif not quiet:
        typer.echo("\n".join(_lines(found, now) if found and running else _stopped(path, found)))
    if not (found and running and found.well):
        raise typer.Exit(NOT_WELL)


def _lines(found: state.State, now: datetime) -> Iterator[str]:
    since = span((now - found.started).total_seconds())
    yield f"hanlogger {found.version} on {found.logger}, running for {since}"
    for meter in found.meters:
        yield f"{meter.name}: {_port(meter, now)}"
        yield f"  {_counts(meter)}"
    held = f", {grouped(found.journal.held)} telegrams held in memory" if found.journal.held else ""
    yield f"journal: {found.journal.path}, {octets(found.journal.size)}{held}"
    if found.journal.undecoded:
        yield f"  {grouped(found.journal.undecoded)} telegrams cannot be decoded: hanlogger refused"
    for to in found.destinations:
        yield from _destination(to, now)
    if not found.destinations:
        yield "database: none is set; everything is kept for one that is set later"


def _port(meter: state.MeterState, now: datetime) -> str:
    demo = "DEMO, a simulated house: " if meter.demo else ""
    heard = f"last telegram {span((now - meter.last).total_seconds())} ago" if meter.last else "no telegram yet"
    every = f", every {meter.interval:.0f} s" if meter.interval else ""
    words = {"waiting": f"waiting: {meter.words}; ", "silent": f"SILENT: {meter.words}; "}.get(meter.state, "")
    return f"{demo}{words}{heard}{every} ({meter.port})"


def _counts(meter: state.MeterState) -> str:
    kinds = {name: number for name, number in meter.counts.items() if name in REASONS}
    others = {name: number for name, number in meter.counts.items() if name not in REASONS and name != "frames"}
    damaged = ", ".join(f"{number} {name}" for name, number in kinds.items()) or "none"
    parts = [f"{grouped(meter.counts.get('frames', 0))} telegrams", f"damaged: {damaged}"]
    parts += [f"{name}: {grouped(number)}" for name, number in sorted(others.items())]
    if meter.clock_offset is not None:
        parts.append(clock_offset(timedelta(seconds=meter.clock_offset)))
    if meter.words and meter.state == "open":
        parts.append(meter.words)
    return "; ".join(parts)


def _destination(to: state.DestinationState, now: datetime) -> Iterator[str]:
    oldest = f", the oldest for {span((now - to.oldest).total_seconds())}" if to.oldest else ""
    yield f"{to.name}: {to.url}, {grouped(to.waiting)} telegrams wait{oldest}"
    if to.answer:
        yield f"  {to.answer.words} ({span((now - to.answer.at).total_seconds())} ago)"
    if to.refused:
        yield f"  {grouped(to.refused)} refused: hanlogger refused"


def _stopped(journal: Path, found: state.State | None) -> Iterator[str]:
    last = f"; the last one hangs, or was killed, at {found.at.astimezone():%Y-%m-%d %H:%M:%S}" if found else ""
    yield f"no logger runs with the journal {journal}{last}"
