"""A simulated house, and the octets that its meter sends.

    simulate_telegrams(seed: int, start: datetime, dialect: str = "p1-sagemcom", *, every: timedelta | None = None,
                       changes: Sequence[Change] = ()) -> Iterator[tuple[datetime, bytes]]

`simulate_telegrams` is an endless iterator over the messages in order: the time at which each is sent (UTC, from
`start` on), and its octets. `dialect` is a key of DIALECTS; `every` replaces the meter's own interval; `changes` are
faults of the meter (simulate/faults.py). The same arguments give the same octets. No function here reads a clock: the
caller waits until the times given.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from hanlogger.simulate.demo import DemoMeter
from hanlogger.simulate.dialects import DIALECTS, Dialect, Line, Push
from hanlogger.simulate.energy import Sums
from hanlogger.simulate.house import FIVE_MINUTES, House, HouseState

__all__ = [
    "DIALECTS",
    "Change",
    "DemoMeter",
    "Dialect",
    "House",
    "HouseState",
    "Line",
    "Push",
    "Sums",
    "simulate_telegrams",
]

Change = Callable[[HouseState], HouseState]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def simulate_telegrams(
    seed: int,
    start: datetime,
    dialect: str = "p1-sagemcom",
    *,
    every: timedelta | None = None,
    changes: Sequence[Change] = (),
) -> Iterator[tuple[datetime, bytes]]:
    """Yield the time and octets of each message of a house, without end; KeyError if `dialect` is not in DIALECTS."""
    pushes = DIALECTS[dialect].pushes
    if every is not None:
        pushes = (pushes[-1]._replace(every=every),)
    house = House(seed, start, _step(pushes))
    for time, push in _schedule(start, pushes):
        state = house.compute_state(time)
        for change in changes:
            state = change(state)
        yield time, push.encode(state)


def _step(pushes: Sequence[Push]) -> timedelta:
    """Return the step of the house: the shortest interval of the meter, or the part of it that divides five minutes."""
    return math.gcd(min(push.every for push in pushes) // _MILLISECOND, FIVE_MINUTES) * _MILLISECOND


def _schedule(start: datetime, pushes: Sequence[Push]) -> Iterator[tuple[datetime, Push]]:
    """Yield the time of each message and which message it is, from `start` on."""
    intervals = [(push.every // _MILLISECOND, push.late // _MILLISECOND) for push in pushes]
    tick = math.gcd(*(number for interval in intervals for number in interval))
    now = -(-((start - _EPOCH) // _MILLISECOND) // tick) * tick
    while True:
        due = (push for push, (every, late) in zip(pushes, intervals, strict=True) if (now - late) % every == 0)
        if push := next(due, None):
            yield _EPOCH + now * _MILLISECOND, push
        now += tick
