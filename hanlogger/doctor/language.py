"""The languages of the findings, and the files of their texts."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple


class Language(StrEnum):
    """A language in which findings can be told."""

    ENGLISH = "en"
    SWEDISH = "sv"


class Text(NamedTuple):
    """The text of a finding: what was seen, what that most likely means, and the steps to take."""

    saw: str
    means: str = ""
    do: tuple[str, ...] = ()


@cache
def load_texts(language: Language) -> dict[str, Any]:
    """Return all texts of a language by the key of the finding: a table of `saw`, `means` and `do` for each."""
    return tomllib.loads((files("hanlogger.doctor") / "texts" / f"{language}.toml").read_text("utf-8"))


def choose_language(environ: Mapping[str, str]) -> Language:
    """Return the language of the locale: of LC_ALL, LC_MESSAGES and LANG the first that is set (POSIX, 8.2)."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environ[name] for name in names if environ.get(name)), "")
    return Language.SWEDISH if locale.lower().startswith("sv") else Language.ENGLISH
