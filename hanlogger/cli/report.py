"""`hanlogger report`: a month or a year on one printable page, from the journal's intervals."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from hanlogger.cli.shared.journals import MeterName, choose_metered, open_existing
from hanlogger.cli.shared.language import Lang, get_language
from hanlogger.cli.shared.options import ConfigFile, JournalFile, read_settings
from hanlogger.cli.shared.times import to_month
from hanlogger.config.tariff_files import load_tariffs
from hanlogger.errors import ConfigError
from hanlogger.model import Meter
from hanlogger.prices.loading import load_prices
from hanlogger.reports import Term, read_facts, write_page


def report(
    period: Annotated[str, typer.Argument(metavar="MONTH", help="A month such as 2026-10; with --year a year.")],
    file: Annotated[Path, typer.Option("--html", metavar="FILE", help="The file to write the page to.")],
    year: Annotated[bool, typer.Option("--year", help="A whole year, such as 2026.")] = False,
    language: Lang = None,
    meter: MeterName = None,
    config: ConfigFile = None,
    journal: JournalFile = None,
) -> None:
    """Write a page to print: energy by day and hour, peaks, cost by line, what was before, and what is missing.

    It is one file that needs no network. Costs are there where a tariff is set.
    """
    term, now = _to_term(period, year=year), datetime.now(UTC)
    chosen = read_settings(config, reads_ports=False, journal=journal)
    with open_existing(chosen.journal) as opened:
        name = choose_metered(opened, meter)
        tariffs = load_tariffs(chosen.tariffs.get(name, ()))
        last = opened.records.get_last(name)
        settings = {port.meter.name: port.meter for port in chosen.ports}
        zone = (settings.get(name) or (last.meter if last else Meter(name))).zone
        prices = partial(load_prices, opened, chosen.price)
        this, before, year_before = (
            read_facts(opened, name, zone, tariffs, prices, each, now) for each in (term, term.before, term.year_before)
        )
    _write(file, write_page(name, this, before, year_before, get_language(language), zone, now))
    typer.echo(f"{file}: {period} of {name}")


def _to_term(text: str, *, year: bool) -> Term:
    if year:
        if not (text.isdigit() and len(text) == 4 and text > "0001"):
            raise ConfigError(f'found "{text}"; allowed: a year such as 2026')
        return Term(date(int(text), 1, 1), 12)
    return Term(to_month(text, "; for a year give --year"))


def _write(file: Path, page: str) -> None:
    try:
        file.write_text(page, "utf-8")
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written ({error.strerror}); give another file") from None
