"""Texts, numbers and times of the pages in the reader's language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from functools import cache
from importlib.resources import files
from typing import Any

from hanlogger.language import LANGUAGES, SPACE, Language, Speech

_ACCEPTED = re.compile(r"\s*([a-z]{1,8}|\*)(?:-[\w-]+)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?", re.IGNORECASE)


@cache
def load_words(language: Language) -> Mapping[str, Any]:
    """Return all texts of a language by their keys; those of a table by `table.key`."""
    found = tomllib.loads((files("hanlogger.web") / "texts" / f"{language}.toml").read_text("utf-8"))
    return {f"{table}.{key}": text for table, texts in found.items() for key, text in texts.items()}


def choose_language(wanted: str | None, accepted: str) -> Language:
    """Return the language that the address names; else, of those that the browser accepts, the one it prefers."""
    known: Mapping[str, Language] = {language: language for language in LANGUAGES}
    if wanted is not None and wanted in known:
        return known[wanted]
    matches = (_ACCEPTED.fullmatch(one) for one in accepted[:1000].split(","))
    liked = sorted(((-float(match[2] or 1), match[1].lower()) for match in matches if match), key=lambda one: one[0])
    return next((known[name] for weight, name in liked if name in known and weight), "en")


class PageSpeech(Speech):
    """One language in one zone, with the texts of the pages."""

    def __init__(self, language: Language, zone: tzinfo) -> None:
        super().__init__(language, zone)
        self._words = load_words(language)

    def __call__(self, key: str, **facts: object) -> str:
        """Return a text by its key, with the facts filled in; KeyError for an unknown key."""
        return str(self._words[key]).format(**facts)

    def span(self, seconds: float) -> str:
        """Return a span of time in its largest whole unit: `4 s`, `12 min`, `3 h`, `2 d`."""
        sizes = ((86_400, "d"), (3600, "h"), (60, "min"))
        number, unit = next(((seconds // size, unit) for size, unit in sizes if seconds >= size), (seconds, "s"))
        return f"{number:.0f}{SPACE}{self(f'unit.{unit}')}"

    def clock(self, at: datetime) -> str:
        """Return the time of the day in hours and minutes."""
        return f"{at.astimezone(self.zone):%H:%M}"

    def date_time(self, at: datetime) -> str:
        """Return day and time to the second."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"

    def day(self, day: date) -> str:
        """Return a day with its weekday: `Sunday 29 November 2026`."""
        names = (self._words["calendar.weekdays"][day.weekday()], self.month(day.month))
        return f"{names[0].capitalize()} {day.day} {names[1]} {day.year}"

    def month(self, number: int) -> str:
        """Return the name of a month, by its number from 1."""
        return str(self._words["calendar.months"][number - 1])
