"""Times of receipt that follow each other without a gap: where many records ask for the same few times."""

from __future__ import annotations

from bisect import bisect_right


class Runs:
    """Of one meter: milliseconds that are known to be taken, as runs that do not touch each other.

    A memory, not a state: without it the journal is asked, which takes as long as the run is.
    """

    def __init__(self, most: int = 1024) -> None:
        self._most = most
        self._firsts: list[int] = []
        self._lasts: list[int] = []

    def __len__(self) -> int:
        return len(self._firsts)

    def behind(self, asked: int) -> int:
        """The first millisecond from the one asked for on that is not known to be taken."""
        at = bisect_right(self._firsts, asked) - 1
        return self._lasts[at] + 1 if at >= 0 and asked <= self._lasts[at] else asked

    def add(self, first: int, last: int) -> None:
        """All of these are taken."""
        if len(self) >= self._most:
            self._firsts, self._lasts = [], []
        start = bisect_right(self._firsts, first)
        if start and self._lasts[start - 1] >= first - 1:
            start -= 1
        end = bisect_right(self._firsts, last + 1)
        touched = slice(start, end)
        self._firsts[touched], self._lasts[touched] = (
            [min([first, *self._firsts[touched]])],
            [max([last, *self._lasts[touched]])],
        )
