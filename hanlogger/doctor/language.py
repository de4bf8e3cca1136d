"""The files of the texts of the findings, one a language."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from hanlogger.language import Language


class Text(NamedTuple):
    """The text of a finding: what was seen, what that most likely means, and the steps to take."""

    saw: str
    means: str = ""
    do: tuple[str, ...] = ()


@cache
def load_texts(language: Language) -> dict[str, Any]:
    """Return all texts of a language by the key of the finding: a table of `saw`, `means` and `do` for each."""
    return tomllib.loads((files("hanlogger.doctor") / "texts" / f"{language}.toml").read_text("utf-8"))
