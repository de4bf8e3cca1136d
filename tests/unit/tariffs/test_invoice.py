"""An invoice beside the bill: it agrees, or the line that does not is named."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from hanlogger.errors import ConfigError
from hanlogger.tariffs.bill import Bill, make_bill
from hanlogger.tariffs.invoice import Comparison, compare, read_invoice
from tests.support.composefile import ROOT
from tests.support.tariffing import hours, tariff

RULE = tariff(
    '[[fixed]]\nname = "Fee"\nprice = 185\n'
    '[[energy]]\nname = "Transfer"\n'
    'rates = [{ name = "day", hours = "06-22", price = 0.5 }, { name = "night", price = 0.1 }]\n'
    '[[power]]\nname = "Power"\nprice = 45\n'
)
FEBRUARY = date(2027, 2, 1)
WHOLE = make_bill([RULE], hours("2027-02-01", "2027-03-01", "1", {}), {}, FEBRUARY)
AMOUNTS = {"Fee": "185.00", "Transfer: day": "224.00", "Transfer: night": "22.40", "Power": "45.00"}


def invoice(lines: dict[str, str], total: str | None = None, bill: Bill = WHOLE) -> Comparison:
    text = 'month = "2027-02"\n' + (f"total = {total}\n" if total else "")
    text += "".join(f'[[line]]\nname = "{name}"\namount = {amount}\n' for name, amount in lines.items())
    return compare(bill, read_invoice(text, "invoice.toml"))


def verdicts(found: Comparison) -> dict[str, str]:
    return {each.name: each.verdict for each in found.lines}


def test_an_invoice_of_the_same_lines_agrees() -> None:
    found = invoice(AMOUNTS, "476.40")
    assert found.agrees
    assert set(verdicts(found).values()) == {"agrees"}


@pytest.mark.parametrize(
    ("amount", "verdict"), [("45.02", "agrees"), ("44.98", "agrees"), ("45.03", "differs"), ("44.97", "differs")]
)
def test_a_line_may_differ_by_two_hundredths(amount: str, verdict: str) -> None:
    found = invoice(AMOUNTS | {"Power": amount})
    assert verdicts(found)["Power"] == verdict
    assert found.agrees == (verdict == "agrees")
    assert found.lines[-1].difference == Decimal(amount) - 45


def test_rates_may_stand_together_and_names_in_any_case() -> None:
    found = invoice({"fee": "185", "TRANSFER": "246.44", "Power": "45"})
    assert found.agrees
    assert not invoice({"Fee": "185", "Transfer": "246.45", "Power": "45"}).agrees


def test_a_line_that_only_one_has_is_named() -> None:
    found = invoice({"Fee": "185", "Transfer": "246.40", "Reminder": "60"}, "491.40")
    assert verdicts(found) == {
        "Fee": "agrees",
        "Transfer": "agrees",
        "Power": "not on the invoice",
        "Reminder": "not on the bill",
    }
    assert found.total is not None
    assert (found.total.difference, found.total.verdict) == (Decimal("15.00"), "differs")
    assert not found.agrees


def test_lines_of_one_name_on_the_invoice_are_added() -> None:
    text = 'month = "2027-02"\n' + '[[line]]\nname = "Power"\namount = 22.5\n' * 2
    assert verdicts(compare(WHOLE, read_invoice(text, "x")))["Power"] == "agrees"


def test_the_total_may_differ_by_two_hundredths_a_line() -> None:
    assert invoice(AMOUNTS, "476.48").agrees
    assert not invoice(AMOUNTS, "476.49").agrees


def test_what_is_not_known_is_not_judged() -> None:
    half = make_bill([RULE], hours("2027-02-01", "2027-02-15", "1", {}), {}, FEBRUARY)
    found = invoice({"Transfer": "246.40", "Power": "90"}, bill=half)
    assert verdicts(found) == {"Fee": "not on the invoice", "Transfer": "cannot be judged", "Power": "possible"}
    assert verdicts(invoice({"Power": "40"}, bill=half))["Power"] == "differs"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('month = "2027-03"', "the invoice is of 2027-03 and the bill of 2027-02"),
        ('month = "2027-02"\ncurrency = "NOK"', "the invoice is in NOK and the bill in SEK"),
        ('month = "2027-13"', 'month: found "2027-13"; allowed: a month such as "2026-10"'),
        ("month = 2027", 'month: found 2027; allowed: a month such as "2026-10"'),
        ('month = "2027-02"\nlines = []', "lines is no key; did you mean line?"),
        ('month = "2027-02"\n[[line]]\nname = "A"\nsum = 3', 'line "A": amount is missing'),
        ("month =", "invoice.toml: is not TOML"),
        (f"total = {'9' * 5000}", "invoice.toml: has a number of too many digits"),
    ],
)
def test_a_wrong_invoice_is_told_in_one_line(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)):
        compare(WHOLE, read_invoice(text, "invoice.toml"))


def test_the_manuals_own_invoice_is_right() -> None:
    manual = (ROOT / "docs" / "tariffs.md").read_text("utf-8")
    (text,) = re.findall(r'```toml title="invoice.toml"\n(.*?)```', manual, re.DOTALL)
    assert read_invoice(text, "invoice.toml").month == date(2026, 10, 1)
