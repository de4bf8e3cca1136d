"""Looking up, from another process, whether a logger runs with a journal and what it reports."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from hanlogger.journal import get_holder
from hanlogger.status import state_file
from hanlogger.status.state import State

Life = Literal["runs", "mute", "gone"]
"""runs: it reports; mute: it holds the journal and reports nothing (it hangs, or its disk is full); gone: none runs."""


class LoggerStatus(NamedTuple):
    """Whether a logger runs, and the last state that it reported."""

    life: Life
    told: State | None  # the last state, also that of a logger that is gone

    @property
    def running(self) -> State | None:
        """The state of a logger that runs; None where none runs, or it reports nothing."""
        return self.told if self.life == "runs" else None


def look_up(journal: Path) -> LoggerStatus:
    """Return the status of a journal's logger: by the lock, else by the age of the state."""
    told = state_file.read_state(state_file.find_state_path(journal))
    fresh = told is not None and told.is_fresh(datetime.now(UTC))
    try:
        process = get_holder(journal)
    except OSError:
        return LoggerStatus("runs" if fresh else "gone", told)
    ours = process is not None and told is not None and process in ("", str(told.pid))
    if told is not None and not ours:
        return LoggerStatus("gone", told)  # killed; another command may have the journal now
    return LoggerStatus("runs" if fresh else "gone" if process is None else "mute", told)
