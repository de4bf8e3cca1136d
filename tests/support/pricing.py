"""Days of spot prices in the JSON form of the servers, and a server that has them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hanlogger.prices.source import PriceSource
from tests.support.scripted_server import Misbehave, Reply, Request

SE3 = PriceSource("SE3", "http://127.0.0.1:1/{year}/{month}-{day}_{area}.json")
DAY = date(2026, 11, 29)
ZONE = ZoneInfo("Europe/Stockholm")

Rows = list[dict[str, Any]]


def day_rows(day: date = DAY, minutes: int = 15, first: str = "0.5", currency: str = "SEK") -> Rows:
    """A day's rows, of which each costs 0.001 more than the one before."""
    at = datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)
    next_day = day + timedelta(days=1)
    end = datetime(next_day.year, next_day.month, next_day.day, tzinfo=ZONE).astimezone(UTC)
    rows: Rows = []
    while at < end:
        rows.append(row(at, minutes, float(first) + 0.001 * len(rows), currency))
        at += timedelta(minutes=minutes)
    return rows


def row(at: datetime, minutes: int = 60, price: object = 0.5, currency: str = "SEK") -> dict[str, Any]:
    ends = (each.astimezone(ZONE).isoformat() for each in (at, at + timedelta(minutes=minutes)))
    price = round(price, 5) if isinstance(price, float) else price
    prices = {"EUR_per_kWh": 0.04, "EXR": 11.0, f"{currency}_per_kWh": price}
    return {**prices, "time_start": next(ends), "time_end": next(ends)}


def to_body(rows: object) -> bytes:
    return json.dumps(rows).encode()


def asked_day(request: Request) -> date:
    """The day of a request for `/2026/11-29_SE3.json`."""
    year, rest = request.path.strip("/").split("/")
    return date(int(year), int(rest[:2]), int(rest[3:5]))


def server_of(days: Iterable[date] | Callable[[date], bool], **more: Any) -> Callable[[Request], Reply | Misbehave]:
    """Answers with a day's prices; 404 for any day that is not one of `days`."""
    has = days if callable(days) else set(days).__contains__

    def answer(request: Request) -> Reply:
        day = asked_day(request)
        return Reply(200, to_body(day_rows(day, **more))) if has(day) else Reply(404, b"not found")

    return answer
