"""A file of prices: CSV with a row for each hour or quarter, such as `hanlogger price show --csv` writes.

    time,price
    2026-11-29T00:00+01:00,0.5312

Columns stand between commas or semicolons; behind semicolons a price may have a decimal comma. Other columns are let
alone. A day whose rows all begin at a full hour has prices of hours, any other has prices of quarters.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from hanlogger.prices.quarters import Row, WrongPrices, check_price, read_instant, spread
from hanlogger.prices.source import PriceSource
from hanlogger.tariffs.spot import HOUR, QUARTER

TIME, PRICE = "time", "price"


def read_price_file(text: str, source: PriceSource) -> dict[datetime, Decimal]:
    """Return all prices of a file by the beginning of each quarter in UTC; WrongPrices, with the line that is wrong."""
    try:
        read = list(_read_lines(text.removeprefix("\ufeff").splitlines()))
    except csv.Error as error:
        raise WrongPrices(f"it is not CSV: {error}") from None
    fine: set[date] = {source.tell_day(start) for _, start, _ in read if start.minute}
    rows = (
        Row(where, start, QUARTER if source.tell_day(start) in fine else HOUR, price) for where, start, price in read
    )
    return spread(rows)


def _read_lines(lines: Sequence[str]) -> Iterator[tuple[str, datetime, Decimal]]:
    separator = ";" if lines and ";" in lines[0] else ","
    rows = csv.reader(lines, delimiter=separator)
    head = [name.strip().lower() for name in next(rows, [])]
    if TIME not in head or PRICE not in head:
        raise WrongPrices("line 1 does not name the columns time and price")
    at, value = head.index(TIME), head.index(PRICE)
    for cells in rows:
        if any(cell.strip() for cell in cells):
            where = f"line {rows.line_num}"
            yield where, *_read_row(cells, at, value, separator, where)


def _read_row(cells: Sequence[str], at: int, value: int, separator: str, where: str) -> tuple[datetime, Decimal]:
    try:
        price = cells[value].strip()
        number = Decimal(price.replace(",", ".") if separator == ";" else price)
        return read_instant(cells[at].strip()), check_price(number)
    except WrongPrices as error:
        raise WrongPrices(f"{where}: {error}") from None
    except IndexError:
        raise WrongPrices(f"{where} has too few columns") from None
    except InvalidOperation:
        raise WrongPrices(f"{where}: {price!r:.40} is no price") from None
