"""Finding the lines that a database refuses, in as few requests as can be, and no more than there are to spend.

A piece that is refused is halved until a line stands alone. Lines of one series stand together (a field that became an
integer refuses a series; a backlog older than the bucket's retention refuses a time, and is left in its order), and the
largest piece is tried first: so the good lines are in the database after few requests, however many bad ones there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from hanlogger.journal import Refusal


class Line(NamedTuple):
    """A line of line protocol, its line feed included, and the record it comes from."""

    record_id: int
    data: bytes


class Bisection:
    """Ask for `piece`, write it, tell `taken` or `refused`; until `piece` is None. `refusals` is what remains."""

    def __init__(self, lines: Sequence[Line], budget: int) -> None:
        self._pieces: list[tuple[int, int, Sequence[Line]]] = []  # largest first, then the first made
        self._made = 0
        self._budget = budget
        self._sorted = False
        self._reason = ""
        self.refusals: list[Refusal] = []
        self._add(lines)

    @property
    def piece(self) -> Sequence[Line] | None:
        """What to write next."""
        return self._pieces[0][2] if self._pieces else None

    def taken(self) -> None:
        """The piece is in the database."""
        heappop(self._pieces)
        self._spend()

    def refused(self, reason: str, *, too_large: bool = False) -> None:
        """The piece is refused, in these words; when for its size alone the halves cost nothing of the budget."""
        _, _, lines = heappop(self._pieces)
        self._reason = reason
        if len(lines) == 1:
            self._refuse(lines[0])
        elif too_large:
            self._halve(lines)
        else:
            self._halve(self._ordered(lines))
        self._spend(0 if too_large else 1)

    def _refuse(self, line: Line) -> None:
        self.refusals.append(Refusal(line.record_id, line.record_id, line.data.rstrip(b"\n"), self._reason))

    def _ordered(self, lines: Sequence[Line]) -> Sequence[Line]:
        """Once, so that what is refused together stands together."""
        if not self._sorted and "retention policy" not in self._reason:
            lines = sorted(lines, key=_series)
        self._sorted = True
        return lines

    def _halve(self, lines: Sequence[Line]) -> None:
        middle = len(lines) // 2
        self._add(lines[:middle])
        self._add(lines[middle:])

    def _add(self, lines: Sequence[Line]) -> None:
        if lines:
            heappush(self._pieces, (-len(lines), self._made, lines))
            self._made += 1

    def _spend(self, requests: int = 1) -> None:
        self._budget -= requests
        if self._budget <= 0 and self._pieces:
            left = [line.record_id for _, _, lines in self._pieces for line in lines]
            self.refusals.append(Refusal(min(left), max(left), None, self._reason))
            self._pieces.clear()


def _series(line: Line) -> bytes:
    """Measurement and tags."""
    return line.data.partition(b" ")[0]
