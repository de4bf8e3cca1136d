"""Findings as text for people, and as JSON for programs."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hanlogger.doctor.finding import Finding, Level
from hanlogger.doctor.language import Text, load_texts
from hanlogger.humanize import clean_text
from hanlogger.language import Language

MARKS = {Level.WELL: "✓", Level.NOTE: "·", Level.SKIPPED: "-", Level.WARNING: "!", Level.WRONG: "✗"}


def get_text(language: Language, key: str, facts: Mapping[str, object]) -> Text:
    """Return the text of a finding by its key, with the facts filled in."""
    told, values = load_texts(language)[key], {**load_texts(language)["common"], **_on_one_line(facts)}
    steps = tuple(_fill_in(step, values) for step in told.get("do", ()))
    return Text(_fill_in(told["saw"], values), _fill_in(told.get("means", ""), values), steps)


def get_phrase(language: Language, key: str, facts: Mapping[str, object] | None = None) -> str:
    """Return a heading, a message of progress or a conclusion by its key, with the facts filled in."""
    return _fill_in(load_texts(language)["words"][key], _on_one_line(facts or {}))


def _on_one_line(facts: Mapping[str, object]) -> dict[str, str]:
    return {key: clean_text(str(fact)) for key, fact in facts.items()}


class _Filler(string.Formatter):
    """A formatter that fills in values, and the word that goes with a number: `{n} {n:octet|octets}`."""

    def format_field(self, value: object, spec: str) -> str:
        """Return the value, or for a `spec` of two words the first if the value is 1, else the second."""
        one, bar, many = spec.partition("|")
        return str(value) if not bar else one if value == "1" else many


def _fill_in(template: str, values: Mapping[str, str]) -> str:
    """Return the template with the values filled in; braces within a value stay as they are."""
    return _Filler().vformat(template, (), values)


def as_lines(finding: Finding, language: Language) -> Iterator[str]:
    """Yield the lines of text for a finding: its mark and what was seen, then what it means and what to do, if any."""
    told = get_text(language, finding.key, finding.facts)
    about = f"{finding.about}: " if finding.about else ""
    yield f"{MARKS[finding.level]} {about}{told.saw}"
    if told.means:
        yield f"  {get_phrase(language, 'means')}: {told.means}"
    if told.do:
        yield f"  {get_phrase(language, 'do')}:"
        yield from (f"    {number}. {step}" for number, step in enumerate(told.do, 1))


def choose_conclusion(findings: Iterable[Finding], language: Language) -> str:
    """Return the last line of the report, by the worst level among the findings."""
    levels = {finding.level for finding in findings}
    key = "ill" if Level.WRONG in levels else "warned" if Level.WARNING in levels else "healthy"
    return get_phrase(language, key)


def as_json(findings: Iterable[Finding], language: Language) -> dict[str, Any]:
    """Return the findings for `--json`. Keys, levels and facts are stable; the texts may change between versions."""
    found = list(findings)
    return {
        "healthy": all(finding.level.healthy for finding in found),
        "findings": [_strip_markup(finding, language) for finding in found],
    }


def _strip_markup(finding: Finding, language: Language) -> dict[str, Any]:
    told = get_text(language, finding.key, finding.facts)
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
