"""A finding: where a telegram differs from the recommendation."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from hanlogger.language import Text, to_both


class Level(StrEnum):
    """How much a difference matters, the worst first."""

    FAULT = "fault"  # against what is asked; programs that rely on it fail
    DEVIATION = "deviation"  # not as asked; programs should cope with it
    ALLOWED = "allowed"  # differs, and the recommendation leaves it to the grid company


class Finding(NamedTuple):
    """What was seen, what is asked, and the section of docs/protocol.md that asks it. `rule`: its key in `RULES`."""

    rule: str
    level: Level
    seen: Text
    asked: Text
    cited: str
    telegrams: int = 1  # in which it was seen


def note_fault(rule: str, seen: Text | str, asked: Text | str, cited: str) -> Finding:
    """Return a finding against what is asked."""
    return Finding(rule, Level.FAULT, _to_text(seen), _to_text(asked), cited)


def note_deviation(rule: str, seen: Text | str, asked: Text | str, cited: str) -> Finding:
    """Return a finding that programs should cope with."""
    return Finding(rule, Level.DEVIATION, _to_text(seen), _to_text(asked), cited)


def note_allowed(rule: str, seen: Text | str, asked: Text | str, cited: str) -> Finding:
    """Return a finding that the recommendation allows."""
    return Finding(rule, Level.ALLOWED, _to_text(seen), _to_text(asked), cited)


def _to_text(words: Text | str) -> Text:
    """Return what is the same in both languages, a code or a number, as a text in both."""
    return words if isinstance(words, Text) else to_both(words)
