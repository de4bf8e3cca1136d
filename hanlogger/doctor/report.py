"""Findings in words, and as JSON."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hanlogger.doctor.finding import Finding, Level
from hanlogger.doctor.language import Language, Text, table
from hanlogger.humanize import printable

MARKS = {Level.WELL: "✓", Level.NOTE: "·", Level.SKIPPED: "-", Level.WARNING: "!", Level.WRONG: "✗"}


def text(language: Language, key: str, facts: Mapping[str, object]) -> Text:
    """The words for a finding."""
    told, values = table(language)[key], {**table(language)["common"], **_on_one_line(facts)}
    steps = tuple(_filled(step, values) for step in told.get("do", ()))
    return Text(_filled(told["saw"], values), _filled(told.get("means", ""), values), steps)


def words(language: Language, key: str, facts: Mapping[str, object] | None = None) -> str:
    """What stands around the findings."""
    return _filled(table(language)["words"][key], _on_one_line(facts or {}))


def _on_one_line(facts: Mapping[str, object]) -> dict[str, str]:
    return {key: printable(str(fact)) for key, fact in facts.items()}


class _Filler(string.Formatter):
    """Fills in values, and the word that goes with a number: `{n} {n:octet|octets}`."""

    def format_field(self, value: object, spec: str) -> str:
        """The value itself, or one of the two words."""
        one, bar, many = spec.partition("|")
        return str(value) if not bar else one if value == "1" else many


def _filled(template: str, values: Mapping[str, str]) -> str:
    """A value is never taken for a template, wherever it comes from."""
    return _Filler().vformat(template, (), values)


def in_words(finding: Finding, language: Language) -> Iterator[str]:
    """Lines; of what is well one."""
    told = text(language, finding.key, finding.facts)
    about = f"{finding.about}: " if finding.about else ""
    yield f"{MARKS[finding.level]} {about}{told.saw}"
    if told.means:
        yield f"  {words(language, 'means')}: {told.means}"
    if told.do:
        yield f"  {words(language, 'do')}:"
        yield from (f"    {number}. {step}" for number, step in enumerate(told.do, 1))


def conclusion(findings: Iterable[Finding], language: Language) -> str:
    """The last line."""
    levels = {finding.level for finding in findings}
    key = "ill" if Level.WRONG in levels else "warned" if Level.WARNING in levels else "healthy"
    return words(language, key)


def as_json(findings: Iterable[Finding], language: Language) -> dict[str, Any]:
    """For programs: keys and facts stay, words may change."""
    found = list(findings)
    return {
        "healthy": all(finding.level.healthy for finding in found),
        "findings": [_plain(finding, language) for finding in found],
    }


def _plain(finding: Finding, language: Language) -> dict[str, Any]:
    told = text(language, finding.key, finding.facts)
    facts = {key: fact if isinstance(fact, int | float) else str(fact) for key, fact in finding.facts.items()}
    return {
        "key": finding.key,
        "level": finding.level.value,
        "about": finding.about,
        "facts": facts,
        "saw": told.saw,
        "means": told.means,
        "do": list(told.do),
    }
