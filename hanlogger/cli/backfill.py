"""`hanlogger backfill`: what the journal has is delivered again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated

import typer

from hanlogger.archive.backfill import Remaining, deliver, open_journal, redeliver_with_new_settings
from hanlogger.cli.shared.destinations import choose_destinations, choose_takers, refuse_unserved
from hanlogger.cli.shared.journals import require_journal
from hanlogger.cli.shared.meters import collect_keys
from hanlogger.cli.shared.options import ConfigFile, JournalFile, read_settings
from hanlogger.cli.shared.signals import stop_on
from hanlogger.cli.shared.terminal import show_progress, tell
from hanlogger.cli.shared.times import From, To, to_time_range
from hanlogger.config import Settings
from hanlogger.costs import Contracts, CostPoints
from hanlogger.errors import ConfigError
from hanlogger.humanize import count_telegrams, inflect_be
from hanlogger.influxdb import Destination
from hanlogger.journal import Journal
from hanlogger.model import Meter
from hanlogger.prices.loading import load_prices
from hanlogger.running.filters import list_filters

NOT_DELIVERED = 3
Times = tuple[datetime | None, datetime | None]


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
    to = choose_destinations(chosen, destination)
    since, until = to_time_range(start, end)
    contracts = _check_tariffs(chosen)
    stop = stop_on()
    require_journal(chosen.journal)
    logging.basicConfig(level=logging.ERROR, format="%(message)s")  # what a database answers is said here
    with open_journal(chosen.journal) as found:
        if not found.ours:
            refuse_unserved(chosen.journal, to)
        found.journal.records.use_settings(port.meter for port in chosen.ports)
        found.journal.destinations.use_filters(list_filters(chosen))
        number = _ask_for(found.journal, chosen, to, meter, (since, until), as_configured=as_configured)
        if not found.ours:
            tell("a logger is running with this journal: it delivers them")
        costs = CostPoints(found.journal, contracts, partial(load_prices, found.journal, chosen.price)).make
        with show_progress("delivering", number) as done:
            shown = _make_display(number, done)
            finished = deliver(found, to, collect_keys(chosen), chosen.logger, stop, shown, costs=costs)
        left_out = found.journal.undecoded.list_newest(1) or any(found.journal.refused.count(one.name) for one in to)
    if not finished:
        tell("stopped: hanlogger run delivers the rest")
        raise typer.Exit(NOT_DELIVERED)
    hint = "; not all could be decoded, or was taken: hanlogger refused" if left_out else ""
    tell(f"{count_telegrams(number)} {inflect_be(number)} delivered again to {', '.join(one.name for one in to)}{hint}")


def _check_tariffs(chosen: Settings) -> Contracts:
    """Return the tariffs of all meters; ConfigError where one is wrong, since its costs would not be delivered."""
    contracts = Contracts(chosen.tariffs)
    for name in contracts.meters:
        contracts.load(name)
    return contracts


def _ask_for(
    journal: Journal,
    chosen: Settings,
    to: Sequence[Destination],
    meter: str | None,
    times: Times,
    *,
    as_configured: bool,
) -> int:
    """Have telegrams delivered again, and return their number; ConfigError where there is none."""
    known = sorted({*journal.records.list_meters(), *journal.intervals.list_meters()})
    if meter is not None and meter not in known:
        raise ConfigError(f"--meter {meter}: the journal has no telegram of it; it has: {', '.join(known) or 'none'}")
    names = known if meter is None else [meter]
    if as_configured:
        return _ask_with_new_settings(journal, chosen, to, names, times)
    number = max(_request(journal, one, meter, known, times) for one in choose_takers(to, names))
    configured = {port.meter.name: port.meter for port in chosen.ports}
    quarters = sum(journal.intervals.announce(configured.get(name, Meter(name)), *times) for name in names)
    if not (number or quarters):
        raise ConfigError("the journal has no telegram in that range: hanlogger status shows what it has")
    return number


def _ask_with_new_settings(
    journal: Journal, chosen: Settings, to: Sequence[Destination], names: Sequence[str], times: Times
) -> int:
    """Have telegrams delivered again with the settings that their meters have now, and return their number."""
    meters = [port.meter for port in chosen.ports if port.meter.name in names]
    if not meters:
        raise ConfigError(f"no settings for {' or '.join(names) or 'any meter'}: name its meter in {chosen.file}")
    choose_takers(to, [meter.name for meter in meters])
    keys = collect_keys(chosen)
    return sum(
        redeliver_with_new_settings(journal, [one for one in to if one.takes(meter.name)], meter, keys, *times)
        for meter in meters
    )


def _request(journal: Journal, to: Destination, meter: str | None, known: Sequence[str], times: Times) -> int:
    """Have telegrams delivered again to one database: where it takes some meters only, of these."""
    names = [meter] if meter or to.takes_all else [name for name in known if to.takes(name)]
    return sum(journal.redeliveries.request(to.name, name, *times) for name in names)


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
