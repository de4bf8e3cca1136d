"""The language of a command that writes for people: the one that is asked for, else that of the locale."""

from __future__ import annotations

import os
from typing import Annotated, Literal

import typer

from hanlogger.doctor.language import Language, choose_language

Code = Literal["en", "sv"]
Lang = Annotated[
    Code | None, typer.Option("--lang", "--language", metavar="en|sv", help="The language; else that of the locale.")
]


def choose_code(wanted: Code | None) -> Code:
    """Return the code of the language that is wanted, or of the locale's."""
    return wanted or ("sv" if choose_language(os.environ) is Language.SWEDISH else "en")
