"""Describe what each meter of a logger has counted today."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from hanlogger.archive.recent import Recent, describe_so_far
from hanlogger.cli.shared.journals import open_existing
from hanlogger.cli.shared.meters import collect_keys
from hanlogger.config import Settings
from hanlogger.errors import ConfigError, JournalUnavailable
from hanlogger.status.state import State


def read_today(chosen: Settings, found: State, now: datetime) -> Mapping[str, str]:
    """Return what each meter has counted today, in words, by its name; empty where the journal cannot be read now."""
    try:
        with open_existing(chosen.journal) as journal:
            recent = Recent(journal, collect_keys(chosen))
            today = {meter.name: recent.measure_today(meter.name, now) for meter in found.meters}
    except (ConfigError, JournalUnavailable):
        return {}
    return {name: describe_so_far(energy) for name, energy in today.items() if energy}
