"""`hanlogger backfill`: what the journal has is delivered again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from hanlogger.archive.backfill import OpenedJournal, Remaining, deliver, open_journal, redeliver_with_new_settings
from hanlogger.cli.shared.journals import require_journal
from hanlogger.cli.shared.meters import collect_keys
from hanlogger.cli.shared.options import ConfigFile, JournalFile, read_settings
from hanlogger.cli.shared.signals import stop_on
from hanlogger.cli.shared.terminal import show_progress, tell
from hanlogger.cli.shared.times import From, To, to_time_range
from hanlogger.config import Settings
from hanlogger.errors import ConfigError
from hanlogger.humanize import count_telegrams, inflect_be
from hanlogger.influxdb import Destination
from hanlogger.journal import Journal
from hanlogger.model import Meter
from hanlogger.running.filters import list_filters
from hanlogger.status.lookup import look_up

NOT_DELIVERED = 3


def backfill(
    meter: Annotated[str | None, typer.Option(metavar="NAME", help="Only the telegrams of this meter.")] = None,
    start: From = None,
    end: To = None,
    destination: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only to this database; may be given several times.")
    ] = None,
    as_configured: Annotated[
        bool, typer.Option("--as-configured", help="With today's settings: the old points are deleted first.")
    ] = False,
    config: ConfigFile = None,
    journal: JournalFile = None,
) -> None:
    """Deliver what the journal has again: to a database that is new or has lost something.

    With --as-configured, telegrams get the settings that their meter has now (clock, zone, scale, tags), as if they had
    always been so. Let the range begin where the settings were wrong, and leave its end open. What the journal does not
    have any more is never deleted.
    """
    chosen = read_settings(config, reads_ports=False, journal=journal)
    to = _choose_destinations(chosen, destination)
    since, until = to_time_range(start, end)
    stop = stop_on()
    require_journal(chosen.journal)
    logging.basicConfig(level=logging.ERROR, format="%(message)s")  # what a database answers is said here
    with open_journal(chosen.journal) as found:
        if not found.ours:
            _refuse_unserved(chosen.journal, to)
        found.journal.records.use_settings(port.meter for port in chosen.ports)
        found.journal.destinations.use_filters(list_filters(chosen))
        number = _ask_for(found, chosen, to, meter, (since, until), as_configured)
        if not found.ours:
            tell("a logger is running with this journal: it delivers them")
        with show_progress("delivering", number) as done:
            finished = deliver(found, to, collect_keys(chosen), chosen.logger, stop, _make_display(number, done))
        left_out = found.journal.undecoded.list_newest(1) or any(found.journal.refused.count(one.name) for one in to)
    if not finished:
        tell("stopped: hanlogger run delivers the rest")
        raise typer.Exit(NOT_DELIVERED)
    hint = "; not all could be decoded, or was taken: hanlogger refused" if left_out else ""
    tell(f"{count_telegrams(number)} {inflect_be(number)} delivered again to {', '.join(one.name for one in to)}{hint}")


def _refuse_unserved(journal: Path, to: Sequence[Destination]) -> None:
    """Raise ConfigError where the logger that runs does not deliver to a destination: it was configured later."""
    running = look_up(journal).running
    served = {(one.name, one.url) for one in running.destinations} if running else set()
    missing = [one.name for one in to if running and (one.name, one.url) not in served]
    if missing:
        raise ConfigError(
            f"the logger that runs with this journal does not deliver to {', '.join(missing)}: "
            "restart it, so that it reads the settings, and then give the command again"
        )


Times = tuple[datetime | None, datetime | None]


def _ask_for(
    found: OpenedJournal,
    chosen: Settings,
    to: Sequence[Destination],
    meter: str | None,
    times: Times,
    as_configured: bool,
) -> int:
    """Have telegrams delivered again, and return their number; ConfigError where there is none."""
    journal = found.journal
    known = sorted({*journal.records.list_meters(), *journal.intervals.list_meters()})
    if meter is not None and meter not in known:
        raise ConfigError(f"--meter {meter}: the journal has no telegram of it; it has: {', '.join(known) or 'none'}")
    if not as_configured:
        to = _choose_takers(to, known if meter is None else [meter])
    else:
        ports = [port for port in chosen.ports if port.meter.name in known and meter in (None, port.meter.name)]
        if not ports:
            raise ConfigError(f"no settings for {meter or 'any meter of the journal'}: name its meter in {chosen.file}")
        _choose_takers(to, [port.meter.name for port in ports])
        keys = collect_keys(chosen)
        return sum(
            redeliver_with_new_settings(
                journal, [one for one in to if one.takes(port.meter.name)], port.meter, keys, *times
            )
            for port in ports
        )
    number = max(_request(journal, one, meter, known, times) for one in to)
    configured = {port.meter.name: port.meter for port in chosen.ports}
    wanted = journal.intervals.list_meters() if meter is None else [meter]
    quarters = sum(journal.intervals.announce(configured.get(name, Meter(name)), *times) for name in wanted)
    if not (number or quarters):
        raise ConfigError("the journal has no telegram in that range: hanlogger status shows what it has")
    return number


def _request(journal: Journal, to: Destination, meter: str | None, known: Sequence[str], times: Times) -> int:
    """Have telegrams delivered again to one database: where it takes some meters only, of these."""
    names = [meter] if meter or to.takes_all else [name for name in known if to.takes(name)]
    return sum(journal.redeliveries.request(to.name, name, *times) for name in names)


def _choose_takers(to: Sequence[Destination], names: Sequence[str]) -> list[Destination]:
    """Return the databases that take one of these meters; ConfigError where none does."""
    takers = [one for one in to if one.takes_all or any(map(one.takes, names))]
    if names and not takers:
        raise ConfigError(
            f"no database takes {', '.join(names)}: "
            + "; ".join(f"{one.name} takes {', '.join(one.meters)} only" for one in to)
        )
    return takers or list(to)


def _choose_destinations(chosen: Settings, names: Sequence[str] | None) -> list[Destination]:
    to = [one for one in chosen.destinations if not names or one.name in names]
    missing = set(names or ()) - {one.name for one in to}
    if not chosen.destinations:
        raise ConfigError("no database is configured: set HANLOGGER_INFLUXDB_URL, or [influxdb] in hanlogger.toml")
    if missing:
        known = ", ".join(one.name for one in chosen.destinations)
        raise ConfigError(f"--destination {', '.join(sorted(missing))}: found no such database; configured: {known}")
    return to


def _make_display(number: int, done: Callable[[float], None]) -> Callable[[Sequence[Remaining]], None]:
    """Return a function that shows how much is left, and each new answer of a database once."""
    said: set[str] = set()

    def shown(state: Sequence[Remaining]) -> None:
        done(max(0, number - max(left.frames for left in state)))
        for left in state:
            if left.words and left.words not in said:
                said.add(left.words)
                tell(f"{left.name}: {left.words}")

    return shown
