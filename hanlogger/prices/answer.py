"""The JSON of elprisetjustnu.se, hvakosterstrommen.no and others of their form: a list with a row for each price.

    [{"SEK_per_kWh": 0.53, "time_start": "2026-11-29T00:00:00+01:00", "time_end": "2026-11-29T00:15:00+01:00"}, …]

Numbers are read as exact decimals. What is not understood is refused, never guessed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from hanlogger.prices.quarters import NotPublished, Row, WrongPrices, check_price, read_instant, spread
from hanlogger.prices.source import PriceSource


def read_answer(body: bytes, source: PriceSource, day: date) -> dict[datetime, Decimal]:
    """Return the prices of a day by the beginning of each quarter in UTC; some may be missing.

    Raises WrongPrices, and NotPublished for an empty list.
    """
    content = _read_json(body)
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        raise WrongPrices("the answer is no list of prices")
    if not content:
        raise NotPublished("the list of prices is empty")
    prices = spread(_read_rows(content, source.currency))
    start, end = source.find_day(day)
    outside = next((quarter for quarter in prices if not start <= quarter < end), None)
    if outside is not None:
        raise WrongPrices(f"the answer has prices of {source.tell_day(outside)}")
    return prices


def _read_rows(content: list[dict[str, Any]], currency: str) -> Iterator[Row]:
    key = f"{currency}_per_kWh"
    for row in content:
        if key not in row:
            others = ", ".join(sorted(name for name in map(str, row) if name.endswith("_per_kWh"))) or "no price"
            raise WrongPrices(f"the answer has {others:.60}, and not {key}")
        start, end = (read_instant(row.get(name)) for name in ("time_start", "time_end"))
        yield Row(str(row["time_start"]), start, end - start, check_price(row[key]))


def _read_json(body: bytes) -> object:
    if body.lstrip()[:1] == b"<":
        raise WrongPrices("the answer is a web page, and no JSON")
    try:
        return json.loads(body, parse_float=Decimal, parse_int=Decimal)
    except (ValueError, RecursionError, InvalidOperation):
        raise WrongPrices("the answer is no JSON") from None


def describe_missing(prices: Mapping[datetime, Decimal], source: PriceSource, day: date) -> str:
    """Return how much of a day has no price; "" where nothing is missing."""
    start, end = source.find_day(day)
    missing = (end - start).total_seconds() / 3600 - len(prices) / 4
    return f"{missing:g} of its {(end - start).total_seconds() / 3600:g} hours are missing" if missing else ""
