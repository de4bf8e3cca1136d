"""The lines that go in a request, each piece with the record that it comes from.

The lines of a record stay one piece of octets, as they were made, until a line of it must stand alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Line(NamedTuple):
    """A line of line protocol, its line feed included, or several of one record, with its id."""

    record_id: int
    data: bytes
    number: int = 1


Lines = Sequence[Line]


def join(lines: Lines) -> bytes:
    """Return the body of a request."""
    return b"".join([line.data for line in lines])


def count(lines: Lines) -> int:
    """Return how many lines there are."""
    return sum([line.number for line in lines])


def take(lines: Lines, most: int) -> tuple[Lines, Lines]:
    """Return the first lines, as many as there are and at most so many, and the rest."""
    taken = 0
    for index, line in enumerate(lines):
        if taken + line.number > most:
            single = separate(lines[index : index + 1])
            cut = most - taken
            return [*lines[:index], *single[:cut]], [*single[cut:], *lines[index + 1 :]]
        taken += line.number
    return lines, ()


def separate(lines: Lines) -> list[Line]:
    """Return the lines one by one, each alone with the id of its record."""
    return [
        Line(piece.record_id, data)
        for piece in lines
        for data in ([piece.data] if piece.number == 1 else piece.data.splitlines(keepends=True))
    ]
