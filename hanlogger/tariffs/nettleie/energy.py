"""The table `energiledd` becomes a line for each kWh, with rates for its exceptions."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from hanlogger.tariffs.base import Tree, convert_from_ore
from hanlogger.tariffs.fields import WEEKDAYS
from hanlogger.tariffs.node import Node, make_form, show

ENERGY = make_form("grunnpris", "unntak")
EXCEPTION = make_form("navn pris", "timer dager måneder")

NAMED_DAYS = dict(zip(("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"), WEEKDAYS, strict=True))
KINDS_OF_DAYS = {
    "ukedag": "mon-fri", "helg": "weekend", "helligdager": "holidays", "fridag": "days off", "virkedag": "workdays",
    "alle": "all",
}  # fmt: skip
MONTHS = (
    "januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november",
    "desember",
)  # fmt: skip
HOURS = re.compile(r"(\d\d?)(?:\s*-\s*(\d\d?))?")


def read_energy(tariff: Node) -> Tree:
    """Return the line for each kWh: of several exceptions the later one holds, and its price is the whole price."""
    energy = tariff.get_child("energiledd") or tariff.refuse("energiledd is missing")
    energy.check(ENERGY)
    rates = [_read_exception(each) for each in reversed(energy.get_children("unntak"))]
    base = {"name": "grunnpris", "price": _read_price(energy, "grunnpris")}
    return {"name": "Energiledd", "rates": [*rates, base]} if rates else base | {"name": "Energiledd"}


def _read_price(node: Node, name: str) -> Decimal:
    price = node.get_number(name)
    return convert_from_ore(price) if price is not None else node.refuse(f"{name} is missing")


def _read_exception(node: Node) -> Tree:
    node.check(EXCEPTION)
    hours = _read_hours(node)
    shared = ({"hours": hours} if hours else {}) | ({"months": months} if (months := _read_months(node)) else {})
    windows = [shared | days for days in _read_days(node)]
    rate = {"name": node.get_text("navn"), "price": _read_price(node, "pris")}
    return rate if {} in windows else rate | {"windows": windows}


def _read_hours(node: Node) -> list[str]:
    """Return hours, of which the last is in it: 6-21 is until 22:00. None: all of the day."""
    given = node.get("timer")
    spans = [_read_span(node, each) for each in (given if isinstance(given, list) else [given]) if each is not None]
    return [] if any(begin == end for begin, end in spans) else [f"{begin:02}-{end:02}" for begin, end in spans]


def _read_span(node: Node, given: Any) -> tuple[int, int]:
    match = HOURS.fullmatch(str(given).strip())
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (24, 24)
    if first > 23 or last > 23:
        node.refuse(f'timer: found {show(given)}; allowed: hours from 0 to 23, such as "6-21", the last one inclusive')
    return first, (last + 1) % 24


def _read_months(node: Node) -> list[int]:
    for month in node.get_list("måneder"):
        if month not in MONTHS:
            node.refuse(f"måneder: found {show(month)}; known are {', '.join(MONTHS)}")
    return sorted(MONTHS.index(month) + 1 for month in set(node.get_list("måneder")))


def _read_days(node: Node) -> list[Tree]:
    """Return a window for each kind of days, of which one must cover a day; one without keys: every day."""
    days, known = node.get_list("dager"), (*NAMED_DAYS, *KINDS_OF_DAYS)
    for day in days:
        if day not in known:
            node.refuse(f"dager: found {show(day)}; known are {', '.join(known)}")
    if not days or "alle" in days:
        return [{}]
    named = [NAMED_DAYS[day] for day in days if day in NAMED_DAYS]
    kinds = [{"days": KINDS_OF_DAYS[day]} for day in days if day in KINDS_OF_DAYS]
    return [*([{"days": named}] if named else []), *kinds]
