"""Standard input, and texts and progress bars for the person at the terminal, on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

import typer

from hanlogger.errors import ConfigError


def open_standard_input() -> BinaryIO:
    """Return standard input, as octets; ConfigError where it is closed."""
    if sys.stdin is None:
        raise ConfigError("standard input is closed: name a file")
    return sys.stdin.buffer


def tell(words: str) -> None:
    """Print a line on standard error, so that standard output has results only."""
    typer.echo(words, err=True)


Progress = Callable[[float], None]
"""A function that is called with how much has been done so far."""


@contextmanager
def show_progress(title: str, total: float | None) -> Iterator[Progress]:
    """Yield a function that shows progress on a terminal; `total` None: how much there is to do is unknown."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console  # noqa: PLC0415 only where it is seen
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.update(task, completed=done)
