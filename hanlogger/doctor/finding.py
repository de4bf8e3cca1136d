"""What a check says."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """How bad it is. The walk ends at the first that is wrong."""

    WELL = "well"
    NOTE = "note"
    SKIPPED = "skipped"
    WARNING = "warning"
    WRONG = "wrong"

    @property
    def healthy(self) -> bool:
        """Whether there is nothing to do."""
        return self not in (Level.WARNING, Level.WRONG)


class Finding(NamedTuple):
    """One of them; its words are in the texts, under its key."""

    key: str
    level: Level
    about: str = ""  # a meter, a database
    facts: Mapping[str, object] = {}


def well(key: str, about: str = "", /, **facts: object) -> Finding:
    """Nothing to do."""
    return Finding(key, Level.WELL, about, facts)


def note(key: str, about: str = "", /, **facts: object) -> Finding:
    """Good to know."""
    return Finding(key, Level.NOTE, about, facts)


def skipped(key: str, about: str = "", /, **facts: object) -> Finding:
    """Not looked at, and why."""
    return Finding(key, Level.SKIPPED, about, facts)


def warning(key: str, about: str = "", /, **facts: object) -> Finding:
    """Something to do, and the rest can be looked at all the same."""
    return Finding(key, Level.WARNING, about, facts)


def wrong(key: str, about: str = "", /, **facts: object) -> Finding:
    """To be mended first: what comes behind it cannot work."""
    return Finding(key, Level.WRONG, about, facts)
