"""Compare energy with power over time."""

from __future__ import annotations

import math
import statistics
from collections import deque
from datetime import datetime, timedelta
from decimal import Decimal

from hanlogger.plausibility.doubt import Doubt

LONGEST_GAP = timedelta(seconds=90)  # between two powers; after a longer one the energy used is not known
SPAN = timedelta(minutes=10)
ENOUGH = 200.0  # Wh by power in a span, in which a counter in steps of 10 Wh is exact to 5 %


class Energy:
    """Compares, for one direction, the power between two steps of the counter with what the counter says.

    A span begins and ends where the counter steps, so that one that steps once an hour is compared just as exactly.
    """

    def __init__(self) -> None:
        self._power: tuple[datetime, float] | None = None  # the last
        self._used = 0.0  # Wh in this span
        self._start: tuple[datetime, float] | None = None  # of this span: time, counter
        self._counter: float | None = None  # the last
        self._factors: deque[float] = deque(maxlen=12)
        self._jump: Doubt | None = None

    def feed(self, at: datetime, power: float | None, counter: float | None) -> None:
        """Take power in W and the counter in Wh, each where the message has it; `at`: the time of both."""
        if power is not None:
            self._sum_up(at, power)
        if counter is not None and counter != self._counter:
            if self._counter is not None:
                self._step(at, self._counter, counter)
            self._counter = counter

    def _sum_up(self, at: datetime, power: float) -> None:
        before, self._power = self._power, (at, power)
        if before is None or not timedelta() <= at - before[0] <= LONGEST_GAP:
            self._start = None
        else:
            self._used += (power + before[1]) / 2 * ((at - before[0]) / timedelta(hours=1))

    def _step(self, at: datetime, before: float, counter: float) -> None:
        if _is_jump(before, counter):
            self._jump = Doubt("scale.energy", _round(before / counter), 1)
        if self._start is None or counter < before or self._jump:
            self._start, self._used = (at, counter), 0.0
        elif at - self._start[0] >= SPAN and self._used >= ENOUGH:
            self._factors.append(self._used / (counter - self._start[1]))
            self._start, self._used = (at, counter), 0.0

    @property
    def compared(self) -> bool:
        """Whether there are two comparisons or more."""
        return len(self._factors) > 1

    @property
    def doubt(self) -> Doubt | None:
        """The scale that is probably wrong: two comparisons or more within a tenth of each other, and far from 1."""
        if self._jump or not self.compared:
            return self._jump
        middle = statistics.median(self._factors)
        near = sum(abs(factor / middle - 1) < 0.1 for factor in self._factors)
        if near < 0.8 * len(self._factors) or 0.75 < middle < 1.33:
            return None
        return Doubt("scale.energy", _round(middle), near)


def _is_jump(before: float, counter: float) -> bool:
    """Return whether the counter became ten times larger or smaller: a grid company can change a meter's decimals."""
    return before > 1000 and any(abs(counter / before / factor - 1) < 0.01 for factor in (0.1, 10))


def _round(factor: float) -> Decimal:
    """Return the power of ten that is near, else the factor in two digits."""
    decade = Decimal(1).scaleb(round(math.log10(factor)))
    return decade if abs(factor / float(decade) - 1) < 0.15 else Decimal(f"{factor:.2g}")
