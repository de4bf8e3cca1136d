"""The journal that a command works with, and the meter in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from hanlogger.config import Settings
from hanlogger.errors import ConfigError
from hanlogger.journal import Journal, check_location, is_there

MeterName = Annotated[
    str | None, typer.Option("--meter", metavar="NAME", help="The meter; needed where there are several.")
]


def prepare_journal(chosen: Settings) -> Path:
    """Return the journal's path, and make its folder; ConfigError where no journal can be kept there."""
    try:
        check_location(chosen.journal)
    except OSError as error:
        raise ConfigError(
            f"{chosen.journal_origin}: found {chosen.journal}, where no journal can be kept ({error.strerror}); "
            "allowed: the path of a file that hanlogger may write, in a folder that it may write to"
        ) from error
    return chosen.journal


def require_journal(journal: Path) -> Path:
    """Return the path of a journal, or of what is left of one; ConfigError where there is none."""
    if journal.is_dir() or not is_there(journal):
        found = f"{journal} is a folder" if journal.is_dir() else f"there is no journal {journal}"
        raise ConfigError(f"{found}: name the one of your logger by --journal or --config")
    return journal


@contextmanager
def open_existing(path: Path, *, write: bool = False) -> Iterator[Journal]:
    """Yield a journal that a running logger may have open too; ConfigError where there is none."""
    with Journal.open(require_journal(path), read_only=not write, exclusive=False) as journal:
        yield journal


def choose_meter(journal: Journal, wanted: str | None) -> str:
    """Return the wanted meter, or the only one of the journal; ConfigError for an unknown meter, or several."""
    return _choose(journal, journal.records.list_meters(), wanted)


def choose_metered(journal: Journal, wanted: str | None) -> str:
    """Return the wanted meter, or the only one, of those that the journal has intervals of; ConfigError otherwise."""
    return _choose(journal, journal.intervals.list_meters(), wanted)


def _choose(journal: Journal, names: list[str], wanted: str | None) -> str:
    known = ", ".join(names) or "none"
    if wanted is None and len(names) != 1:
        raise ConfigError(f"the journal {journal.path} has {len(names)} meters ({known}): choose one by --meter")
    if wanted is not None and wanted not in names:
        raise ConfigError(f"--meter {wanted}: the journal {journal.path} has nothing of it; it has: {known}")
    return wanted or names[0]
