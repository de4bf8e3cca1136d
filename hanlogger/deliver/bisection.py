"""Finding the lines that a database refuses, in as few requests as can be, and no more than there are to spend.

A piece that is refused is halved, until a line stands alone. It is cut between series (a field that became an integer
refuses one series), or between records where the retention is the reason (it refuses what is old). Of all pieces
refused the next to be halved is the one that most likely holds good lines too: where whole pieces in a row have been
refused it is likely to be all bad. So when the requests run out, the good lines are in the database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from hanlogger.journal import Refusal
from hanlogger.points.lineprotocol import read_head


class Line(NamedTuple):
    """A line of line protocol, its line feed included, and the record it comes from."""

    record_id: int
    data: bytes


Lines = Sequence[Line]


class _Suspect(NamedTuple):
    """Lines that have been refused together, in the order in which suspects are looked into."""

    streak: int  # how often in a row both halves have been refused on the way here
    size: int  # negative: the largest first
    number: int
    lines: Lines


class Bisection:
    """Ask for `piece`, write it, tell `taken` or `refused`; until `piece` is None. `refusals` is what remains."""

    def __init__(self, lines: Lines, budget: int) -> None:
        self.refusals: list[Refusal] = []
        self._budget = budget
        self._reason = ""
        self._group: Callable[[Line], object] | None = None
        self._suspects: list[_Suspect] = []
        self._made = 0
        self._whole = _Suspect(-1, 0, 0, ())  # what the halves come from
        self._halves = [lines] if lines else []
        self._refused_halves: list[Lines] = []
        self._one_taken = False

    @property
    def piece(self) -> Lines | None:
        """What to write next."""
        return self._halves[0] if self._halves else None

    def taken(self) -> None:
        """The piece is in the database."""
        self._halves.pop(0)
        self._one_taken = True
        if self._halves and len(self._halves[0]) > 1:
            self._refused_halves.append(self._halves.pop(0))  # or the whole would not have been refused
        self._go_on()

    def refused(self, reason: str) -> None:
        """The piece is refused, in these words."""
        lines = self._halves.pop(0)
        self._reason = reason
        if len(lines) == 1:
            self.refusals.append(Refusal(lines[0].record_id, lines[0].record_id, lines[0].data.rstrip(b"\n"), reason))
        else:
            self._refused_halves.append(lines)
        self._go_on()

    def _go_on(self) -> None:
        self._budget -= 1
        if not self._halves:
            self._suspect()
        if self._budget <= 0:
            self._give_up()
        elif not self._halves and self._suspects:
            self._halve(heappop(self._suspects))

    def _suspect(self) -> None:
        """Both halves are told."""
        streak = 0 if self._one_taken else self._whole.streak + 1
        for lines in self._refused_halves:
            self._made += 1
            heappush(self._suspects, _Suspect(streak, -len(lines), self._made, lines))
        self._refused_halves, self._one_taken = [], False

    def _halve(self, suspect: _Suspect) -> None:
        lines = suspect.lines
        if self._group is None:
            self._group = _record if "retention policy" in self._reason else _series
            lines = sorted(lines, key=self._group)
        cut = _cut(lines, self._group)
        self._whole, self._halves = suspect, [lines[:cut], lines[cut:]]

    def _give_up(self) -> None:
        """Refuse as one range what has not been told."""
        left = [*self._halves, *self._refused_halves, *(each.lines for each in self._suspects)]
        ids = [line.record_id for lines in left for line in lines]
        if ids:
            self.refusals.append(Refusal(min(ids), max(ids), None, self._reason))
        self._halves, self._refused_halves, self._suspects = [], [], []


def _series(line: Line) -> bytes:
    return read_head(line.data)


def _record(line: Line) -> int:
    return line.record_id


def _cut(lines: Lines, group: Callable[[Line], object]) -> int:
    """The boundary between groups that is nearest to the middle; the middle where there is none."""
    middle = len(lines) // 2
    keys = [group(line) for line in lines]
    cuts = [index for index in range(1, len(lines)) if keys[index] != keys[index - 1]]
    return min(cuts, key=lambda index: abs(index - middle), default=middle)
