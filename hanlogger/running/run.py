"""Run a logger, from the first telegram to the exit status: `hanlogger run`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from hanlogger.config import Settings
from hanlogger.errors import JournalUnavailable
from hanlogger.humanize import count_telegrams, inflect, inflect_be
from hanlogger.journal import Journal
from hanlogger.running.logger import Running
from hanlogger.running.notify import Notifier, summarise
from hanlogger.status.state import State

TICK = 0.1  # seconds between two looks whether all is done
SECOND = 1.0  # between two states

DONE, REFUSED, NOT_DELIVERED = 0, 1, 3
"""Exit statuses: all delivered, or stopped; something refused, undecoded or not read to its end; timed out."""


def run(settings: Settings, stop: threading.Event, show: Callable[[State], None], timeout: float | None = None) -> int:
    """Record and deliver until `stop` is set, or all ports have ended and all is delivered; return the exit status.

    `show` is called with the state each second; `timeout`: seconds that ports which end, and their delivery, may take.
    JournalLocked where another logger has the journal; JournalUnavailable where something that was read is not in it.
    """
    with Running(settings, stop) as running:
        status = _run_until_done(running, stop, show, timeout)
    if running.lost:
        lost = running.lost
        words = f"has ended; {count_telegrams(lost)} {inflect_be(lost)} lost: {settings.journal} did not take"
        raise JournalUnavailable(f"{words} {inflect(lost, 'it', 'them')}")
    return status


def _run_until_done(
    running: Running, stop: threading.Event, show: Callable[[State], None], timeout: float | None
) -> int:
    notifier = Notifier()
    started = time.monotonic()
    reported = -SECOND
    listed, words = _find_newest_listed(running.journal), ""
    while not stop.is_set():
        if time.monotonic() - reported >= SECOND:
            reported = time.monotonic()
            if state := running.report():
                show(state)
                words = summarise(state)
            notifier.report(words, running.last_heartbeat)
        status = _find_status(running, listed, late=timeout is not None and time.monotonic() - started > timeout)
        if status is not None and not stop.is_set():  # in this order: a stop ends the reading of files too
            break
        running.check()
        stop.wait(TICK if running.ends else SECOND)
    else:
        status = DONE
    notifier.report_stopping()
    return status


def _find_status(running: Running, listed: set[tuple[str, int]], *, late: bool) -> int | None:
    """Return the exit status when all ports have ended, None before. `listed`: what was listed at the start."""
    if running.all_read and running.all_delivered:
        return REFUSED if running.cut_short or _find_newest_listed(running.journal) - listed else DONE
    return NOT_DELIVERED if late else None


def _find_newest_listed(journal: Journal) -> set[tuple[str, int]]:
    """Return the newest entries of the lists of refused lines and undecoded frames."""
    refused = {("refused", entry.id) for entry in journal.refused.list_newest()}
    return refused | {("undecoded", entry.record_id) for entry in journal.undecoded.list_newest()}
