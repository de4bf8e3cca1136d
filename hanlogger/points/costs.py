"""Make points of costs: of energy by quarter of an hour, of months, of their peaks, of the running hour.

Sums are in the tariff's currency with value added tax; below zero is money that is paid to the customer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from hanlogger.model import Meter, Point
from hanlogger.points.series import make_meter_tags

Fields = Mapping[str, Decimal | str | None]
"""By name; None: unknown, which gives no field, and never 0."""


def make_cost_point(
    meter: Meter, line: str, direction: str, quality: str, start: datetime, known: Decimal, unpriced: Decimal
) -> Point:
    """Return the point of what a line of a tariff charges for the spans of one quality that begin in one quarter.

    start: its beginning. known: what is known of it. unpriced: Wh among them of which no price is known.
    """
    tags = {"line": line, "direction": direction, "quality": quality}
    return _make("cost", meter, tags, {"known": known, "unpriced": unpriced}, start)


def make_month_point(meter: Meter, line: str, month: datetime, fields: Fields) -> Point:
    """Return the point of one line of a month's bill; month: its beginning."""
    return _make("cost_month", meter, {"line": line}, fields, month)


def make_peak_point(meter: Meter, line: str, component: str, rank: int, month: datetime, fields: Fields) -> Point:
    """Return the point of one of a month's peaks; rank: 1 for the greatest. component: "" for a fee's only one."""
    tags = {"line": line, "rank": str(rank), **({"component": component} if component else {})}
    return _make("power_peak", meter, tags, fields, month)


def make_running_point(meter: str, line: str, at: datetime, fields: Fields) -> Point:
    """Return the point of the hour or quarter that runs, as a fee for power sees it."""
    return _make("running_hour", Meter(meter), {"line": line}, fields, at)


def _make(measurement: str, meter: Meter, tags: Mapping[str, str], fields: Fields, time: datetime) -> Point:
    known = tuple((name, value) for name, value in sorted(fields.items()) if value is not None)
    return Point(measurement, tuple(sorted({**dict(make_meter_tags(meter)), **tags}.items())), known, time)
