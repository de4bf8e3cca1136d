"""The meter of the demo port: a Swedish P1 meter of one house, the same house each time."""

from __future__ import annotations

from datetime import datetime, timedelta

from hanlogger.simulate.dialects import DIALECTS
from hanlogger.simulate.energy import Sums
from hanlogger.simulate.house import House

DIALECT = "p1-sagemcom"
SEED = 1


class DemoMeter:
    """A simulated meter that has counted since it was made. It serves one thread at a time."""

    interval = timedelta(seconds=5)
    """The time between two telegrams."""

    def __init__(self, begin: datetime, counted: Sums | None = None) -> None:
        """Let the house begin at `begin` (UTC) with the counters `counted`; None: those of some years of use."""
        self._begin = begin
        self._house = House(SEED, begin, self.interval, counted)
        self._encode = DIALECTS[DIALECT].pushes[-1].encode

    def make_telegram(self, at: datetime) -> bytes:
        """Return the P1 telegram that the meter sends at a time (UTC); before its beginning that of the beginning."""
        return self._encode(self._house.compute_state(max(self._begin, at)))  # the host's clock may be set back
