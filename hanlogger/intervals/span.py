"""The energy of a meter between two times, and how well it is known."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)

Quality = Literal["measured", "bounded", "partial"]
"""measured: one quarter of an hour, or one hour, of the clock, known at both ends.
bounded: more than one of them, as there is a gap inside: only the sum over all is known, and never belongs into one of
them; its mean power is a lower bound of that of its highest hour.
partial: the piece of a count before its first border, or after its last: less than a whole quarter where nothing is
missing, so that it is a lower bound of each interval that it reaches into.
"""


class Span(NamedTuple):
    """The energy of one meter from `start` up to `end`, as the difference of its registers at both.

    Spans of one direction never overlap. Both ends of a measured or bounded span are borders: full quarters of an hour.
    """

    start: datetime  # UTC
    end: datetime  # UTC
    imported: Decimal | None  # Wh; None: nothing is said about this direction
    exported: Decimal | None  # Wh
    quality: Quality
