"""The language of a command that writes for people: the one that is asked for, else that of the locale."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from hanlogger.language import Language, choose_language

Lang = Annotated[
    Language | None,
    typer.Option("--lang", "--language", metavar="en|sv", help="The language; else that of the locale."),
]


def get_language(wanted: Language | None) -> Language:
    """Return the language that is wanted, or the locale's."""
    return wanted or choose_language(os.environ)
