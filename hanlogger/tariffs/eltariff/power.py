"""The group powerPrice of an Eltariff tariff becomes lines for power.

The active time is split into pieces of peakDuration; of each peakIdentificationPeriod the greatest is taken, and of
these the N greatest of the month; the function is of their mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from hanlogger.tariffs.eltariff import forms
from hanlogger.tariffs.eltariff.calendars import read_windows
from hanlogger.tariffs.eltariff.lines import Line, Whole, begin_line, read_components
from hanlogger.tariffs.node import Node, show
from hanlogger.tariffs.schema import MOST_PEAKS

FUNCTIONS = ("sum(peak(c)*price(c))", "sum(power(p)*price(p))", "sum(power(")
ONE_PER = {
    "PT15M": "quarter", "PT1H": "hour", "PT60M": "hour", "P1D": "day", "P1W": "week", "P7D": "week", "P1M": "month",
}  # fmt: skip
MINUTES = {"PT15M": 15, "PT1H": 60, "PT60M": 60}
NUMBER = r"\d+(?:\.\d+)?"
PEAK = re.compile(r"peak\((\w+)\)")
SCALED = re.compile(rf"peak\((\w+)\)(?:([/*])({NUMBER}))?")
GREATEST = re.compile(r"max\((peak\(.+)\)")
ABOVE = re.compile(rf"max\((?:avg|peak)\((\w+)\)-({NUMBER}),0\)")
KNOWN = "peak(main), max(peak(high),peak(low)/2), max(avg(main)-4,0)"


def read_power(tariff: Node, whole: Whole) -> Iterator[Line]:
    """Yield the lines of the group powerPrice."""
    for node in read_components(tariff, "powerPrice", forms.POWER, FUNCTIONS):
        kind = node.get_text("type") or "peak"
        if kind == "dynamic":
            node.refuse(
                f"type dynamic: its prices are asked for by {show(node.get('url'))}, which no tariff file can say"
            )
        if kind != "peak":
            node.refuse(f"type: found {show(kind)}; known are peak and dynamic")
        line = begin_line(node, whole)
        if "price" not in line:
            node.refuse("it has no price")
        yield line | _read_rule(node, whole)


def _read_rule(node: Node, whole: Whole) -> Line:
    """Return the keys that say how the power is found."""
    settings = node.get_child("peakIdentificationSettings")
    if settings is None:
        node.refuse("without peakIdentificationSettings it is not told which power is paid for")
    settings.check(forms.PEAKS)
    count = settings.get_number("numberOfPeaksForAverageCalculation")
    if count is None or not 1 <= count <= MOST_PEAKS or count % 1:
        settings.refuse(
            f"numberOfPeaksForAverageCalculation: found {show(count)}; allowed: a whole number from 1 to {MOST_PEAKS}"
        )
    minutes = MINUTES[_choose(settings, "peakDuration", MINUTES)]
    one_per = ONE_PER[_choose(settings, "peakIdentificationPeriod", ONE_PER)]
    if (one_per, minutes) == ("quarter", 60):
        settings.refuse("peakIdentificationPeriod PT15M is shorter than peakDuration: which power is paid is not told")
    shared: Line = {"minutes": minutes, "one_per": one_per, "peaks": int(count)} | _read_unit(node, minutes)
    terms = _read_function(node, settings, whole)
    if whole.each is None and count == 1 and one_per in ("quarter", "hour"):
        settings.refuse(
            f"one peak of each {one_per}, of which one counts: whether each is paid, or the greatest of the month, "
            'is not told; say it: [base] peaks = "each", or "mean"'
        )
    return _bill_each(settings, shared, terms) if whole.each else _bill_mean(shared, terms)


def _bill_mean(shared: Line, terms: list[Line]) -> Line:
    factor = shared.pop("factor", Decimal(1))
    rows = [shared | term for term in terms]
    for row in rows:
        row["factor"] = row.get("factor", Decimal(1)) * factor
    return rows[0] if len(rows) == 1 else {"component": rows, "combine": "max"}


def _bill_each(settings: Node, shared: Line, terms: list[Line]) -> Line:
    if len(terms) > 1 or "deduct" in terms[0] or "factor" in shared:
        settings.refuse(f"peakFunction {show(settings.get('peakFunction'))} cannot be billed for each peak by itself")
    return {key: value for key, value in (shared | terms[0]).items() if key != "peaks"} | {"billing": "each"}


def _choose(settings: Node, name: str, known: dict[str, Any]) -> str:
    found = settings.get_text(name)
    return found if found in known else settings.refuse(f"{name}: found {show(found)}; known are {', '.join(known)}")


def _read_unit(node: Node, minutes: int) -> Line:
    """Return the factor from kW to what is paid for: kWh of a piece are less than its kW where it is a quarter."""
    unit = node.get_text("unit")
    if unit not in ("kW", "kWh") and (unit or minutes != 60):
        node.refuse(f"unit: found {show(node.get('unit'))}; known are kW and kWh")
    return {"factor": Decimal(minutes) / 60} if unit == "kWh" and minutes != 60 else {}


def _read_function(node: Node, settings: Node, whole: Whole) -> list[Line]:
    """Return a component for each term of the peak function; ValueError with its text where it is not known."""
    text = "".join(settings.get_text("peakFunction").split())
    if match := PEAK.fullmatch(text):
        return [_find_windows(node, settings, match[1], whole)]
    if match := ABOVE.fullmatch(text):
        return [_find_windows(node, settings, match[1], whole) | {"deduct": Decimal(match[2])}]
    if (match := GREATEST.fullmatch(text)) and len(terms := match[1].split(",")) > 1:
        found = [SCALED.fullmatch(term) for term in terms]
        if all(found):
            return [_scale(node, settings, each, whole) for each in found if each]
    raise settings.make_error(f"peakFunction {show(settings.get('peakFunction'))} is not known; known are {KNOWN}")


def _scale(node: Node, settings: Node, term: re.Match[str], whole: Whole) -> Line:
    number = Decimal(term[3] or 1)
    if not number:
        settings.refuse(f"peakFunction {show(settings.get('peakFunction'))}: 0 is no factor")
    line = _find_windows(node, settings, term[1], whole) | {"name": term[1]}
    return line | ({"factor": 1 / number if term[2] == "/" else number} if term[2] else {})


def _find_windows(node: Node, settings: Node, reference: str, whole: Whole) -> Line:
    """Return the windows that a name in a peak function means: those of a recurring period, or of the component."""
    periods = node.get_children("recurringPeriods")
    named = [period for period in periods if period.get_text("reference") == reference]
    if not named and reference != node.get_text("reference"):
        known = ", ".join(
            dict.fromkeys([node.get_text("reference"), *(each.get_text("reference") for each in periods)])
        )
        settings.refuse(f"peakFunction {show(settings.get('peakFunction'))}: {reference} is not one of {known}")
    windows = read_windows(named or periods, whole.patterns)
    return {"windows": windows} if windows and {} not in windows else {}
