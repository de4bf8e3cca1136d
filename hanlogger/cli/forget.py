"""`hanlogger forget`: a meter's data is deleted."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from hanlogger.archive.backfill import IN_FLIGHT
from hanlogger.archive.erase import EVER, check_erasable, erase_each
from hanlogger.cli.shared.journals import open_existing
from hanlogger.cli.shared.options import ConfigFile, JournalFile, read_settings
from hanlogger.cli.shared.terminal import tell
from hanlogger.cli.shared.times import From, To, to_time_range
from hanlogger.config import Settings
from hanlogger.deliver.series_limit import make_series_key
from hanlogger.errors import ConfigError
from hanlogger.humanize import count_telegrams, inflect_be
from hanlogger.influxdb import Destination
from hanlogger.journal import Journal
from hanlogger.status.lookup import look_up


def forget(
    meter: Annotated[str, typer.Argument(metavar="METER", help="The meter, by your name for it.")],
    start: From = None,
    end: To = None,
    database: Annotated[
        bool, typer.Option("--database", help="Delete it in every configured database too, also what is only there.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigFile = None,
    journal: JournalFile = None,
) -> None:
    """Delete a meter's data in the journal for good. It asks before."""
    chosen = read_settings(config, reads_ports=False, journal=journal)
    buckets = _list_buckets(chosen) if database else ""
    times = to_time_range(start, end)
    with open_existing(chosen.journal, write=True) as opened:
        number = sum(1 for _ in opened.records.read_frames(meter, *times))
        if not (number or database or opened.intervals.read_spans(meter, *times)):
            known = ", ".join(sorted({*opened.records.list_meters(), *opened.intervals.list_meters()})) or "none"
            raise ConfigError(f"the journal has nothing of {meter} in that range; it has telegrams of: {known}")
        _confirm(f"{count_telegrams(number)} of {meter} in {opened.path}", buckets, yes)
        number, held_back = _delete(opened, chosen.destinations if database else (), meter, times)
    points = f", and its points in {buckets}" if buckets else ""
    tell(f"{count_telegrams(number)} of {meter} {inflect_be(number)} deleted{points}")
    if not held_back:
        tell(_NOT_OVER.format(meter))
    _warn_of_running(chosen, meter)


def _delete(
    opened: Journal, databases: Sequence[Destination], meter: str, times: tuple[datetime | None, datetime | None]
) -> tuple[int, bool]:
    """Delete in the databases, then in the journal; return how many telegrams, and whether no request was under way."""
    since, until = times
    check_erasable(databases, meter)
    with opened.destinations.hold_requests_back(IN_FLIGHT) as held_back:
        erase_each(databases, meter, since or EVER[0], until or EVER[1], _DELETED)
        number = opened.records.forget(meter, since, until)
    opened.learnt.delete(make_series_key(meter))
    return number, held_back


_DELETED = "its points in {} are deleted, in the journal they are not: give the command again"
_NOT_OVER = (
    "a request that was under way before has not come to its end and may still write points of {0}: "
    "in some minutes, hanlogger forget {0} --database deletes them"
)


def _confirm(what: str, where: str, yes: bool) -> None:
    """Ask whether to delete; end the command where the answer is no, or nobody can be asked."""
    question = f"Delete {what}{', and its points in ' + where if where else ''}, for good?"
    if yes:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise ConfigError(f"{question} There is no terminal to ask on: confirm by --yes")
    typer.confirm(question, abort=True, err=True)


def _list_buckets(chosen: Settings) -> str:
    if not chosen.destinations:
        raise ConfigError("--database: no database is configured: set HANLOGGER_INFLUXDB_URL or [influxdb]")
    return ", ".join(one.place for one in chosen.destinations)


def _warn_of_running(chosen: Settings, meter: str) -> None:
    """Tell that a running logger goes on recording the meter."""
    found = look_up(chosen.journal).running
    if found and any(one.name == meter for one in found.meters):
        tell(f"a logger is running and goes on recording {meter}")
