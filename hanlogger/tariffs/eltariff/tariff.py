"""One tariff of an Eltariff answer becomes the tables of a tariff file of our own form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hanlogger.humanize import clean_text
from hanlogger.tariffs.base import Choice, Tree
from hanlogger.tariffs.eltariff import forms
from hanlogger.tariffs.eltariff.calendars import Patterns
from hanlogger.tariffs.eltariff.lines import Line, Whole, read_energy, read_fixed
from hanlogger.tariffs.eltariff.power import read_power
from hanlogger.tariffs.eltariff.prices import find_currencies, find_tax, read_period
from hanlogger.tariffs.node import Node, show

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
DATED = {"published": "", "lastUpdated": "lastUpdated stands in the place of published"}


def read_tree(tariff: Node, patterns: Patterns, choice: Choice) -> Tree:
    """Return the tables of a tariff; ValueError, with its place, where a meaning would be guessed."""
    tariff.check(forms.TARIFF, known=frozenset(DATED))
    if not UUID.fullmatch(tariff.get_text("id")):
        tariff.tell(f"id {show(tariff.get('id'))} is no UUID")
    _check_meaning(tariff)
    whole = _read_whole(tariff, patterns, choice)
    lines = {
        "fixed": list(read_fixed(tariff, whole)),
        "energy": list(read_energy(tariff, whole)),
        "power": list(read_power(tariff, whole)),
    }
    if not any(lines.values()):
        tariff.refuse("it has no component at all")
    valid = dict(whole.valid) or _find_valid(tariff, [line for each in lines.values() for line in each])
    _name_apart(tariff, [line for each in lines.values() for line in each])
    head = _read_head(tariff, whole.currency)
    dated = {"source_date": _read_date(tariff) or valid.get("valid_from") or tariff.refuse("published is missing")}
    return {**head, **valid, **dated, **lines}


def _check_meaning(tariff: Node) -> None:
    """Refuse what the lines cannot be read without, or with."""
    if tariff.get("direction") != "consumption":
        tariff.refuse(
            f"direction: found {show(tariff.get('direction'))}; only consumption can be read: whether the prices of "
            "production are paid or received is not told"
        )
    if tariff.get("billingPeriod") != "P1M":
        tariff.refuse(f"billingPeriod: found {show(tariff.get('billingPeriod'))}; known is P1M")
    if not tariff.get_text("timeZone"):
        tariff.refuse("timeZone is missing: of which hours its windows are would be guessed")


def _read_whole(tariff: Node, patterns: Patterns, choice: Choice) -> Whole:
    currencies = find_currencies(tariff)
    if len(currencies) > 1:
        tariff.refuse(f"its prices are in several currencies: {', '.join(currencies)}")
    whole = Whole(patterns, read_period(tariff), find_tax(tariff), currencies[0] if currencies else "SEK")
    return replace(whole, year_by=choice.year_by, each=choice.peaks and choice.peaks == "each")


def _find_valid(tariff: Node, lines: Sequence[Line]) -> dict[str, date]:
    """Return the time that the components of a tariff without a validity cover."""
    first = min(line.get("valid_from", date.min) for line in lines)
    last = max(line.get("valid_to", date.max) for line in lines)
    found = {"valid_from": first} if first > date.min else {}
    found |= {"valid_to": last} if last < date.max else {}
    says = " to ".join(str(found.get(key, "…")) for key in ("valid_from", "valid_to"))
    tariff.tell(f"without validPeriod that of its components is taken, {says}")
    return found


def _read_head(tariff: Node, currency: str) -> Tree:
    name, company = tariff.get_text("name"), tariff.get_text("companyName")
    parts = (f"product {tariff.get_text('product')}", f"id {tariff.get_text('id')}")
    return {
        "name": name or tariff.get_text("product") or tariff.refuse("it has no name"),
        "company": company,
        "customers": tariff.get_text("description"),
        "part": "grid",
        "currency": currency,
        "zone": tariff.get_text("timeZone"),
        "prices": "with VAT",
        "vat": Decimal(25),
        "source": f"Eltariff API of {company or 'an unnamed company'}: {', '.join(parts)}"[:200],
    }


def _read_date(tariff: Node) -> date | None:
    """Return the day on which a tariff was published; None where it cannot be told."""
    for name, words in DATED.items():
        text = tariff.get_text(name)
        if not text:
            continue
        if words:
            tariff.tell(words)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            tariff.tell(f"{name}: {show(text)} is no time")
            return None
        if moment.tzinfo is None:
            tariff.tell(f"{name}: {show(text)} has no offset from UTC")
        return moment.date()
    tariff.tell("published is missing")
    return None


def _name_apart(tariff: Node, lines: Iterable[Line]) -> None:
    """Give each of several lines of one name that are valid at one time a number: a bill tells lines by their names."""
    seen: dict[str, list[Line]] = {}
    for line in lines:
        others = seen.setdefault(line["name"], [])
        others.append(line)
        number = sum(1 for _ in _find_overlapping(line, others[:-1]))
        if number:
            tariff.tell(f'two components are called "{line["name"]}" and valid at one time')
            line["name"] = f"{line['name']} {number + 1}"


def _find_overlapping(line: Line, others: Iterable[Line]) -> Iterator[Line]:
    start, end = line.get("valid_from", date.min), line.get("valid_to", date.max)
    for other in others:
        if other.get("valid_from", date.min) < end and start < other.get("valid_to", date.max):
            yield other


def describe_choice(tariff: Any) -> str:
    """Return what tells a tariff from others: product, id, name and validity."""
    period = tariff.get("validPeriod")
    period = period if isinstance(period, Mapping) else {}
    valid = clean_text(f"{period.get('fromIncluding', '…')} to {period.get('toExcluding', '…')}")
    return f"product {show(tariff.get('product'))} id {show(tariff.get('id'))} name {show(tariff.get('name'))}, {valid}"
