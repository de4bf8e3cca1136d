"""Charts as shapes and labels that a template draws: shapes in a square of 1000 by 1000, labels in per cent.

The square is stretched to the width of the page; labels and lines keep their size.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

SIZE = 1000.0
STEPS = (1, 2, 2.5, 5, 10)
MOST_LINES = 5
ROOM = 1.08  # what is below nought has so much more room than it needs


class Label(NamedTuple):
    """A text at a place, in per cent of the chart's width or height."""

    at: float
    text: str
    edge: str = "middle"  # start middle end: which side of the text stands there


class Bar(NamedTuple):
    """One part of a period as a bar: its position, import and export, and the import of the period before."""

    x: float
    width: float
    import_height: float
    export_height: float
    before: float | None  # y of the line that shows the import of the period before
    text: str  # for who points at it


class Scale(NamedTuple):
    """The values between which a chart stands, and those at which it has lines."""

    bottom: float
    top: float
    lines: tuple[float, ...]

    def place(self, value: float) -> float:
        """Return where a value stands, from the upper edge down."""
        return SIZE * (self.top - value) / (self.top - self.bottom)


def make_scale(values: Sequence[float], least: float) -> Scale:
    """Return a scale with round lines that has room for all values and nought; it spans `least` at least.

    It ends at a line above, so that the highest value can be read, and close to the lowest value below.
    """
    top, bottom = max((0.0, *values)), min((0.0, *values))
    span = max(top - bottom, least)
    rough = span / (MOST_LINES - 1)
    power = 10 ** math.floor(math.log10(rough))
    step = next(step * power for step in STEPS if step * power >= rough * 0.999)
    first, last = math.ceil(bottom / step), math.ceil(max(top, bottom + least) / step)
    lines = tuple(step * number for number in range(first, last + 1))
    return Scale(bottom * ROOM, lines[-1], lines)


def draw_area(values: Sequence[float | None], scale: Scale, *, above: bool) -> str:
    """Return the path of the area between nought and the values above it, or those below; a gap stays empty."""
    zero = scale.place(0.0)
    parts = []
    for run in _split_runs(values):
        points = [
            (x, scale.place(max(value, 0.0) if above else min(value, 0.0))) for x, value in _place(run, len(values))
        ]
        if any(y != zero for _, y in points):
            middle = " ".join(f"L{x:.1f} {y:.1f}" for x, y in points)
            parts.append(f"M{points[0][0]:.1f} {zero:.1f} {middle} L{points[-1][0]:.1f} {zero:.1f}Z")
    return " ".join(parts)


def draw_line(values: Sequence[float | None], scale: Scale) -> str:
    """Return the path of the line through the values; a gap stays empty."""
    runs = (_place(run, len(values)) for run in _split_runs(values))
    return " ".join("M" + " L".join(f"{x:.1f} {scale.place(value):.1f}" for x, value in points) for points in runs)


def _split_runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Yield the values that follow each other without a gap, with their numbers."""
    run: list[tuple[int, float]] = []
    for number, value in enumerate(values):
        if value is not None:
            run.append((number, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _place(run: Sequence[tuple[int, float]], count: int) -> Iterator[tuple[float, float]]:
    """Yield where values stand across; a single one as both ends of its part, so that it can be seen."""
    if len(run) == 1:
        ((number, value),) = run
        width = SIZE / count
        left = min(max(SIZE * number / max(count - 1, 1) - width / 2, 0.0), SIZE - width)
        yield from ((left, value), (left + width, value))
        return
    for number, value in run:
        yield SIZE * number / max(count - 1, 1), value
