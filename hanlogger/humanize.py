"""Numbers and times as people say them."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

JITTER = 3.0  # seconds that a telegram may be on its way
KIND = 100  # characters that tell the kind of a message
NEAR = 120.0  # seconds that a clock which is off by whole hours may be wrong beside

_SPANS = ((86_400, "d"), (3600, "h"), (60, "min"))


def span(seconds: float) -> str:
    """`4 s`, `12 min`, `3 h`, `2 d`."""
    number, unit = next(((seconds // size, unit) for size, unit in _SPANS if seconds >= size), (seconds, "s"))
    return f"{number:.0f} {unit}"


def octets(number: float) -> str:
    """`512 B`, `12 kB`, `3.4 MB`."""
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit != "MB" else f"{number:.1f} MB"
        number /= 1000
    return f"{number:.2f} GB"


def grouped(value: Decimal | float, places: int = 0) -> str:
    """`12 460`, `8 975.142`: thousands apart."""
    return f"{value:,.{places}f}".replace(",", " ")


def counted(number: int, what: str) -> str:
    """`1 message`, `1 234 messages`."""
    return f"{grouped(number)} {what}{number_of(number, '', 's')}"


def telegrams(number: int) -> str:
    """`1 telegram`, `1 234 telegrams`."""
    return counted(number, "telegram")


def number_of(number: int, one: str, many: str) -> str:
    """The word that goes with the number: 1 telegram `is` there, 2 telegrams `are`."""
    return one if number == 1 else many


def are(number: int) -> str:
    """`is` of 1, else `are`."""
    return number_of(number, "is", "are")


def waiting(number: int) -> str:
    """`1 telegram waits`, `1 234 telegrams wait`."""
    return f"{telegrams(number)} {number_of(number, 'waits', 'wait')}"


def clock_offset(offset: timedelta) -> str:
    """What the meter's clock does; a whole hour is most likely a setting."""
    seconds = offset.total_seconds()
    if abs(seconds) < JITTER:
        return "clock right"
    side = "ahead" if seconds > 0 else "behind"
    hours = abs(round(seconds / 3600))
    if hours and abs(abs(seconds) - 3600 * hours) < NEAR:
        return f"clock {hours} h {side}: is the setting `clock` right?"
    return f"clock {span(abs(seconds))} {side}"


def wrong_scale(setting: str, factor: Decimal) -> str:
    """`energy 10 times too large`; the factor is what all values would have to be multiplied by."""
    times, side = (1 / factor, "large") if factor < 1 else (factor, "small")
    return f"{setting.removeprefix('scale.')} {times.normalize():f} times too {side}"


def kind(text: str) -> str:
    """What stays the same of a message whose numbers and identifiers are others each time.

    >>> kind("dropped 12 points, request 0f3a-77be") == kind("dropped 9 points, request 12c4-9a0b")
    True
    """
    return re.sub(r"\b\w*\d\w*", "", text)[:KIND]


def harmless(text: str) -> str:
    r"""What a stranger wrote, in one line: for each control, line break, bidirectional mark or lone surrogate a space.

    >>> harmless("\\x1b]0;owned\\x07\\r\\n2026-01-01 INFO forged")
    ']0;owned 2026-01-01 INFO forged'
    """
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
