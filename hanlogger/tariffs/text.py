"""Texts in two languages, and the numbers in them: prices as they stand in the file, results to six places."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

Language = Literal["en", "sv"]
PLACES = 6  # digits after the point at most


class Text(NamedTuple):
    """A text in English and in Swedish."""

    en: str
    sv: str

    def fill(self, **values: Text | str | int | Fraction | Decimal | date) -> Text:
        """Return the text with values in the place of their names, each in its language."""
        english = {name: _say(value, "en") for name, value in values.items()}
        swedish = {name: _say(value, "sv") for name, value in values.items()}
        return Text(self.en.format(**english), self.sv.format(**swedish))

    def to(self, language: Language) -> str:
        """Return the text in a language."""
        return self.en if language == "en" else self.sv


def _say(value: Text | str | int | Fraction | Decimal | date, language: Language) -> str:
    if isinstance(value, Text):
        return value.to(language)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, Fraction | Decimal):
        text = f"{value:f}" if isinstance(value, Decimal) else format_number(value)
        return text.replace(".", ",") if language == "sv" else text
    return str(value)


def join(texts: Iterable[Text], last: Text | None = None, between: str = ", ") -> Text:
    """Return texts as a list. `last`: the word before the last one, such as `and`."""
    every = list(texts)
    if len(every) < 2 or last is None:
        return Text(between.join(text.en for text in every), between.join(text.sv for text in every))
    head = join(every[:-1], between=between)
    return Text(f"{head.en} {last.en} {every[-1].en}", f"{head.sv} {last.sv} {every[-1].sv}")


def same(text: str) -> Text:
    """Return a text that is the same in both languages: a name, a number."""
    return Text(text, text)


def format_number(value: Fraction | Decimal, places: int = PLACES) -> str:
    """Return a number with a decimal point, without zeros at its end, rounded to so many places."""
    text = f"{round_to(Fraction(value), places):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def round_to(value: Fraction, places: int) -> Decimal:
    """Return a number rounded to so many places; what lies in the middle goes away from zero, as on a bill."""
    scaled = abs(value) * 10**places
    whole = int(scaled) + (scaled - int(scaled) >= Fraction(1, 2))
    rounded = Decimal(whole).scaleb(-places)
    return -rounded if value < 0 and whole else rounded
