"""Devices that come and go: for each that is lost the broker publishes the last words that it left, such as `offline`.

Often that is a poor network. It is also what two devices with one client id look like: each throws the other out.
"""

from __future__ import annotations

from collections import deque

LOST = frozenset({b"offline", b"disconnected", b"lost"})
"""Last words of devices, in small letters: what amsreader, ESPHome and Tasmota leave, and kin."""

MANY = 5  # losses
WITHIN = 600.0  # seconds
MOST = 1000  # names that are watched


class FlapWatch:
    """How often devices are lost. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._lost: dict[str, deque[float]] = {}

    def note(self, name: str, words: bytes, now: float) -> bool:
        """Note the state that a device, or the broker for it, publishes; return whether it was lost MANY times lately.

        Each loss counts for one such answer.
        """
        if words.strip().lower() not in LOST or (name not in self._lost and len(self._lost) >= MOST):
            return False
        times = self._lost.setdefault(name, deque(maxlen=MANY))
        times.append(now)
        if len(times) < MANY or now - times[0] > WITHIN:
            return False
        times.clear()
        return True
