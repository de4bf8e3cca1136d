"""In which language people are told."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple


class Language(StrEnum):
    """Of the texts."""

    ENGLISH = "en"
    SWEDISH = "sv"


class Text(NamedTuple):
    """What is told about a finding."""

    saw: str
    means: str = ""
    do: tuple[str, ...] = ()


@cache
def table(language: Language) -> dict[str, Any]:
    """Its texts by key: saw, means, do."""
    return tomllib.loads((files("hanlogger.doctor") / "texts" / f"{language}.toml").read_text("utf-8"))


def language_of(environ: Mapping[str, str]) -> Language:
    """Of the locale (POSIX, 8.2): the first of these variables that is not empty says it."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environ[name] for name in names if environ.get(name)), "")
    return Language.SWEDISH if locale.lower().startswith("sv") else Language.ENGLISH
