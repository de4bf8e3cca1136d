"""The table `fastledd` becomes a line for power, or a yearly sum by the main fuse."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hanlogger.tariffs.base import Choice, Tree
from hanlogger.tariffs.node import Node, make_form, show

POWER = make_form("metode terskel_inkludert terskler")
THRESHOLD = make_form("terskel pris")


def read_power(tariff: Node, choice: Choice) -> tuple[str, Tree]:
    """Return the kind of the line fastledd, and its table."""
    power = tariff.get_child("fastledd") or tariff.refuse("fastledd is missing")
    power.check(POWER)
    method = power.get_text("metode")
    if method not in METHODS:
        steps = ", ".join(f"{start}: {price}" for start, price in _read_steps(power))
        power.refuse(
            f"metode {show(method)} does not say which power is paid for ({steps} kr a year); write its line by hand"
        )
    return METHODS[method](power, choice)


def _read_steps(power: Node) -> list[tuple[Decimal, Decimal]]:
    found: list[tuple[Decimal, Decimal]] = []
    for node in power.get_children("terskler"):
        node.check(THRESHOLD)
        start, price = node.get_number("terskel"), node.get_number("pris")
        if start is None or price is None:
            node.refuse("terskel and pris are both needed")
        found.append((start, price))
    if not found or found[0][0] != 0 or any(one[0] >= other[0] for one, other in pairwise(found)):
        power.refuse(
            f"terskler must begin at 0 and rise: found {', '.join(str(start) for start, _ in found) or 'none'}"
        )
    return found


def _place_threshold(power: Node, choice: Choice) -> str:
    """Return which step a threshold itself is in."""
    included = power.get("terskel_inkludert")
    if isinstance(included, bool):
        return "upper" if included else "lower"
    if choice.equal:
        return choice.equal
    raise power.make_error(
        f"terskel_inkludert: found {show(included)}: which step a threshold itself is in is not told; "
        'say it: [base] equal = "upper", or "lower"'
    )


def _make_reader(**rule: Any) -> Callable[[Node, Choice], tuple[str, Tree]]:
    """Return what reads the steps of a power that is found by a rule."""

    def read(power: Node, choice: Choice) -> tuple[str, Tree]:
        steps = [{"from": start, "price": price} for start, price in _read_steps(power)]
        equal = _place_threshold(power, choice)
        return "power", {"name": "Fastledd", "billing": "steps", "steps": steps, "equal": equal, "per": "year"} | rule

    return read


def _by_fuse(power: Node, choice: Choice) -> tuple[str, Tree]:
    """Return the yearly sum of the step that the main fuse is in."""
    steps = _read_steps(power)
    if len(steps) > 1 and choice.fuse is None:
        listed = ", ".join(f"{start} A" for start, _ in steps)
        power.refuse(f"its price is by the main fuse, from {listed}; say yours: [base] fuse = 63")
    fuse = choice.fuse or Decimal(0)
    upper = len(steps) > 1 and _place_threshold(power, choice) == "upper"
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
    "TRE_DØGNMAX_MND": _make_reader(peaks=3, one_per="day"),
    "MND_MAX": _make_reader(peaks=1),
    "OV_TREFASE": _by_fuse,
    "FEM_VEKTET_ÅR": _by_weeks,
}
"""By method: what reads fastledd. UKJENT, unknown, is none of them."""
