"""Where octets are played to. As on a meter's port, nobody is waited for and what nobody listens to is lost."""

from __future__ import annotations

import threading
from typing import Protocol

GLANCE = 0.05  # seconds between two looks for a listener


class Output(Protocol):
    """Something that can be listened to."""

    where: str  # as a port of hanlogger

    def wait(self, stop: threading.Event) -> bool:
        """Until somebody listens; False when stopped before."""

    def write(self, data: bytes, stop: threading.Event) -> int:
        """How many of the octets a listener was given: a slow one is waited for, none at all is not."""

    def close(self, stop: threading.Event) -> None:
        """When what was given has been read."""
