"""A finding: where a telegram differs from the recommendation."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """How much a difference matters, the worst first."""

    FAULT = "fault"  # against what is asked; programs that rely on it fail
    DEVIATION = "deviation"  # not as asked; programs should cope with it
    ALLOWED = "allowed"  # differs, and the recommendation leaves it to the grid company


class Finding(NamedTuple):
    """What was seen, what is asked, and the section of docs/protocol.md that asks it."""

    rule: str
    level: Level
    seen: str
    asked: str
    cited: str
    telegrams: int = 1  # in which it was seen


def note_fault(rule: str, seen: str, asked: str, cited: str) -> Finding:
    """Return a finding against what is asked."""
    return Finding(rule, Level.FAULT, seen, asked, cited)


def note_deviation(rule: str, seen: str, asked: str, cited: str) -> Finding:
    """Return a finding that programs should cope with."""
    return Finding(rule, Level.DEVIATION, seen, asked, cited)


def note_allowed(rule: str, seen: str, asked: str, cited: str) -> Finding:
    """Return a finding that the recommendation allows."""
    return Finding(rule, Level.ALLOWED, seen, asked, cited)
