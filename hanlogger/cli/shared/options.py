"""Options that several commands have, and the settings that follow from them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from hanlogger.cli.shared.demo import with_demo_meter
from hanlogger.config import Settings, load


def limit_to(limit: int) -> Callable[[float | None], float | None]:
    """Return a check of an option's number, which unlike typer's `max` takes no room in the help."""

    def check(value: float | None) -> float | None:
        if value is not None and value > limit:
            raise typer.BadParameter(f"allowed is at most {limit}")
        return value

    return check


LONGEST = limit_to(1_000_000_000)
"""Seconds: thirty years."""

DAY = limit_to(86_400)
"""Seconds."""

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="The settings; else HANLOGGER_CONFIG, else the usual places."),
]
JournalFile = Annotated[
    str | None,
    typer.Option("--journal", metavar="FILE", help="Where every telegram is kept."),
]


def read_settings(config: Path | None, *, reads_ports: bool = True, **options: str | None) -> Settings:
    """Return the settings in force, over which the given options win; ConfigError.

    `reads_ports`: False for a command that works from the journal.
    """
    given = {name: value for name, value in options.items() if value is not None}
    loaded = load(config, os.environ, reads_ports=reads_ports, **given)
    return replace(loaded, ports=tuple(map(with_demo_meter, loaded.ports)))
