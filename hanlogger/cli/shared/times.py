"""The options --from and --to, and other times on the command line."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, tzinfo
from typing import Annotated

import typer

from hanlogger.config import units
from hanlogger.errors import ConfigError
from hanlogger.tariffs.fields import read_month

From = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="Received from then on: 2026-01-31, 2026-01-31T12:00, 7d (ago)."),
]
To = Annotated[str | None, typer.Option("--to", metavar="TIME", help="Received before then.")]

_AGO = re.compile(r"\d+(?:\.\d+)?\s*[a-z]+")


def to_time_range(
    start: str | None, end: str | None, zone: tzinfo | None = None
) -> tuple[datetime | None, datetime | None]:
    """Return the times of --from and --to in UTC; ConfigError for what is no time, or an empty range.

    zone: as in `to_time`.
    """
    times = tuple(
        None if text is None else to_time(text, option, zone) for text, option in ((start, "--from"), (end, "--to"))
    )
    if times[0] and times[1] and times[0] >= times[1]:
        raise ConfigError(f"--from {start} is not before --to {end}")
    return times[0], times[1]


def to_time(text: str, option: str, zone: tzinfo | None = None) -> datetime:
    """Return a time in UTC of a text: local time without an offset, `7d` is so long ago; ConfigError.

    zone: whose local time is meant; None: that of this computer.
    """
    try:
        if _AGO.fullmatch(text):
            return datetime.now(UTC) - units.to_duration(text)
        time = datetime.fromisoformat(text)
        return (time.replace(tzinfo=zone) if time.tzinfo is None else time).astimezone(UTC)
    except (ValueError, OverflowError):
        allowed = "2026-01-31, 2026-01-31T12:00 (local time), 2026-01-31T12:00Z, or so long ago: 7d, 12h, 30min"
        raise ConfigError(f"{option} {text}: found no time; allowed: {allowed}") from None


def to_month(text: str, also: str = "") -> date:
    """Return the first day of a month of a text such as 2026-10; ConfigError. also: what else may be given."""
    try:
        return read_month(text)
    except ValueError as error:
        raise ConfigError(f'found "{text}"; allowed: {error}{also}') from None
