"""Signals that stop a command."""

from __future__ import annotations

import signal
import threading
from collections.abc import Collection

STOPPING = (signal.SIGINT, signal.SIGTERM)
"""The signals of Ctrl-C and of a service manager's stop."""


def stop_on(numbers: Collection[signal.Signals] = STOPPING) -> threading.Event:
    """Return an event that any of the signals sets. Call it before other threads are started.

    A thread of its own waits for the signals: a handler would run in the main thread, at any point of its work, and
    hang for ever where the main thread holds the lock of the event.
    """
    stop = threading.Event()

    def wait() -> None:
        signal.sigwait(numbers)
        stop.set()

    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    threading.Thread(target=wait, name="signals", daemon=True).start()
    return stop
