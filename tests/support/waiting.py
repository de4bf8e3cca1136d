"""Wait for a condition with a deadline: no test sleeps for a guessed time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 180.0
"""Seconds until a test that waits gives up. Where nothing is wrong no test comes near it, however busy the machine."""


def until(condition: Callable[[], T], what: str = "", patience: float = PATIENCE) -> T:
    """Return the first truthy answer of `condition`; raise AssertionError naming `what` after `patience` seconds.

    Asking takes a fifth of the time that is waited: the processor is for what is waited for.
    """
    asked = time.monotonic()
    deadline = asked + patience
    while not (answer := condition()):
        now = time.monotonic()
        assert now < deadline, f"not within {patience:g} s: {what or condition}"
        time.sleep(min(max(0.01, 4 * (now - asked)), 0.2))
        asked = time.monotonic()
    return answer
