"""Which of the configured databases a command is about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hanlogger.config import Settings
from hanlogger.errors import ConfigError
from hanlogger.influxdb import Destination
from hanlogger.status.lookup import look_up


def choose_destinations(chosen: Settings, names: Sequence[str] | None) -> list[Destination]:
    """Return the databases with these names, all where there are none; ConfigError for one that is not configured."""
    to = [one for one in chosen.destinations if not names or one.name in names]
    missing = set(names or ()) - {one.name for one in to}
    if not chosen.destinations:
        raise ConfigError("no database is configured: set HANLOGGER_INFLUXDB_URL, or [influxdb] in hanlogger.toml")
    if missing:
        known = ", ".join(one.name for one in chosen.destinations)
        raise ConfigError(f"--destination {', '.join(sorted(missing))}: found no such database; configured: {known}")
    return to


def choose_takers(to: Sequence[Destination], names: Sequence[str]) -> list[Destination]:
    """Return the databases that take one of these meters; ConfigError where none does."""
    takers = [one for one in to if one.takes_all or any(map(one.takes, names))]
    if names and not takers:
        raise ConfigError(
            f"no database takes {', '.join(names)}: "
            + "; ".join(f"{one.name} takes {', '.join(one.meters)} only" for one in to)
        )
    return takers or list(to)


def refuse_unserved(journal: Path, to: Sequence[Destination]) -> None:
    """Raise ConfigError where the logger that runs does not deliver to a destination: it was configured later."""
    running = look_up(journal).running
    served = {(one.name, one.url) for one in running.destinations} if running else set()
    missing = [one.name for one in to if running and (one.name, one.url) not in served]
    if missing:
        raise ConfigError(
            f"the logger that runs with this journal does not deliver to {', '.join(missing)}: "
            "restart it, so that it reads the settings, and then give the command again"
        )
