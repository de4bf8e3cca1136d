"""`hanlogger bill`: what a month costs, line by line, from the journal's intervals, and an invoice beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from hanlogger.cli.bill_output import FORMS, Form
from hanlogger.cli.shared.journals import MeterName, choose_metered, open_existing
from hanlogger.cli.shared.language import Lang, get_language
from hanlogger.cli.shared.options import ConfigFile, JournalFile, read_settings
from hanlogger.cli.shared.times import to_month
from hanlogger.config.tariff_files import load_tariffs, read_text
from hanlogger.costs import read_month
from hanlogger.errors import ConfigError
from hanlogger.prices.loading import load_prices
from hanlogger.tariffs.invoice import compare, read_invoice
from hanlogger.tariffs.model import Tariff

DIFFERS = 1


def bill(
    month: Annotated[str, typer.Argument(metavar="MONTH", help="A month such as 2026-10.")],
    against: Annotated[
        Path | None, typer.Option(metavar="FILE", help="An invoice to compare with (docs/tariffs.md).")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="The format of the output.")] = "table",
    language: Lang = None,
    meter: MeterName = None,
    config: ConfigFile = None,
    journal: JournalFile = None,
) -> None:
    """Print a month's bill by the tariffs of the settings: each line with quantity, price, sum and how it was found.

    What is not known is marked, and never counted as 0. A running month is computed up to the last interval, or up to
    now where that is over an hour old. With --against the exit status is 1 where the invoice does not agree.
    """
    first = to_month(month)
    chosen = read_settings(config, reads_ports=False, journal=journal)
    with open_existing(chosen.journal) as opened:
        name = choose_metered(opened, meter)
        tariffs = _load(chosen.tariffs.get(name, ()), name)
        prices = partial(load_prices, opened, chosen.price)
        made = read_month(opened, name, tariffs, prices, first, datetime.now(UTC))
    comparison = compare(made, read_invoice(read_text(against, "an invoice"), str(against))) if against else None
    typer.echo(FORMS[form](name, made, comparison, get_language(language)), nl=False)
    if comparison and not comparison.agrees:
        raise typer.Exit(DIFFERS)


def _load(files: Sequence[Path], meter: str) -> Sequence[Tariff]:
    if not files:
        raise ConfigError(f'meter {meter} has no tariff: give tariff = "FILE" in hanlogger.toml (docs/tariffs.md)')
    return load_tariffs(files)
