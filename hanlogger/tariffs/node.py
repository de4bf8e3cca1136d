"""An object of a foreign tariff with its place, which reports what differs from its form and refuses what has none."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, NoReturn

from hanlogger.humanize import clean_text, shorten

DAY = re.compile(r"\d{4}-\d\d-\d\d")
NUMBER = re.compile(r"-?\d+(\.\d+)?")


class Form(NamedTuple):
    """The fields that an object must have, and those that it may have."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()


def make_form(required: str, optional: str = "") -> Form:
    """Return a form of the names of fields, with spaces between them."""
    return Form(frozenset(required.split()), frozenset(optional.split()))


@dataclass(frozen=True)
class Node:
    """An object, and where it stands. `report` is one list for the whole tariff, to which every object adds."""

    fields: Mapping[str, Any]
    place: str = ""
    report: list[str] = field(default_factory=list)

    def tell(self, words: str) -> None:
        """Report that something differs from the specification, at this place."""
        text = f"{self.place}: {words}" if self.place else words
        if text not in self.report:
            self.report.append(text)

    def make_error(self, words: str) -> ValueError:
        """Return the error, with this place, that what stands here has no one meaning."""
        return ValueError(f"{self.place}: {words}" if self.place else words)

    def refuse(self, words: str) -> NoReturn:
        """Raise ValueError, with this place, as what stands here has no one meaning."""
        raise self.make_error(words)

    def check(self, form: Form, *, known: frozenset[str] = frozenset()) -> None:
        """Report fields that are missing, null or unknown. `known`: those that are told of elsewhere."""
        for name in sorted(form.required - known):
            if name not in self.fields:
                self.tell(f"{name} is missing")
        for name, value in self.fields.items():
            if name in known:
                continue
            if name not in form.required | form.optional:
                value_too = "" if value is None else f": {show(value)}"
                self.tell(f"{clean_text(name)} is no field of the specification{value_too}")
            elif value is None:
                self.tell(f"{name} is null")

    def get(self, name: str) -> Any:
        """Return a field; None where it is absent or null."""
        return self.fields.get(name)

    def get_text(self, name: str) -> str:
        """Return a field that is a text, in one line that is safe for a terminal; "" where it is absent."""
        value = self.get(name)
        if value is not None and not isinstance(value, str):
            self.refuse(f"{name}: found {show(value)}; allowed: a text")
        return clean_text(value or "")

    def get_number(self, name: str) -> Decimal | None:
        """Return a field that is a number; a text that is one is reported."""
        value = self.get(name)
        if isinstance(value, str) and NUMBER.fullmatch(value):
            self.tell(f'{name}: "{value}" is a text in the place of a number')
            value = Decimal(value)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | Decimal)):
            self.refuse(f"{name}: found {show(value)}; allowed: a number")
        return None if value is None else Decimal(value)

    def get_day(self, name: str) -> date | None:
        """Return a field that is a day; None where it is absent."""
        text = self.get_text(name)
        if not text:
            return None
        if not DAY.fullmatch(text):
            self.refuse(f"{name}: found {show(text)}; allowed: a day such as 2027-01-01")
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise self.make_error(f"{name}: {show(text)} is no day of the calendar") from None

    def get_child(self, name: str) -> Node | None:
        """Return the object in a field; None where it is absent."""
        value = self.get(name)
        if value is not None and not isinstance(value, Mapping):
            self.refuse(f"{name}: found {show(value)}; allowed: an object")
        return None if value is None else Node(value, self._name_place(name), self.report)

    def get_children(self, name: str) -> list[Node]:
        """Return the objects of a list in a field, none where it is absent."""
        return list(self._make_each(name, self.get_list(name)))

    def get_list(self, name: str) -> list[Any]:
        """Return the list in a field, an empty one where it is absent."""
        value = self.get(name)
        if value is not None and not isinstance(value, list):
            self.refuse(f"{name}: found {show(value)}; allowed: a list")
        return value or []

    def _make_each(self, name: str, items: list[Any]) -> Iterator[Node]:
        for number, item in enumerate(items, 1):
            if not isinstance(item, Mapping):
                self.refuse(f"{name} {number}: found {show(item)}; allowed: an object")
            called = item.get("name") or item.get("reference") or item.get("navn")
            yield Node(
                item, self._name_place(f"{name} {show(str(called))}" if called else f"{name} {number}"), self.report
            )

    def _name_place(self, name: str) -> str:
        return f"{self.place}: {name}" if self.place else name


def show(value: Any) -> str:
    """Return a value for a text: in quotes where it is one, and not too long."""
    text = f'"{value}"' if isinstance(value, str) else _write_value(value)
    return shorten(clean_text(text))


def _write_value(value: Any) -> str:
    """Return a value as text, lists and objects in part: what a YAML of a few lines holds could fill the memory."""
    return reprlib.repr(value) if isinstance(value, list | dict) else str(value)
