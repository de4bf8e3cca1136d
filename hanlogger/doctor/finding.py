"""A finding: what a check reports, with its level and the facts for its text."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """How serious a finding is. The examination ends at the first finding that is WRONG."""

    WELL = "well"
    NOTE = "note"
    SKIPPED = "skipped"
    WARNING = "warning"
    WRONG = "wrong"

    @property
    def healthy(self) -> bool:
        """Whether the user has nothing to do about a finding of this level."""
        return self not in (Level.WARNING, Level.WRONG)


class Finding(NamedTuple):
    """What a check has found. Its text stands in `texts/` under its key and is filled in with the facts."""

    key: str
    level: Level
    about: str = ""  # the name of the meter or the database, if it is about one
    facts: Mapping[str, object] = {}


def note_well(key: str, about: str = "", /, **facts: object) -> Finding:
    """Return a finding that all is well, about which there is nothing to do."""
    return Finding(key, Level.WELL, about, facts)


def note(key: str, about: str = "", /, **facts: object) -> Finding:
    """Return a finding that is good to know and asks for nothing."""
    return Finding(key, Level.NOTE, about, facts)


def note_skipped(key: str, about: str = "", /, **facts: object) -> Finding:
    """Return a finding that says what was not examined, and why."""
    return Finding(key, Level.SKIPPED, about, facts)


def note_warning(key: str, about: str = "", /, **facts: object) -> Finding:
    """Return a finding that asks for an action but lets the examination go on."""
    return Finding(key, Level.WARNING, about, facts)


def note_wrong(key: str, about: str = "", /, **facts: object) -> Finding:
    """Return a finding that must be put right first: nothing behind it can work, so the examination ends here."""
    return Finding(key, Level.WRONG, about, facts)
