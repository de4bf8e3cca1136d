"""What tests of tariffs share: a file's head, spans from kWh by hour, series in legal time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hanlogger.intervals import Span
from hanlogger.tariffs.model import Tariff
from hanlogger.tariffs.power import PowerCost, find_power_cost
from hanlogger.tariffs.reading import read_tariff

STOCKHOLM = ZoneInfo("Europe/Stockholm")
HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)


def head(name: str, *keys: str, vat: str = "with") -> str:
    """What a file of tariffs begins with; `keys`: lines of its own."""
    needed = (f'name = "{name}"', 'currency = "SEK"', f'prices = "{vat} VAT"', 'source = "test"')
    return "\n".join((*needed, "source_date = 2026-11-29", *keys, ""))


HEAD = head("Test")


def tariff(text: str, head: str = HEAD) -> Tariff:
    return read_tariff(head + text, "test.toml")


def power(keys: str, head: str = HEAD) -> Tariff:
    return tariff(f'[[power]]\nname = "Power"\n{keys}', head)


def at(text: str, zone: ZoneInfo = STOCKHOLM) -> datetime:
    """The instant of `2027-01-04 17:00`, legal time of Sweden where it states no offset, in UTC."""
    time = datetime.fromisoformat(text)
    return (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(UTC)


def hours(first: str, last: str, rest: str, peaks: Mapping[str, str]) -> list[Span]:
    """Hourly spans from one day up to another, legal time: `rest` kWh but in those hours that are given."""
    known = {at(text): Decimal(kwh) * 1000 for text, kwh in peaks.items()}
    spans = [
        Span(start, start + HOUR, known.pop(start, Decimal(rest) * 1000), Decimal(0), "measured")
        for start in every(HOUR, at(first), at(last))
    ]
    assert not known, known
    return spans


def every(step: timedelta, start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += step


def split(spans: list[Span]) -> list[Span]:
    """The same energy in four equal quarters of each hour."""
    return [
        Span(start, start + QUARTER, wh(span.imported), wh(span.exported), span.quality)
        for span in spans
        for start in every(QUARTER, span.start, span.end)
    ]


def wh(energy: Decimal | None) -> Decimal | None:
    return None if energy is None else energy / 4


def cost_of(rule: Tariff, spans: list[Span], month: str, until: str | None = None) -> PowerCost:
    """What the one power line asks for a month such as `2027-01`."""
    first = date.fromisoformat(f"{month}-01")
    found = find_power_cost(rule.power[0], rule, spans, first, at(until) if until else None)
    assert found is not None
    return found
