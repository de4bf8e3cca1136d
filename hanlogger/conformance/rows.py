"""Compare the rows of a telegram with the 27 of the recommendation (docs/protocol.md A.6)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from hanlogger.conformance.finding import Finding, note_allowed, note_deviation, note_fault
from hanlogger.language import Text, to_both

CLOCK = "0-0:1.0.0"
IDENTITIES = re.compile(r"0-0:(42\.0\.0|96\.1\.(0|1|255))|1-0:0\.0\.\d+")

_ROW = re.compile(r"^(\d+-\d+:\d+\.\d+\.\d+(?:\*\d+)?)\((.*)\)\s*$")
_MEASURE = re.compile(r"(-?)(\d+)(?:\.(\d+))?(?:\*(\w+))?")


class Form(NamedTuple):
    """The digits before and behind the point, and the unit, of a row."""

    whole: int
    decimals: int
    unit: str

    def __str__(self) -> str:
        return f"{self.whole}.{self.decimals}*{self.unit}"


_ENERGY, _REACTIVE_ENERGY = Form(8, 3, "kWh"), Form(8, 3, "kVArh")
_POWER, _REACTIVE = Form(4, 3, "kW"), Form(4, 3, "kVAr")
_VOLTAGE, _CURRENT = Form(3, 1, "V"), Form(3, 1, "A")

ROWS: Mapping[str, Form | None] = {
    CLOCK: None,
    **{f"1-0:{c}.8.0": form for c, form in ((1, _ENERGY), (2, _ENERGY), (3, _REACTIVE_ENERGY), (4, _REACTIVE_ENERGY))},
    **{f"1-0:{c}.7.0": form for c, form in ((1, _POWER), (2, _POWER), (3, _REACTIVE), (4, _REACTIVE))},
    **{f"1-0:{phase + c}.7.0": _POWER for phase in (20, 40, 60) for c in (1, 2)},
    **{f"1-0:{phase + c}.7.0": _REACTIVE for phase in (20, 40, 60) for c in (3, 4)},
    **{f"1-0:{c}.7.0": _VOLTAGE for c in (32, 52, 72)},
    **{f"1-0:{c}.7.0": _CURRENT for c in (31, 51, 71)},
}
"""The 27 rows in their order, each with its form; the clock has one of its own."""

ALL_ROWS = Text("27 rows; the grid company decides which are sent", "27 rader; elnätsföretaget avgör vilka som sänds")
FURTHER_ROWS = Text("readers must accept further rows", "den som läser ska godta fler rader")
NO_IDENTITY = Text("left out on purpose, for privacy", "utelämnad med avsikt, för integritetens skull")
EACH_ONCE = Text("each row once", "varje rad en gång")
USUAL_ORDER = Text(
    "the order is not fixed; that of A.6 is usual", "ordningen är inte bestämd; den i A.6 är den vanliga"
)
OTHER_WIDTHS = Text("{asked}; other widths for transformer meters", "{asked}; andra bredder för transformatormätare")


def read_rows(text: str) -> list[tuple[str, str]]:
    """Return the code of each row of a telegram, less `*255`, and what stands in its brackets."""
    found = (_ROW.match(line) for line in text.splitlines())
    return [(row[1].removesuffix("*255"), row[2]) for row in found if row]


def check_rows(rows: list[tuple[str, str]]) -> Iterator[Finding]:
    """Yield which rows are missing, extra, repeated or in another order, and which have another form."""
    codes = [code for code, _ in rows]
    if missing := [code for code in ROWS if code not in codes]:
        rule = note_fault if CLOCK in missing else note_allowed
        yield rule("rows missing", ", ".join(missing), ALL_ROWS, "A.1, A.6")
    if extra := [code for code in dict.fromkeys(codes) if code not in ROWS and not IDENTITIES.fullmatch(code)]:
        yield note_allowed("rows beyond the 27", ", ".join(extra), FURTHER_ROWS, "A.1")
    if named := [code for code in codes if IDENTITIES.fullmatch(code)]:
        yield note_deviation("identity of the meter", ", ".join(named), NO_IDENTITY, "A.1")
    if twice := [code for code, number in Counter(codes).items() if number > 1]:
        yield note_deviation("rows repeated", ", ".join(twice), EACH_ONCE, "A.3")
    yield from _check_order(codes)
    yield from _check_forms(rows)


def _check_order(codes: list[str]) -> Iterator[Finding]:
    known = [code for code in dict.fromkeys(codes) if code in ROWS]
    wanted = [code for code in ROWS if code in known]
    if known != wanted:
        first = next(code for code, asked in zip(known, wanted, strict=True) if code != asked)
        seen = Text("another order from {first} on", "en annan ordning från {first}").fill(first=first)
        yield note_allowed("order of the rows", seen, USUAL_ORDER, "A.3, A.6")


def _check_forms(rows: list[tuple[str, str]]) -> Iterator[Finding]:
    """Yield other forms, each once with all the rows that have it, so that telegrams with other values are alike."""
    others: dict[tuple[str, Form, Form], list[str]] = {}
    for code, value in rows:
        asked = ROWS.get(code)
        if asked is None:
            continue
        found = _read_form(value)
        if found is None:
            yield note_fault("form of a value", f"{code}({value})", str(asked), "A.3, A.6")
        elif found != asked:
            for rule in _list_differences(found, asked):
                others.setdefault((rule, found, asked), []).append(code)
    for (rule, found, asked), codes in others.items():
        yield _tell_form(rule, ", ".join(codes), found, asked)


def _read_form(value: str) -> Form | None:
    found = _MEASURE.fullmatch(value)
    return Form(len(found[2]), len(found[3] or ""), found[4] or "") if found else None


def _list_differences(found: Form, asked: Form) -> Iterator[str]:
    if found.unit != asked.unit:
        yield "unit" if found.unit.lower() != asked.unit.lower() else "spelling of a unit"
    if found[:2] != asked[:2]:
        yield "width"


def _tell_form(rule: str, codes: str, found: Form, asked: Form) -> Finding:
    if rule == "width":
        seen = Text("{codes} as {found}", "{codes} som {found}").fill(codes=codes, found=str(found))
        return note_deviation(rule, seen, OTHER_WIDTHS.fill(asked=str(asked)), "A.1, A.6")
    unit = to_both(found.unit) if found.unit else Text("no unit", "ingen enhet")
    tell = note_fault if rule == "unit" else note_allowed
    return tell(rule, Text("{codes} in {unit}", "{codes} i {unit}").fill(codes=codes, unit=unit), asked.unit, "A.6")
