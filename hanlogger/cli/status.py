"""`hanlogger status`: the state of a running logger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from hanlogger.cli.shared.options import ConfigFile, JournalFile, settings
from hanlogger.cli.shared.watched import with_watched_journal
from hanlogger.framing import REASONS
from hanlogger.humanize import clock_offset, counted, grouped, octets, printable, span, telegrams, waiting, wrong_scale
from hanlogger.journal import refuse_foreign
from hanlogger.status import state, state_file
from hanlogger.status.lookup import LoggerStatus, look_up

NOT_WELL = 1


def status(
    config: ConfigFile = None,
    journal: JournalFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole state, for programs.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing: the exit status says it.")] = False,
) -> None:
    """Show the state of the running logger: its meters, its journal, its databases.

    The exit status is 0 while telegrams come or a port is waited for, and 1 when a meter is silent or no logger runs.
    It never depends on a database: what it does not take now is kept and delivered later.
    """
    path = with_watched_journal(settings(config, reads_ports=False, journal=journal), journal).journal
    found = look_up(path)
    running = found.running
    if running is None:
        refuse_foreign(path)
    if as_json:
        reported = state_file.as_json(found.told) if found.told else {}
        typer.echo(json.dumps({"running": running is not None, **reported}))
    elif not quiet:
        typer.echo("\n".join(_lines(running, datetime.now(UTC)) if running else [_not_told(path, found)]))
    if not (running and running.well):
        raise typer.Exit(NOT_WELL)


def _lines(found: state.State, now: datetime) -> Iterator[str]:
    since = span((now - found.started).total_seconds())
    yield f"hanlogger {found.version} on {found.logger}, running for {since}"
    for meter in found.meters:
        yield f"{meter.name}: {_port(meter, now)}"
        yield f"  {_counts(meter)}"
        for doubt in meter.doubted_scales:
            yield f"  probably a wrong scale, {wrong_scale(*doubt)}: hanlogger doctor tells what to set"
    held = f", {telegrams(found.journal.held)} held in memory" if found.journal.held else ""
    yield f"journal: {found.journal.path}, {octets(found.journal.size)}{held}"
    if found.journal.words:
        yield f"  {found.journal.words}"
    if found.journal.undecoded:
        yield f"  {telegrams(found.journal.undecoded)} cannot be decoded, or not wholly: hanlogger refused"
    for to in found.destinations:
        yield from _destination(to, now)
    for relay in found.relays:
        yield f"relay of {relay.meter}: {_relay(relay)}"
    if not found.destinations:
        yield "database: none is set; everything is kept in the journal"


def _port(meter: state.MeterState, now: datetime) -> str:
    demo = "DEMO, a simulated house: " if meter.demo else ""
    heard = f"last telegram {span((now - meter.last).total_seconds())} ago" if meter.last else "no telegram yet"
    every = f", every {meter.interval:.0f} s" if meter.interval else ""
    words = {"waiting": f"waiting: {meter.words}; ", "silent": f"SILENT: {meter.words}; "}.get(meter.state, "")
    return f"{demo}{words}{heard}{every} ({meter.port})"


_NAMES = {"undecoded": "not decoded, or not wholly"}
"""The names of counters that need more words than one."""


def _counts(meter: state.MeterState) -> str:
    kinds = {name: number for name, number in meter.counts.items() if name in REASONS}
    others = {name: number for name, number in meter.counts.items() if name not in REASONS and name != "frames"}
    damaged = ", ".join(f"{number} {name}" for name, number in kinds.items()) or "none"
    parts = [telegrams(meter.counts.get("frames", 0)), f"damaged: {damaged}"]
    parts += [f"{_NAMES.get(name, name)}: {grouped(number)}" for name, number in sorted(others.items())]
    if meter.unshown:
        parts.append(f"too many registers to show: {grouped(meter.unshown)} values since the start are not shown")
    if meter.clock_offset is not None:
        parts.append(clock_offset(timedelta(seconds=meter.clock_offset)))
    if meter.words and meter.state == "open":
        parts.append(meter.words)
    return "; ".join(parts)


def _destination(to: state.DestinationState, now: datetime) -> Iterator[str]:
    oldest = f", the oldest for {span((now - to.oldest).total_seconds())}" if to.oldest else ""
    yield f"{to.name}: {to.url}, {waiting(to.waiting)}{oldest}"
    if to.answer:
        yield f"  {printable(to.answer.words)} ({span((now - to.answer.at).total_seconds())} ago)"
    if to.refused:
        yield f"  {grouped(to.refused)} refused: hanlogger refused"


def _relay(relay: state.RelayState) -> str:
    if relay.words:
        return relay.words
    lost = f", {relay.dropped} dropped because they did not take what was sent" if relay.dropped else ""
    lost += f", {relay.refused} refused because there were too many" if relay.refused else ""
    return f"{relay.address}, {counted(relay.clients, 'client')}{lost}"


def _not_told(journal: Path, found: LoggerStatus) -> str:
    at = f"{found.told.at.astimezone():%Y-%m-%d %H:%M:%S}" if found.told else ""
    if found.life == "mute" and at:
        return f"the logger of the journal {journal} has said nothing since {at}: it hangs, or its disk takes nothing"
    if found.life == "mute":
        return (
            f"the journal {journal} is in use, and nothing is said of it: it has just been opened, or its disk is full"
        )
    return f"no logger runs with the journal {journal}" + (
        f"; the last one hangs, or was killed, at {at}" if at else ""
    )
