"""Texts for people in two languages. A board is built with both; `translate` keeps one of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hanlogger.language import Language, Text
from hanlogger.model import Obis
from hanlogger.points.catalogue import look_up


def translate(tree: Any, lang: Language) -> Any:
    """Return a tree of dicts and lists with every Text in it replaced by its text in `lang`."""
    if isinstance(tree, Text):
        return tree.to(lang)
    if isinstance(tree, dict):
        return {key: translate(value, lang) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [translate(value, lang) for value in tree]
    return tree


def name_codes(codes: Iterable[str]) -> dict[str, Any]:
    """Return Grafana's mapping of OBIS codes to their names in the catalogue; codes that are not there are left out."""
    known = {code: entry for code in codes if (entry := look_up(Obis.parse(code)))}
    return {
        "type": "value",
        "options": {
            code: {"text": Text(f"{entry.english} ({code})", f"{entry.swedish} ({code})"), "index": i}
            for i, (code, entry) in enumerate(known.items())
        },
    }


def describe(text: Text, *codes: str) -> Text:
    """Return a description with its OBIS codes added, each with its name in the catalogue."""
    if not codes:
        return text
    registers = [(code, look_up(Obis.parse(code))) for code in codes]
    english = ", ".join(f"{code} {known.english}" for code, known in registers if known)
    swedish = ", ".join(f"{code} {known.swedish}" for code, known in registers if known)
    return Text(f"{text.en}\n\nOBIS: {english}.", f"{text.sv}\n\nOBIS: {swedish}.")
