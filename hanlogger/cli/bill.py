"""`hanlogger bill`: what a month costs, line by line, from the journal's intervals, and an invoice beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from hanlogger.cli.bill_output import FORMS, Form
from hanlogger.cli.shared.journals import MeterName, choose_metered, open_existing
from hanlogger.cli.shared.language import Lang, choose_code
from hanlogger.cli.shared.options import ConfigFile, JournalFile, read_settings
from hanlogger.config.tariff_files import load_tariffs
from hanlogger.errors import ConfigError
from hanlogger.intervals import Span
from hanlogger.journal import Journal
from hanlogger.prices.loading import load_prices
from hanlogger.prices.source import PriceSource
from hanlogger.tariffs.bill import make_bill
from hanlogger.tariffs.calendar import add_months
from hanlogger.tariffs.fields import read_month
from hanlogger.tariffs.invoice import Comparison, compare, read_invoice
from hanlogger.tariffs.model import Tariff

YEAR = 12  # months that a fee may look back
MARGIN = timedelta(days=1)  # no clock is further from UTC
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

    What is not known is marked, and never counted as 0. A running month is computed up to the last interval. With
    --against the exit status is 1 where the invoice does not agree.
    """
    first = _to_month(month)
    chosen = read_settings(config, reads_ports=False, journal=journal)
    with open_existing(chosen.journal) as opened:
        name = choose_metered(opened, meter)
        tariffs = _load(chosen.tariffs.get(name, ()), name)
        spans = _read_spans(opened, name, first)
        prices = _read_prices(opened, chosen.price, tariffs, first)
    until = _find_until(tariffs[0], spans, first)
    made = make_bill(tariffs, spans, prices, first, until)
    comparison = compare(made, read_invoice(_read(against), str(against))) if against else None
    typer.echo(FORMS[form](name, made, until, comparison, choose_code(language)), nl=False)
    raise typer.Exit(_find_status(comparison))


def _find_status(comparison: Comparison | None) -> int:
    return DIFFERS if comparison and not comparison.agrees else 0


def _to_month(text: str) -> date:
    try:
        return read_month(text)
    except ValueError as error:
        raise ConfigError(f'found "{text}"; allowed: {error}') from None


def _load(files: Sequence[Path], meter: str) -> Sequence[Tariff]:
    if not files:
        raise ConfigError(f'meter {meter} has no tariff: give tariff = "FILE" in hanlogger.toml (docs/tariffs.md)')
    return load_tariffs(files)


def _read_spans(journal: Journal, meter: str, month: date) -> list[Span]:
    """Return the spans of a month and of the eleven before, which fees over twelve months look at."""
    start, end = (_begin(add_months(month, number)) for number in (1 - YEAR, 1))
    return journal.intervals.read_spans(meter, start - MARGIN, end + MARGIN)


def _read_prices(
    journal: Journal, source: PriceSource | None, tariffs: Sequence[Tariff], month: date
) -> dict[datetime, Decimal]:
    """Return the spot prices of a month, in the currency of the tariffs."""
    start, end = (_begin(add_months(month, number)) for number in (0, 1))
    return load_prices(journal, source, start - MARGIN, end + MARGIN, tariffs[0].currency)


def _begin(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _find_until(tariff: Tariff, spans: Sequence[Span], month: date) -> datetime | None:
    """Return the time up to which a running month is known; None for a month that is over."""
    whole = tariff.clock.month(month)
    if datetime.now(UTC) >= whole.end:
        return None
    known = [span.end for span in spans if span.quality != "partial" and span.end <= whole.end]
    return max([whole.start, *known])


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        words = getattr(error, "strerror", None) or "not UTF-8 text"
        raise ConfigError(f"{file}: cannot be read ({words}); give an invoice as docs/tariffs.md says") from None
