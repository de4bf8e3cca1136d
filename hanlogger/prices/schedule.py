"""Which days are due, by the clock of the area alone: tomorrow from 13:00 on, and when a missing one is late."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hanlogger.prices.source import ONE_DAY, PriceSource

PUBLISHED = timedelta(hours=13)
"""By the area's clock: the market publishes the prices of the next day at about this time."""

LATE = timedelta(hours=16)
"""When the prices of the next day should be there, so that it is told if they are not."""


def list_days_of_now(source: PriceSource, now: datetime, jitter: timedelta) -> list[date]:
    """Return today, and tomorrow too where its prices may be there; jitter: how much later than others this asks."""
    today = source.tell_day(now)
    due = source.fixed is not None or _compute_time_of_day(source, now) >= PUBLISHED + jitter
    return [today, today + ONE_DAY] if due else [today]


def is_late(source: PriceSource, day: date, now: datetime) -> bool:
    """Return whether the prices of a day should be published by now."""
    today = source.tell_day(now)
    return day <= today or (day == today + ONE_DAY and _compute_time_of_day(source, now) >= LATE)


def has_begun(source: PriceSource, day: date, now: datetime) -> bool:
    """Return whether a day has begun: prices that are read after that are final."""
    return source.tell_day(now) >= day


def _compute_time_of_day(source: PriceSource, now: datetime) -> timedelta:
    """Return the time of day that a clock on the wall shows, as publication follows it also when the clock changes."""
    told = source.clock.tell(now)
    return timedelta(hours=told.hour, minutes=told.minute, seconds=told.second)
