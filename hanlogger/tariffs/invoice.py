"""A company's invoice against the bill: does it agree, and if not, by how much and in which line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from hanlogger.errors import ConfigError
from hanlogger.tariffs import fields
from hanlogger.tariffs.bill import Bill
from hanlogger.tariffs.bill_lines import BillLine, find_worst
from hanlogger.tariffs.energy import Known
from hanlogger.tariffs.explain import explain
from hanlogger.tariffs.schema import Number, Table, Text
from hanlogger.toml import read_toml

TOLERANCE = Decimal("0.02")
"""By how much a line may differ: companies round the quantity and the price too, before they multiply."""

Verdict = Literal["agrees", "differs", "possible", "cannot be judged", "not on the invoice", "not on the bill"]
"""possible: the bill says "at least", and the invoice is not below · cannot be judged: energy or a price is missing."""


class InvoiceLine(Table):
    """A line of an invoice: its name in the tariff's file, and the sum with tax, below zero where it is paid out."""

    name: Text
    amount: Number


class Invoice(Table):
    """An invoice of a month, as its owner writes it down."""

    month: Annotated[date, BeforeValidator(fields.read_month)]
    currency: str | None = None
    total: Number | None = None
    line: tuple[InvoiceLine, ...] = Field(default=())


@dataclass(frozen=True)
class Difference:
    """A line of the bill, or of its total, beside that of the invoice."""

    name: str
    ours: Decimal | None  # what is known of it
    theirs: Decimal | None
    verdict: Verdict

    @property
    def difference(self) -> Decimal | None:
        """By how much the invoice is higher; None where one of the two is missing."""
        return None if self.ours is None or self.theirs is None else self.theirs - self.ours


@dataclass(frozen=True)
class Comparison:
    """An invoice beside a bill: line by line in the bill's order, then what only the invoice has, and the total."""

    lines: tuple[Difference, ...]
    total: Difference | None  # None: the invoice states none

    @property
    def agrees(self) -> bool:
        """Whether every line that both have, and the total, agree, and neither has one of its own."""
        every = (*self.lines, *((self.total,) if self.total else ()))
        return all(each.verdict == "agrees" for each in every)


def read_invoice(text: str, file: str) -> Invoice:
    """Return the invoice of a file's text (docs/tariffs.md). ConfigError, in one line, where it is wrong."""
    tree: dict[str, Any] = {}
    try:
        tree = read_toml(text)
        return Invoice.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(f"{file}: {explain(error, tree, Invoice)}") from None
    except ValueError as error:
        raise ConfigError(f"{file}: {error}") from None


def compare(bill: Bill, invoice: Invoice) -> Comparison:
    """Return an invoice beside the bill of its month; ConfigError where it is of another month or currency.

    A line of the invoice is found by the name of a line of the bill, with its rate or without: then all its rates.
    """
    if invoice.month != bill.month:
        raise ConfigError(
            f"the invoice is of {invoice.month:%Y-%m} and the bill of {bill.month:%Y-%m}; ask for that one"
        )
    if invoice.currency not in (None, bill.currency):
        raise ConfigError(f"the invoice is in {invoice.currency} and the bill in {bill.currency}")
    theirs = _sum_names(invoice)
    total = None
    if invoice.total is not None:
        verdict = _judge(bill.known, invoice.total, bill.quality, len(bill.lines))
        total = Difference("total", bill.known, invoice.total, verdict)
    return Comparison(tuple(_compare_lines(bill, theirs)), total)


def _sum_names(invoice: Invoice) -> dict[str, Decimal]:
    """Return the sum of all lines of each name."""
    found: dict[str, Decimal] = {}
    for line in invoice.line:
        found[line.name] = found.get(line.name, Decimal(0)) + line.amount
    return found


def _compare_lines(bill: Bill, theirs: Mapping[str, Decimal]) -> Iterator[Difference]:
    groups: dict[str, list[BillLine]] = {}
    for line in bill.lines:
        named = _find(line.name, theirs) or _find(line.line, theirs)
        groups.setdefault(named or line.name, []).append(line)
    for name, lines in groups.items():
        ours = sum((line.known for line in lines), Decimal(0))
        if name in theirs:
            quality = find_worst(line.quality for line in lines)
            yield Difference(name, ours, theirs[name], _judge(ours, theirs[name], quality, len(lines)))
        else:
            yield Difference(name, ours, None, "not on the invoice")
    for name, amount in theirs.items():
        if name not in groups:
            yield Difference(name, None, amount, "not on the bill")


def _find(name: str, theirs: Mapping[str, Decimal]) -> str | None:
    """Return the name on the invoice that is a name on the bill, whatever the case of its letters."""
    return next((each for each in theirs if each.strip().casefold() == name.casefold()), None)


def _judge(ours: Decimal, theirs: Decimal, quality: Known, lines: int) -> Verdict:
    """Return whether two sums agree, of which ours is of so many rounded lines."""
    tolerance = TOLERANCE * max(lines, 1)
    if quality in ("incomplete", "unknown"):
        return "cannot be judged"
    if quality == "at least" and theirs > ours + tolerance:
        return "possible"
    return "agrees" if abs(theirs - ours) <= tolerance else "differs"
