"""Signals that stop a command."""

from __future__ import annotations

import signal
import threading
from collections.abc import Collection

STOPPING = (signal.SIGINT, signal.SIGTERM)
"""Ctrl-C, and a service manager's stop."""


def stopped_by(numbers: Collection[signal.Signals] = STOPPING) -> threading.Event:
    """An event that any of the signals sets. To be called before other threads are started.

    They are waited for by a thread of its own: a handler would run in the main thread, in the middle of whatever that
    does, and hang for ever where that is just holding the lock of the event.
    """
    stop = threading.Event()

    def wait() -> None:
        signal.sigwait(numbers)
        stop.set()

    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    threading.Thread(target=wait, name="signals", daemon=True).start()
    return stop
