"""From when to when tariffs and lines are valid, and what must not be valid at one time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from hanlogger.tariffs.model import Line, SupportLine, Validity


def build_validity(start: date | None, end: date | None, where: str = "") -> Validity:
    """Return from when to when something is valid; ValueError where that is no time. `where`: whose it is."""
    if start and end and start >= end:
        before = f"{where}: " if where else ""
        raise ValueError(f"{before}valid_to {end} is not after valid_from {start}; put a later day there")
    return Validity(start, end)


def check_names(lines: Iterable[Line]) -> None:
    """Refuse two lines of one name that are valid at one time: a bill and an invoice tell lines by their names."""
    seen: dict[str, list[Validity]] = {}
    for line in lines:
        if any(overlap(line.valid, other) for other in seen.get(line.name, ())):
            raise ValueError(f'two lines are called "{line.name}" and valid at one time; give each a name of its own')
        seen.setdefault(line.name, []).append(line.valid)


def check_schemes(lines: Iterable[SupportLine]) -> None:
    """Refuse strømstøtte beside Norgespris: the law gives a metering point one of them."""
    by_scheme: dict[str, list[Validity]] = {"stromstotte": [], "norgespris": []}
    for line in lines:
        by_scheme[line.scheme].append(line.valid)
    for one in by_scheme["stromstotte"]:
        if any(overlap(one, other) for other in by_scheme["norgespris"]):
            raise ValueError("support: Norgespris shuts strømstøtte out; take one of the two away, or date them")


def overlap(one: Validity, other: Validity) -> bool:
    """Return whether there is a day at which both are valid."""
    return not (
        (one.end and other.start and one.end <= other.start) or (other.end and one.start and other.end <= one.start)
    )
