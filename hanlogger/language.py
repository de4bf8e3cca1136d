"""The two languages that hanlogger speaks: texts in both, and numbers and times in one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple, get_args

from hanlogger.humanize import format_number, group_digits

Language = Literal["en", "sv"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


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


def to_both(text: str) -> Text:
    """Return a text that is the same in both languages: a name, a number."""
    return Text(text, text)


def choose_language(environ: Mapping[str, str]) -> Language:
    """Return the language of the locale: of LC_ALL, LC_MESSAGES and LANG the first that is set (POSIX, 8.2)."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environ[name] for name in names if environ.get(name)), "")
    return "sv" if locale.lower().startswith("sv") else "en"


class Speech:
    """One language in one zone: it says numbers with their units, and times. Pages add texts of their own."""

    def __init__(self, language: Language, zone: tzinfo) -> None:
        self.language, self.zone = language, zone

    def number(self, value: Decimal | float, places: int = 0) -> str:
        """Return a number with groups of three digits, and the language's decimal sign."""
        text = group_digits(-value if value < 0 else value, places)
        negative = value < 0 and any(sign in "123456789" for sign in text)
        if self.language == "sv":
            text = text.replace(".", ",")
        return (MINUS if negative else "") + text.replace(" ", SPACE)

    def amount(self, value: Decimal | float | None, unit: str, places: int = 0) -> str:
        """Return a number with its unit, a dash for none."""
        return "–" if value is None else f"{self.number(value, places)}{SPACE}{unit}"

    def energy(self, watt_hours: Decimal | float | None, places: int = 2) -> str:
        """Return an energy in kWh."""
        return self.amount(None if watt_hours is None else watt_hours / 1000, "kWh", places)

    def minute(self, at: datetime) -> str:
        """Return day and time of an instant, to the minute."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}"
