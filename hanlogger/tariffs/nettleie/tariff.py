"""The one tariff of a file that the user means, as tables of our own form."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from hanlogger.humanize import clean_text
from hanlogger.tariffs.base import Choice, Tree, covers
from hanlogger.tariffs.nettleie.document import read_yaml
from hanlogger.tariffs.nettleie.energy import read_energy
from hanlogger.tariffs.nettleie.power import read_power
from hanlogger.tariffs.node import Node, make_form, show

FILE = make_form("netteier gln sist_oppdatert kilder tariffer", "mga")
TARIFF = make_form("gyldig_fra kundegrupper energiledd fastledd", "gyldig_til navn")

GROUPS = ("husholdning", "fritid", "liten_næring")
TAXES = ("vat", "consumption_tax", "enova")


def read_nettleie(text: str, choice: Choice) -> tuple[Tree, tuple[str, ...]]:
    """Return the tables of the one tariff that is chosen, and what differs from the form.

    ValueError, in one line, where none or several are chosen, where a meaning is missing, and where the user has not
    said which taxes there are.
    """
    report: list[str] = []
    whole = Node(read_yaml(text), "", report)
    tariff = _choose(whole, choice)
    whole.check(FILE)
    tariff.check(TARIFF)
    if missing := [name for name in TAXES if getattr(choice, name) is None]:
        raise ValueError(
            f"its prices are without taxes: say which there are in a file of your own: [base] {', '.join(missing)}"
        )
    return _read_head(whole, tariff, choice) | _read_lines(tariff, choice), tuple(report)


def _choose(whole: Node, choice: Choice) -> Node:
    every = [Node(each.fields, f"tariffer {number}", whole.report) for number, each in _list_tariffs(whole)]
    chosen = [tariff for tariff in every if _is_chosen(tariff, choice)]
    if len(chosen) != 1:
        listed = "; ".join(map(_describe, chosen or every))
        found = "several tariffs are" if chosen else "no tariff is"
        raise ValueError(f"{found} chosen; choose one by customers, on or name: {listed or 'there is none'}")
    return chosen[0]


def _list_tariffs(whole: Node) -> Iterator[tuple[int, Node]]:
    return enumerate(whole.get_children("tariffer"), 1)


def _is_chosen(tariff: Node, choice: Choice) -> bool:
    start, end = tariff.get_day("gyldig_fra"), tariff.get_day("gyldig_til")
    return (
        covers(choice.on, start, end)
        and (choice.customers is None or choice.customers in tariff.get_list("kundegrupper"))
        and (choice.name is None or choice.name == tariff.get_text("navn"))
    )


def _describe(tariff: Node) -> str:
    name = f"name {show(tariff.get_text('navn'))}, " if tariff.get("navn") else ""
    groups = clean_text(", ".join(map(str, tariff.get_list("kundegrupper"))))
    return f"{name}customers {groups}, {tariff.get('gyldig_fra')} to {tariff.get('gyldig_til') or '…'}"


def _read_head(whole: Node, tariff: Node, choice: Choice) -> Tree:
    company = whole.get_text("netteier") or whole.refuse("netteier is missing")
    for group in tariff.get_list("kundegrupper"):
        if group not in GROUPS:
            tariff.tell(f"kundegrupper: {show(group)} is none of {', '.join(GROUPS)}")
    sources = whole.get_list("kilder")
    valid = (("valid_from", tariff.get_day("gyldig_fra")), ("valid_to", tariff.get_day("gyldig_til")))
    dated = whole.get_day("sist_oppdatert") or valid[0][1] or whole.refuse("sist_oppdatert is missing")
    return {
        "name": tariff.get_text("navn") or company,
        "company": company,
        "customers": clean_text(", ".join(map(str, tariff.get_list("kundegrupper")))),
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
    energy = [read_energy(tariff), *({"name": name, "price": price} for name, price in taxes if price)]
    kind, line = read_power(tariff, choice)
    shared = {"prices": "without VAT", "vat": choice.vat}
    return {"energy": [each | shared for each in energy], kind: [line | shared]}
