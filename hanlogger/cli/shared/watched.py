"""Choose the journal of the logger to watch, where none is named: the demo's, while only the demo runs."""

from __future__ import annotations

import os
from dataclasses import replace

from hanlogger.config import Settings
from hanlogger.config.build import find_default_journal
from hanlogger.config.environment import PREFIX
from hanlogger.status.lookup import look_up


def with_watched_journal(chosen: Settings, named: str | None) -> Settings:
    """Return the settings with the journal of the watched logger. `named`: the command's own option --journal."""
    if named or os.environ.get(f"{PREFIX}JOURNAL"):
        return chosen
    demo = find_default_journal(os.environ, demo=True)
    runs_demo = look_up(chosen.journal).life == "gone" and look_up(demo).life != "gone"
    return replace(chosen, journal=demo, journal_origin="journal of the demo") if runs_demo else chosen
