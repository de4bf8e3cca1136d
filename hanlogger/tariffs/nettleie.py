"""A file of fri-nettleie, the collection of Norwegian grid tariffs, becomes tables of our own form.

Its prices are without value added tax and without consumption tax and Enova's fee, which the user says: the border of
value added tax is not that of price areas. Prices for a kWh are in øre, those for power in kr a year.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import yaml

from hanlogger.humanize import clean_text
from hanlogger.tariffs.base import Choice, Tree, covers, per_kwh
from hanlogger.tariffs.fields import WEEKDAYS
from hanlogger.tariffs.node import Node, make_form, show

FILE = make_form("netteier gln sist_oppdatert kilder tariffer", "mga")
TARIFF = make_form("gyldig_fra kundegrupper energiledd fastledd", "gyldig_til navn")
ENERGY = make_form("grunnpris", "unntak")
EXCEPTION = make_form("navn pris", "timer dager måneder")
POWER = make_form("metode terskel_inkludert terskler")
THRESHOLD = make_form("terskel pris")

GROUPS = ("husholdning", "fritid", "liten_næring")
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
TAXES = ("vat", "consumption_tax", "enova")
LIKE = re.compile(r"^(netteier|tariffer|gln)\s*:", re.MULTILINE)


class _Loader(yaml.SafeLoader):
    """YAML with exact numbers, and with a day as the text that it is."""


def _read_float(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)).replace("_", ""))


def _read_mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    for number, key in enumerate(keys):
        if key in keys[:number]:
            raise ValueError(f"{show(key)} stands twice in one table: which is meant would be guessed")
    return loader.construct_mapping(node, deep=True)


def _read_day(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:float", _read_float)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _read_day)
_Loader.add_constructor("tag:yaml.org,2002:map", _read_mapping)


def read_nettleie(text: str, choice: Choice) -> tuple[Tree, tuple[str, ...]]:
    """Return the tables of the one tariff that is chosen, and what differs from the form.

    ValueError, in one line, where none or several are chosen, where a meaning is missing, and where the user has not
    said which taxes there are.
    """
    report: list[str] = []
    whole = Node(_parse(text), "", report)
    tariff = _choose(whole, choice)
    whole.check(FILE)
    tariff.check(TARIFF)
    if missing := [name for name in TAXES if getattr(choice, name) is None]:
        raise ValueError(
            f"its prices are without taxes: say which there are in a file of your own: [base] {', '.join(missing)}"
        )
    return _read_head(whole, tariff, choice) | _read_lines(tariff, choice), tuple(report)


def _parse(text: str) -> dict[str, Any]:
    try:
        tree = yaml.load(text, _Loader)  # noqa: S506 a SafeLoader
    except yaml.YAMLError as error:
        raise ValueError(f"not YAML: {' '.join(str(error).split())}") from None
    except (ArithmeticError, RecursionError) as error:
        raise ValueError(f"not YAML of tariffs: {type(error).__name__}") from None
    if not isinstance(tree, dict) or "tariffer" not in tree:
        raise ValueError("no file of fri-nettleie: tariffer is not in it")
    return tree


def _choose(whole: Node, choice: Choice) -> Node:
    every = [Node(each.fields, f"tariffer {number}", whole.report) for number, each in _tariffs(whole)]
    chosen = [tariff for tariff in every if _is_chosen(tariff, choice)]
    if len(chosen) != 1:
        listed = "; ".join(map(_describe, chosen or every))
        found = "several tariffs are" if chosen else "no tariff is"
        raise ValueError(f"{found} chosen; choose one by customers, on or name: {listed or 'there is none'}")
    return chosen[0]


def _tariffs(whole: Node) -> Iterator[tuple[int, Node]]:
    return enumerate(whole.children("tariffer"), 1)


def _is_chosen(tariff: Node, choice: Choice) -> bool:
    start, end = tariff.day("gyldig_fra"), tariff.day("gyldig_til")
    return (
        covers(choice.on, start, end)
        and (choice.customers is None or choice.customers in tariff.items("kundegrupper"))
        and (choice.name is None or choice.name == tariff.text("navn"))
    )


def _describe(tariff: Node) -> str:
    name = f"name {show(tariff.text('navn'))}, " if tariff.get("navn") else ""
    groups = clean_text(", ".join(map(str, tariff.items("kundegrupper"))))
    return f"{name}customers {groups}, {tariff.get('gyldig_fra')} to {tariff.get('gyldig_til') or '…'}"


def _read_head(whole: Node, tariff: Node, choice: Choice) -> Tree:
    company = whole.text("netteier") or whole.refuse("netteier is missing")
    for group in tariff.items("kundegrupper"):
        if group not in GROUPS:
            tariff.tell(f"kundegrupper: {show(group)} is none of {', '.join(GROUPS)}")
    sources = whole.items("kilder")
    valid = (("valid_from", tariff.day("gyldig_fra")), ("valid_to", tariff.day("gyldig_til")))
    dated = whole.day("sist_oppdatert") or valid[0][1] or whole.refuse("sist_oppdatert is missing")
    return {
        "name": tariff.text("navn") or company,
        "company": company,
        "customers": clean_text(", ".join(map(str, tariff.items("kundegrupper")))),
        "part": "grid",
        "currency": "NOK",
        "zone": "Europe/Oslo",
        "prices": "without VAT",
        "vat": choice.vat,
        "source": f"fri-nettleie: {clean_text(str(sources[0])) if sources else company}"[:200],
        "source_date": dated,
    } | {key: day for key, day in valid if isinstance(day, date)}


def _read_lines(tariff: Node, choice: Choice) -> Tree:
    taxes = (("Forbruksavgift", choice.consumption_tax), ("Enova", choice.enova))
    energy = [_read_energy(tariff), *({"name": name, "price": price} for name, price in taxes if price)]
    kind, line = _read_power(tariff, choice)
    shared = {"prices": "without VAT", "vat": choice.vat}
    return {"energy": [each | shared for each in energy], kind: [line | shared]}


# --- energy


def _read_energy(tariff: Node) -> Tree:
    """Return the line for each kWh: of several exceptions the later one holds, and its price is the whole price."""
    energy = tariff.child("energiledd") or tariff.refuse("energiledd is missing")
    energy.check(ENERGY)
    rates = [_read_exception(each) for each in reversed(energy.children("unntak"))]
    base = {"name": "grunnpris", "price": _price(energy, "grunnpris")}
    return {"name": "Energiledd", "rates": [*rates, base]} if rates else base | {"name": "Energiledd"}


def _price(node: Node, name: str) -> Decimal:
    price = node.number(name)
    return per_kwh(price) if price is not None else node.refuse(f"{name} is missing")


def _read_exception(node: Node) -> Tree:
    node.check(EXCEPTION)
    hours = _read_hours(node)
    shared = ({"hours": hours} if hours else {}) | ({"months": months} if (months := _read_months(node)) else {})
    windows = [shared | days for days in _read_days(node)]
    rate = {"name": node.text("navn"), "price": _price(node, "pris")}
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
    for month in node.items("måneder"):
        if month not in MONTHS:
            node.refuse(f"måneder: found {show(month)}; known are {', '.join(MONTHS)}")
    return sorted(MONTHS.index(month) + 1 for month in set(node.items("måneder")))


def _read_days(node: Node) -> list[Tree]:
    """Return a window for each kind of days, of which one must cover a day; one without keys: every day."""
    days = node.items("dager")
    for day in days:
        if day not in NAMED_DAYS and day not in KINDS_OF_DAYS:
            node.refuse(f"dager: found {show(day)}; known are {', '.join((*NAMED_DAYS, *KINDS_OF_DAYS))}")
    if not days or "alle" in days:
        return [{}]
    named = [NAMED_DAYS[day] for day in days if day in NAMED_DAYS]
    kinds = [{"days": KINDS_OF_DAYS[day]} for day in days if day in KINDS_OF_DAYS]
    return [*([{"days": named}] if named else []), *kinds]


# --- power


def _read_power(tariff: Node, choice: Choice) -> tuple[str, Tree]:
    """Return the kind of the line fastledd, and its table."""
    power = tariff.child("fastledd") or tariff.refuse("fastledd is missing")
    power.check(POWER)
    method = power.text("metode")
    if method not in METHODS:
        steps = ", ".join(f"{start}: {price}" for start, price in _read_steps(power))
        power.refuse(
            f"metode {show(method)} does not say which power is paid for ({steps} kr a year); write its line by hand"
        )
    return METHODS[method](power, choice)


def _read_steps(power: Node) -> list[tuple[Decimal, Decimal]]:
    found: list[tuple[Decimal, Decimal]] = []
    for node in power.children("terskler"):
        node.check(THRESHOLD)
        start, price = node.number("terskel"), node.number("pris")
        if start is None or price is None:
            node.refuse("terskel and pris are both needed")
        found.append((start, price))
    if not found or found[0][0] != 0 or any(one[0] >= other[0] for one, other in pairwise(found)):
        power.refuse(
            f"terskler must begin at 0 and rise: found {', '.join(str(start) for start, _ in found) or 'none'}"
        )
    return found


def _equal(power: Node, choice: Choice) -> str:
    """Return which step a threshold itself is in."""
    included = power.get("terskel_inkludert")
    if isinstance(included, bool):
        return "upper" if included else "lower"
    if choice.equal:
        return choice.equal
    raise power.fault(
        f"terskel_inkludert: found {show(included)}: which step a threshold itself is in is not told; "
        'say it: [base] equal = "upper", or "lower"'
    )


def _steps(**rule: Any) -> Callable[[Node, Choice], tuple[str, Tree]]:
    """Return what reads the steps of a power that is found by a rule."""

    def read(power: Node, choice: Choice) -> tuple[str, Tree]:
        steps = [{"from": start, "price": price} for start, price in _read_steps(power)]
        equal = _equal(power, choice)
        return "power", {"name": "Fastledd", "billing": "steps", "steps": steps, "equal": equal, "per": "year"} | rule

    return read


def _by_fuse(power: Node, choice: Choice) -> tuple[str, Tree]:
    """Return the yearly sum of the step that the main fuse is in."""
    steps = _read_steps(power)
    if len(steps) > 1 and choice.fuse is None:
        listed = ", ".join(f"{start} A" for start, _ in steps)
        power.refuse(f"its price is by the main fuse, from {listed}; say yours: [base] fuse = 63")
    fuse = choice.fuse or Decimal(0)
    upper = len(steps) > 1 and _equal(power, choice) == "upper"
    price = [price for start, price in steps if start == 0 or start < fuse or (upper and start == fuse)][-1]
    return "fixed", {"name": "Fastledd", "price": price, "per": "year"}


def _by_weeks(power: Node, choice: Choice) -> tuple[str, Tree]:
    """Return the line by five weighted weeks of twelve months: a base and a price for each kW."""
    steps = _read_steps(power)
    slopes = {(high - low) / (end - start) for (start, low), (end, high) in pairwise(steps)}
    if len(slopes) != 1:
        found = ", ".join(str(slope) for slope in sorted(slopes)) or "none"
        power.refuse(
            f"metode FEM_VEKTET_ÅR: terskler are not on one line, kr a kW: found {found}; write its line by hand"
        )
    if not choice.weights:
        power.refuse(
            "metode FEM_VEKTET_ÅR: what a week counts as by its month is not told; say it: [base] "
            'weights = [{ factor = 1, months = "11-3" }, { factor = 0.25 }]'
        )
    weights = [
        {"factor": each.factor} | ({"months": list(each.months)} if each.months else {}) for each in choice.weights
    ]
    rule = {"over": "12 months", "peaks": 5, "one_per": "week", "weigh_by": "monday", "weights": weights}
    return "power", {"name": "Fastledd", "per": "year", "base": steps[0][1], "price": slopes.pop()} | rule


METHODS: dict[str, Callable[[Node, Choice], tuple[str, Tree]]] = {
    "TRE_DØGNMAX_MND": _steps(peaks=3, one_per="day"),
    "MND_MAX": _steps(peaks=1),
    "OV_TREFASE": _by_fuse,
    "FEM_VEKTET_ÅR": _by_weeks,
}
"""By method: what reads fastledd. UKJENT, unknown, is none of them."""
