"""How the logger that runs with a journal stands, as another process sees it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from hanlogger.journal import holder
from hanlogger.status import state
from hanlogger.status.state import State

Life = Literal["runs", "mute", "gone"]
"""It tells how it stands · it lives and does not: it hangs, or its disk takes nothing · there is none."""


class LoggerStatus(NamedTuple):
    """What is known of it."""

    life: Life
    told: State | None  # the last that it said

    @property
    def running(self) -> State | None:
        """What it said a second ago; None: there is none, or it does not tell."""
        return self.told if self.life == "runs" else None


def look_up(journal: Path) -> LoggerStatus:
    """The journal's lock tells at once who runs; where it cannot be asked, the age of the state does."""
    told = state.read_state(state.state_path(journal))
    fresh = told is not None and told.running(datetime.now(UTC))
    try:
        process = holder(journal)
    except OSError:
        return LoggerStatus("runs" if fresh else "gone", told)
    ours = process is not None and told is not None and process in ("", str(told.pid))
    if told is not None and not ours:
        return LoggerStatus("gone", told)  # killed; another command may have the journal now
    return LoggerStatus("runs" if fresh else "gone" if process is None else "mute", told)
