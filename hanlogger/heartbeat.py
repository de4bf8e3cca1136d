"""That a loop turns: what the watchdog of the service is fed by."""

from __future__ import annotations

import time


class Pulse:
    """Of one loop. May be read by any thread."""

    def __init__(self) -> None:
        self.at = time.monotonic()
        """When the loop turned last."""

    def beat(self) -> None:
        """It turns."""
        self.at = time.monotonic()
