"""The functions of every output. As on a meter's port, octets that are sent without a reader are lost."""

from __future__ import annotations

import threading
from typing import Protocol

POLL_SECONDS = 0.05  # between two looks for a reader


class Output(Protocol):
    """A port to which octets are played, and that a reader can open."""

    where: str  # the port as hanlogger's settings name it

    def wait(self, stop: threading.Event) -> bool:
        """Wait until there is a reader; return False if `stop` is set before."""

    def write(self, data: bytes, stop: threading.Event) -> int:
        """Write octets and return how many a reader was given; a slow reader is waited for, a missing one is not."""

    def close(self, stop: threading.Event) -> None:
        """Close the port after the reader has read what it was given."""
