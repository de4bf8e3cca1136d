"""The lines that go in a request, each with the record that it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Line(NamedTuple):
    """A line of line protocol, its line feed included, and the id of its record."""

    record_id: int
    data: bytes


Lines = Sequence[Line]


def join(lines: Lines) -> bytes:
    """Return the body of a request."""
    return b"".join([line.data for line in lines])
