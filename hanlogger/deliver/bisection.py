"""Find the lines that a database refuses, in as few requests as possible, and never more than the budget allows.

A refused piece is halved, until a line stands alone. It is cut between series (a field that became an integer
refuses one series), or between records where the retention is the reason (it refuses what is old). The next
piece to be halved is the one that most likely holds good lines too: where both halves were refused several times in a
row, all lines are likely to be bad. So when the budget is spent, the good lines are in the database.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import NamedTuple

from hanlogger.deliver.lines import Line, Lines, separate
from hanlogger.journal import Refusal
from hanlogger.points.lineprotocol import read_head


class _Suspect(NamedTuple):
    """Lines that were refused together; suspects are ordered as they are to be halved."""

    streak: int  # how many times in a row both halves were refused, down to this one
    size: int  # negative: the largest first
    number: int
    lines: Lines


class Bisection:
    """The search in one batch. Write `piece` and call `accept` or `refuse`, until it is None; then read `refusals`."""

    def __init__(self, lines: Lines, budget: int) -> None:
        self.refusals: list[Refusal] = []
        self._budget = budget
        self._reason = ""
        self._group: Callable[[Line], object] | None = None
        self._suspects: list[_Suspect] = []
        self._made = 0
        self._whole = _Suspect(-1, 0, 0, ())  # the piece that was halved
        self._halves: list[Lines] = [separate(lines)] if lines else []
        self._refused_halves: list[Lines] = []
        self._one_accepted = False

    @property
    def piece(self) -> Lines | None:
        """The lines to write next; None when the search is over."""
        return self._halves[0] if self._halves else None

    def accept(self) -> None:
        """Note that the piece is in the database."""
        self._halves.pop(0)
        self._one_accepted = True
        if self._halves and len(self._halves[0]) > 1:
            self._refused_halves.append(self._halves.pop(0))  # or the whole would not have been refused
        self._go_on()

    def refuse(self, reason: str) -> None:
        """Note that the database refuses the piece; `reason`: its words."""
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
            self._collect_suspects()
        if self._budget <= 0:
            self._give_up()
        elif not self._halves and self._suspects:
            self._halve(heappop(self._suspects))

    def _collect_suspects(self) -> None:
        """Make suspects of the halves that were refused, now that both have been written."""
        streak = 0 if self._one_accepted else self._whole.streak + 1
        for lines in self._refused_halves:
            self._made += 1
            heappush(self._suspects, _Suspect(streak, -len(lines), self._made, lines))
        self._refused_halves, self._one_accepted = [], False

    def _halve(self, suspect: _Suspect) -> None:
        lines = suspect.lines
        if self._group is None:
            self._group = _get_record if "retention policy" in self._reason else _get_series
            lines = sorted(lines, key=self._group)
        cut = _find_cut(lines, self._group)
        self._whole, self._halves = suspect, [lines[:cut], lines[cut:]]

    def _give_up(self) -> None:
        """Refuse as one range all lines of which it is not known whether they are good."""
        left = [*self._halves, *self._refused_halves, *(each.lines for each in self._suspects)]
        ids = [line.record_id for lines in left for line in lines]
        if ids:
            self.refusals.append(Refusal(min(ids), max(ids), None, self._reason))
        self._halves, self._refused_halves, self._suspects = [], [], []


def _get_series(line: Line) -> bytes:
    return read_head(line.data)


def _get_record(line: Line) -> int:
    return line.record_id


def _find_cut(lines: Lines, group: Callable[[Line], object]) -> int:
    """Return the boundary between groups that is nearest to the middle; the middle where there is none."""
    middle = len(lines) // 2
    keys = [group(line) for line in lines]
    cuts = [index for index in range(1, len(lines)) if keys[index] != keys[index - 1]]
    return min(cuts, key=lambda index: abs(index - middle), default=middle)
