"""The groups of an Eltariff tariff and what they have in common; lines that are fixed, and lines for each kWh."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from hanlogger.tariffs.eltariff import forms
from hanlogger.tariffs.eltariff.calendars import Patterns, read_windows
from hanlogger.tariffs.eltariff.prices import read_period, read_price, tell_outside
from hanlogger.tariffs.node import Form, Node, show

Line = dict[str, Any]
PER = {"P1M": "month", "P1Y": "year", "P1D": "day"}
NAMED = re.compile(r"sum\((?:fixed|energy|power)\((\w+)\)\)")


@dataclass(frozen=True)
class Whole:
    """What holds of the whole tariff. `vat`: the one rate of tax of all its prices; `choice`: what the user chose."""

    patterns: Patterns
    valid: Mapping[str, date]
    vat: Decimal | None
    currency: str
    year_by: str | None = None
    each: bool | None = None  # bill each peak by itself, or their mean; None: nothing is said


def read_components(tariff: Node, name: str, form: Form, functions: tuple[str, ...]) -> Iterator[Node]:
    """Yield the components of a group, or the group itself where it has the price; ValueError for its function."""
    group = tariff.get_child(name)
    if group is None:
        tariff.tell(f"without {name} nothing is asked by it")
    elif group.get("components") is None and group.get("price") is not None:
        group.tell("the group has the price itself, and no components")
        direct = form.required | form.optional | forms.GROUP.required
        group.check(Form(forms.GROUP.required, direct), known=frozenset({"components", "costFunction"}))
        yield group
    else:
        yield from _read_group(group, form, functions)


def _read_group(group: Node, form: Form, functions: tuple[str, ...]) -> Iterator[Node]:
    group.check(forms.GROUP, known=frozenset({"unit"}))
    components = group.get_children("components")
    if "unit" in group.fields:
        group.tell(f"unit {show(group.get('unit'))} stands on the group")
    if not components:
        return
    _check_function(group, components, functions)
    for component in components:
        component.check(form, known=frozenset({"unit"}) if "unit" in group.fields else frozenset())
        shared = {"unit": group.get("unit")} if component.get("unit") is None else {}
        yield Node({**component.fields, **shared}, component.place, component.report)


def _check_function(group: Node, components: list[Node], functions: tuple[str, ...]) -> None:
    """Refuse a cost function that is not one of those known."""
    function = "".join(group.get_text("costFunction").split())
    named = NAMED.fullmatch(function)
    if named and function.startswith(functions[-1]):
        others = sorted({each.get_text("reference") for each in components} - {named[1]})
        if others:
            group.refuse(
                f"costFunction {show(group.get('costFunction'))} does not say what {', '.join(others)} are to it"
            )
    elif function not in functions:
        known = ", ".join(f"{each}main))" if each.endswith("(") else each for each in functions)
        group.refuse(f"costFunction {show(group.get('costFunction'))} is not known; known are {known}")


def begin_line(node: Node, whole: Whole) -> Line:
    """Return the keys that lines of every kind have: name, price with its tax, and validity."""
    valid = read_period(node)
    tell_outside(node, valid, whole.valid)
    price = node.get_child("price")
    return {"name": node.get_text("name") or node.get_text("reference") or node.refuse("it has no name"), **valid} | (
        read_price(price) if price else {}
    )


def read_fixed(tariff: Node, whole: Whole) -> Iterator[Line]:
    """Yield the lines of the group fixedPrice."""
    functions = ("sum(price(c))", "sum(fixed(")
    for node in read_components(tariff, "fixedPrice", forms.FIXED, functions):
        kind = node.get("type")
        if kind not in ("public", "specific", None):
            node.tell(f"type {show(kind)} of a fixed price is neither public nor specific")
        period = node.get_text("pricedPeriod")
        if period not in PER:
            node.refuse(f"pricedPeriod: found {show(node.get('pricedPeriod'))}; known are {', '.join(PER)}")
        line = begin_line(node, whole)
        if "price" not in line:
            node.refuse("it has no price")
        year_by = {"year_by": whole.year_by} if whole.year_by and period == "P1Y" else {}
        yield line | {"per": PER[period]} | year_by


def read_energy(tariff: Node, whole: Whole) -> Iterator[Line]:
    """Yield the lines of the group energyPrice."""
    functions = ("sum(energy(c)*price(c))", "sum(energy(")
    for node in read_components(tariff, "energyPrice", forms.ENERGY, functions):
        kind = node.get_text("type") or "fixed"
        if node.get_text("unit") not in ("kWh", ""):
            node.refuse(f"unit: found {show(node.get('unit'))}; known is kWh")
        if kind not in ("fixed", "spot"):
            node.refuse(f"type: found {show(node.get('type'))}; known are fixed and spot")
        line = begin_line(node, whole) | (_read_spot(node, whole) if kind == "spot" else {})
        if "price" not in line and "spot" not in line:
            node.refuse("it has no price")
        if kind == "spot" and "vat" not in line:
            line |= {"vat": whole.vat if whole.vat is not None else node.refuse("which tax is on it is not told")}
        windows = read_windows(node.get_children("recurringPeriods"), whole.patterns)
        yield line | ({"windows": windows} if windows and {} not in windows else {})


def _read_spot(node: Node, whole: Whole) -> Line:
    settings = node.get_child("spotPriceSettings")
    multiplier = settings.get_number("multiplier") if settings else None
    if settings is None or multiplier is None:
        node.refuse("type spot without spotPriceSettings: which share of the spot price it is would be guessed")
    settings.check(forms.SPOT)
    if settings.get_text("currency") not in (whole.currency, ""):
        settings.refuse(f"currency {settings.get_text('currency')} is not that of the prices, {whole.currency}")
    return {"spot": multiplier}
