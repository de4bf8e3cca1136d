"""The sign that a thread's loop still turns, by which the service manager's watchdog is fed."""

from __future__ import annotations

import time


class Heartbeat:
    """The heartbeat of one loop. Any thread may read it."""

    def __init__(self) -> None:
        self.at = time.monotonic()
        """When the loop turned last, in seconds of the monotonic clock."""

    def beat(self) -> None:
        """Note that the loop has turned now."""
        self.at = time.monotonic()
