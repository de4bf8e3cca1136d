"""Loops of the program in the process of the tests: they look around more often, so that none waits long for a stop."""

from __future__ import annotations

import pytest

from hanlogger.aggregate import loop
from hanlogger.collect import collector

SOON = 0.05  # seconds


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "POLL", SOON)
    monkeypatch.setattr(loop, "TICK_SECONDS", SOON)
