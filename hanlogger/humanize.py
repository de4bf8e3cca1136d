"""Texts for people: numbers with their units, plurals, spans of time, and texts from strangers made printable."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

JITTER = 3.0  # seconds: a telegram may be under way that long, so a smaller offset says nothing about a clock
PATTERN_LENGTH = 100  # characters: enough to tell one pattern from another
SHOWN = 120  # characters of a value in an error
NEAR = 120.0  # seconds that a clock may be off beside whole hours and still be taken for off by whole hours

PLACES = 6  # digits after the point at most

_SPANS = ((86_400, "d"), (3600, "h"), (60, "min"))


def format_span(seconds: float) -> str:
    """Format a span of time in its largest whole unit: `4 s`, `12 min`, `3 h`, `2 d`."""
    number, unit = next(((seconds // size, unit) for size, unit in _SPANS if seconds >= size), (seconds, "s"))
    return f"{number:.0f} {unit}"


def format_utc(time: datetime) -> str:
    """Format an aware time in UTC to the millisecond, for programs too: `2026-01-01T00:00:10.000Z`."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def format_octets(number: float) -> str:
    """Format a number of octets in powers of 1000: `512 B`, `12 kB`, `3.4 MB`."""
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit != "MB" else f"{number:.1f} MB"
        number /= 1000
    return f"{number:.2f} GB"


def group_digits(value: Decimal | float, places: int = 0) -> str:
    """Format a number with a space between thousands: `12 460`, `8 975.142`. `places`: digits after the point."""
    return f"{value:,.{places}f}".replace(",", " ")


def format_number(value: Fraction | Decimal, places: int = PLACES) -> str:
    """Return a number with a decimal point, without zeros at its end, rounded to so many places."""
    text = f"{round_to(Fraction(value), places):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def round_to(value: Fraction, places: int) -> Decimal:
    """Return a number rounded to so many places; what lies in the middle goes away from zero, as on a bill."""
    scaled = abs(value) * 10**places
    whole = int(scaled) + (scaled - int(scaled) >= Fraction(1, 2))
    rounded = Decimal(whole).scaleb(-places)
    return -rounded if value < 0 and whole else rounded


def format_count(number: int, what: str) -> str:
    """Format a number with its noun, which takes an s for the plural: `1 message`, `1 234 messages`."""
    return f"{group_digits(number)} {what}{inflect(number, '', 's')}"


def count_telegrams(number: int) -> str:
    """Format a number of telegrams: `1 telegram`, `1 234 telegrams`."""
    return format_count(number, "telegram")


def inflect(number: int, one: str, many: str) -> str:
    """Return the word that goes with the number: `one` with 1, else `many`."""
    return one if number == 1 else many


def inflect_be(number: int) -> str:
    """Return `is` for 1, else `are`."""
    return inflect(number, "is", "are")


def describe_waiting(number: int) -> str:
    """Format how many telegrams wait: `1 telegram waits`, `1 234 telegrams wait`."""
    return f"{count_telegrams(number)} {inflect(number, 'waits', 'wait')}"


def describe_clock_offset(offset: timedelta) -> str:
    """Say how far the meter's clock is from the host's; an offset of whole hours is most likely a wrong setting."""
    seconds = offset.total_seconds()
    if abs(seconds) < JITTER:
        return "clock right"
    side = "ahead" if seconds > 0 else "behind"
    hours = abs(round(seconds / 3600))
    if hours and abs(abs(seconds) - 3600 * hours) < NEAR:
        return f"clock {hours} h {side}: is the setting `clock` right?"
    return f"clock {format_span(abs(seconds))} {side}"


def describe_scale(setting: str, factor: Decimal) -> str:
    """Say what is wrong with a scale: `energy 10 times too large`. `factor`: what would put all values right."""
    times, side = (1 / factor, "large") if factor < 1 else (factor, "small")
    return f"{setting.removeprefix('scale.')} {times.normalize():f} times too {side}"


def extract_pattern(text: str) -> str:
    """Return what stays the same of a server's message whose numbers and identifiers are others each time.

    >>> extract_pattern("dropped 12 points, request 0f3a") == extract_pattern("dropped 9 points, request 12c4")
    True
    """
    return re.sub(r"\b\w*\d\w*", "", text)[:PATTERN_LENGTH]


def clean_text(text: str) -> str:
    r"""Return a text from outside as one line that a terminal can show without harm.

    A space stands for each control character, line break, bidirectional mark or lone surrogate.

    >>> clean_text("\x1b]0;owned\x07\r\n2026-01-01 INFO forged")
    ']0;owned 2026-01-01 INFO forged'
    """
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def shorten(text: str) -> str:
    """Return a text as an error shows it: without its end where that would fill the screen."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
