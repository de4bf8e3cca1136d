"""A bill as a table for people, CSV, JSON or a page."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from html import escape
from typing import Any, Literal

from hanlogger.humanize import format_number
from hanlogger.language import Language, Text, to_both
from hanlogger.tariffs import said
from hanlogger.tariffs.bill import Bill
from hanlogger.tariffs.bill_lines import BillLine
from hanlogger.tariffs.energy import Known
from hanlogger.tariffs.invoice import Comparison, Difference, Verdict

Form = Literal["table", "csv", "json", "html"]

HEAD = Text("{meter}, {month}, {currency} with VAT", "{meter}, {month}, {currency} med moms")
SO_FAR = Text("so far, up to {until} UTC", "hittills, till {until} UTC")
TOTAL = Text("Total", "Summa")
MISSING = Text("no energy is known from {start} to {end} UTC", "ingen energi är känd från {start} till {end} UTC")
UNITS = {
    "kWh": to_both("kWh"),
    "kW": to_both("kW"),
    "month": Text("month", "månad"),
    "day": Text("d", "dygn"),
}
INVOICE = Text("Invoice: {name}: {verdict}{by}", "Faktura: {name}: {verdict}{by}")
VERDICTS: dict[Verdict, Text] = {
    "agrees": Text("agrees", "stämmer"),
    "differs": Text("differs", "avviker"),
    "possible": Text("is possible, as the bill says at least", "är möjlig, då räkningen säger minst"),
    "cannot be judged": Text("cannot be judged", "kan inte bedömas"),
    "not on the invoice": Text("is not on the invoice", "finns inte på fakturan"),
    "not on the bill": Text("is not on the bill", "finns inte på räkningen"),
}
BY = Text(" (bill {ours}, invoice {theirs}, {difference})", " (räkning {ours}, faktura {theirs}, {difference})")
SHOWN = 3  # places of quantities
PRICE_PLACES = 5


def _make_table(meter: str, bill: Bill, comparison: Comparison | None, language: Language) -> str:
    rows = [
        (line.name, _format_calculation(line, language), _format_amount(line.quality, line.known, language))
        for line in bill.lines
    ]
    rows.append((TOTAL.to(language), "", _format_amount(bill.quality, bill.known, language)))
    names, middles = (max(len(row[column]) for row in rows) for column in (0, 1))
    lines = [_format_title(meter, bill, language)]
    hows = [*(line.how.to(language) for line in bill.lines), ""]
    for (name, middle, amount), how in zip(rows, hows, strict=True):
        lines.append(f"{name:{names}}  {middle:>{middles}}  {amount:>10}")
        lines += [f"    {how}"] if how else []
    return "\n".join([*lines, *_list_notes(bill, comparison, language)]) + "\n"


def _format_title(meter: str, bill: Bill, language: Language) -> str:
    title = HEAD.fill(meter=meter, month=f"{bill.month:%Y-%m}", currency=bill.currency).to(language)
    return f"{title}, {SO_FAR.fill(until=bill.until).to(language)}" if bill.until else title


def _format_calculation(line: BillLine, language: Language) -> str:
    """Return quantity and price: `712.4 kWh × 0.25`."""
    if line.quantity is None:
        return ""
    quantity = f"{_format_number(line.quantity, SHOWN, language)} {UNITS[line.unit].to(language)}"
    return quantity if line.price is None else f"{quantity} × {_format_number(line.price, PRICE_PLACES, language)}"


def _format_number(value: Fraction, places: int, language: Language) -> str:
    text = format_number(value, places)
    return text.replace(".", ",") if language == "sv" else text


def _format_amount(quality: Known, known: Decimal, language: Language) -> str:
    return said.describe_amount(quality, known).to(language)


def _list_notes(bill: Bill, comparison: Comparison | None, language: Language) -> Iterator[str]:
    for start, end in bill.missing:
        yield MISSING.fill(start=start, end=end).to(language)
    for note in bill.notes:
        yield note.to(language)
    if comparison:
        for each in (*comparison.lines, *([comparison.total] if comparison.total else [])):
            yield _describe_verdict(each, language)


def _describe_verdict(each: Difference, language: Language) -> str:
    by = to_both("")
    if each.verdict != "agrees" and each.ours is not None and each.theirs is not None:
        by = BY.fill(ours=each.ours, theirs=each.theirs, difference=f"{each.difference:+}")
    return INVOICE.fill(name=each.name, verdict=VERDICTS[each.verdict], by=by).to(language)


COLUMNS = ("line", "quantity", "unit", "price", "amount", "quality", "how")


def _make_row(line: BillLine, language: Language) -> tuple[str, ...]:
    quantity = "" if line.quantity is None else format_number(line.quantity)
    price = "" if line.price is None else format_number(line.price)
    amount = "" if line.amount is None else str(line.amount)
    return (line.name, quantity, line.unit, price, amount, line.quality, line.how.to(language))


def _make_csv(meter: str, bill: Bill, comparison: Comparison | None, language: Language) -> str:  # noqa: ARG001
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_make_row(line, language) for line in bill.lines)
    writer.writerow(("total", "", "", "", "" if bill.total is None else bill.total, bill.quality, ""))
    return text.getvalue()


def _make_json(meter: str, bill: Bill, comparison: Comparison | None, language: Language) -> str:
    lines = [
        dict(zip(COLUMNS, _make_row(line, language), strict=True)) | {"known": str(line.known)} for line in bill.lines
    ]
    tree: dict[str, Any] = {
        "meter": meter,
        "month": f"{bill.month:%Y-%m}",
        "currency": bill.currency,
        "until": bill.until and bill.until.isoformat(),
        "lines": lines,
        "total": None if bill.total is None else str(bill.total),
        "known": str(bill.known),
        "quality": bill.quality,
        "missing": [[start.isoformat(), end.isoformat()] for start, end in bill.missing],
        "notes": [note.to(language) for note in bill.notes],
    }
    if comparison:
        every = [*comparison.lines, *([comparison.total] if comparison.total else [])]
        tree["agrees"] = comparison.agrees
        tree["invoice"] = [
            {
                "name": each.name,
                "bill": _format_value(each.ours),
                "invoice": _format_value(each.theirs),
                "verdict": each.verdict,
            }
            for each in every
        ]
    return json.dumps(tree, ensure_ascii=False, indent=2) + "\n"


def _format_value(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


PAGE = """<!doctype html>
<html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body {{ font-family: sans-serif; margin: 2em }} td {{ padding: .3em .8em; vertical-align: top }}
tr {{ border-bottom: 1px solid #ccc }} table {{ border-collapse: collapse }} .n {{ text-align: right }}</style>
<h1>{title}</h1>
<table>{rows}</table>
{notes}
</html>
"""


def _make_html(meter: str, bill: Bill, comparison: Comparison | None, language: Language) -> str:
    rows = [
        (
            line.name,
            _format_calculation(line, language),
            _format_amount(line.quality, line.known, language),
            line.how.to(language),
        )
        for line in bill.lines
    ]
    rows.append((TOTAL.to(language), "", _format_amount(bill.quality, bill.known, language), ""))
    cells = ["<td>{}</td><td class=n>{}</td><td class=n>{}</td><td>{}</td>".format(*map(escape, row)) for row in rows]
    return PAGE.format(
        language=language,
        title=escape(_format_title(meter, bill, language)),
        rows="".join(f"\n<tr>{each}</tr>" for each in cells),
        notes="\n".join(f"<p>{escape(note)}</p>" for note in _list_notes(bill, comparison, language)),
    )


Writer = Callable[[str, Bill, Comparison | None, Language], str]

FORMS: dict[Form, Writer] = {"table": _make_table, "csv": _make_csv, "json": _make_json, "html": _make_html}
"""By format: the text of a meter's bill, up to where it is known, and an invoice beside it, in a language."""
