"""`hanlogger price show`: the spot prices that the journal has of a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from hanlogger.cli.shared.journals import open_existing
from hanlogger.cli.shared.options import ConfigFile, JournalFile, read_settings
from hanlogger.errors import ConfigError, HanloggerError
from hanlogger.journal.energy.prices import Price
from hanlogger.prices.source import ONE_DAY, PriceSource
from hanlogger.prices.table import write_csv, write_day

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    help="Spot prices, which hanlogger run keeps where an area is set (docs/tariffs.md).",
)


@app.callback()
def price() -> None:
    """Group the commands about spot prices."""


@app.command()
def show(
    day: Annotated[
        str, typer.Argument(metavar="DAY", help="A day such as 2026-01-31, yesterday, today or tomorrow.")
    ] = "today",
    as_csv: Annotated[bool, typer.Option("--csv", help="As a file that `file` under [price] takes.")] = False,
    config: ConfigFile = None,
    journal: JournalFile = None,
) -> None:
    """Print a day's prices of a kWh without VAT, in the local time of the area. Exit status 1 where none is known."""
    chosen = read_settings(config, reads_ports=False, journal=journal)
    source = chosen.price
    if source is None:
        raise ConfigError('there is no area of prices: set area = "SE3", or yours, under [price] in hanlogger.toml')
    wanted = _to_day(day, source)
    with open_existing(chosen.journal) as opened:
        found = opened.prices.read(source.area, *source.find_day(wanted))
    if not found:
        raise HanloggerError(
            f"no price of {source.area} on {wanted} is known: hanlogger run asks for those of today, of tomorrow from "
            "13:00 on, and of days with energy; hanlogger status tells what is wrong"
        )
    values = {start: price.value for start, price in found.items()}
    if not as_csv:
        _show_head(list(found.values()), source, wanted)
    for line in write_csv(values, source) if as_csv else write_day(values, source, wanted):
        typer.echo(line)


def _show_head(prices: Sequence[Price], source: PriceSource, wanted: date) -> None:
    """Print whose prices these are, in which currency and time, and whether they may still change."""
    currencies = ", ".join(sorted({price.currency for price in prices}))
    typer.echo(f"{source.area}, {wanted}, {currencies} for a kWh without VAT, local time of {source.clock.zone}")
    if not all(price.final for price in prices):
        typer.echo("preliminary: asked for again once the day has begun")


def _to_day(text: str, source: PriceSource) -> date:
    today = source.tell_day(datetime.now(UTC))
    near = {"yesterday": today - ONE_DAY, "today": today, "tomorrow": today + ONE_DAY}
    try:
        return near.get(text) or date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{text} is no day; allowed: 2026-01-31, {', '.join(near)}") from None
