"""Files that a command makes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import typer

from hanlogger.cli.shared.output import FULL
from hanlogger.cli.shared.terminal import tell
from hanlogger.errors import ConfigError, HanloggerError
from hanlogger.humanize import count_telegrams, inflect_be

LEFT_OUT = 1
"""Exit status where a file is written and lacks telegrams that the journal has."""


def end_if_left_out(number: int) -> None:
    """Tell how many messages a capture lacks as their records are corrupt, and end with status 1; none: do nothing."""
    if number:
        tell(f"{count_telegrams(number)} {inflect_be(number)} left out: the journal's record is corrupt")
        raise typer.Exit(LEFT_OUT)


def refuse_existing(path: Path) -> Path:
    """Return the path of a file that does not exist yet; ConfigError where it does."""
    if str(path) != "-" and (path.exists() or path.is_symlink()):
        raise ConfigError(f"{path} is there already: name another file, or remove it")
    return path


@contextmanager
def open_new_file(path: Path) -> Iterator[TextIO]:
    """Yield a text file that did not exist before, or standard output for `-`.

    ConfigError where it cannot be made, HanloggerError where the disk does not take what is written to it.
    """
    if str(path) == "-":
        if sys.stdout is None:
            raise ConfigError("standard output is closed: name a file")
        yield sys.stdout
        return
    try:
        file = refuse_existing(path).open("x", encoding="utf-8", newline="\n")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
    try:
        with file:
            yield file
    except OSError as error:
        if error.filename is not None or error.errno not in FULL:
            raise
        raise HanloggerError(f"{path} could not be written to its end: {error.strerror}") from error
