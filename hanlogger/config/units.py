"""Read numbers that people write with a unit, and names. Each function raises ValueError for any other text."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from decimal import Decimal

from hanlogger.model import METER_NAME

SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
OCTETS = {"kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}

_MEASURE = re.compile(r"\s*(\d{1,12}(?:\.\d{1,6})?)\s*([A-Za-z]+)\s*")


def to_duration(text: object) -> timedelta:
    """Return the span of time of a text such as `90d`, `12 h`, `30min`, `45s` or `2w`."""
    try:
        return timedelta(seconds=float(_read_measured(text, SECONDS)))
    except OverflowError:
        raise ValueError("longer than any time") from None


def to_size(text: object) -> int:
    """Return the octets of a text such as `2 GB`, `500MB` or `1.5GiB`."""
    return int(_read_measured(text, OCTETS))


def _read_measured(text: object, units: dict[str, int]) -> Decimal:
    match = _MEASURE.fullmatch(text) if isinstance(text, str) else None
    factor = units.get(match[2].lower()) if match else None
    if match is None or factor is None or not Decimal(match[1]):
        raise ValueError("not a number above 0 with its unit")
    return Decimal(match[1]) * factor


def to_list(given: object) -> object:
    """Return a list of what is given, where that is a single text."""
    return [given] if isinstance(given, str) else given


def check_name(text: object) -> str:
    """Return a name that may stand in a tag, a regular expression and a file name: `[A-Za-z0-9_-]+`."""
    if not isinstance(text, str) or not METER_NAME.fullmatch(text):
        raise ValueError("not a name")
    return text


def make_slug(text: str) -> str:
    """Return the allowed name that is nearest to a text: `Farfars-hus` for `Farfars hus`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_-]+", "-", plain).strip("-")
