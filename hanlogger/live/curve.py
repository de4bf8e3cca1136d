"""A curve in characters, with import above the zero line and export below it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from rich.text import Text

from hanlogger.humanize import group_digits
from hanlogger.live.meter import EXPORT, IMPORT

LABEL = 10  # characters of the scale before the curve
FEWEST, MOST = 5, 20  # lines of a curve

_EIGHTHS = " ▁▂▃▄▅▆▇█"


def draw_curve(values: Sequence[float | None], height: int, length: timedelta, now: datetime) -> Text:
    """Return values (W, equally spaced) as a curve of `height` lines, with scale, zero line and times; None: a gap."""
    known = [value for value in values if value is not None]
    top, bottom = max([0.0, *known]), min([0.0, *known])
    above, below = _split_rows(top, bottom, height - 2)
    text = Text(no_wrap=True)
    for row in range(above, 0, -1):
        text.append(f"{group_digits(top) + ' W' if row == above else '':>{LABEL - 1}} ", "dim")
        text.append("".join(_choose_block(value, row, above, top) for value in values) + "\n", IMPORT)
    text.append(f"{'0 W':>{LABEL - 1}} {'─' * len(values)}\n", "dim")
    for row in range(1, below + 1):
        text.append(f"{group_digits(bottom) + ' W' if row == below else '':>{LABEL - 1}} ", "dim")
        text.append("".join(_choose_block_below(value, row, below, bottom) for value in values) + "\n", EXPORT)
    return text.append(_draw_times(len(values), length, now), "dim")


def _split_rows(top: float, bottom: float, rows: int) -> tuple[int, int]:
    """Return how many rows are above and below the zero line; a sign that occurs has at least one."""
    if not bottom:
        return rows, 0
    below = round(rows * -bottom / (top - bottom))
    below = min(max(below, 1), rows - (1 if top else 0))
    return rows - below, below


def _choose_block(value: float | None, row: int, rows: int, top: float) -> str:
    """Return the character of a value in a row above the zero line: a block in eighths, from below."""
    if value is None or value <= 0 or not top:
        return " "
    eighths = round(value / top * rows * 8) - (row - 1) * 8
    return _EIGHTHS[min(8, max(1 if row == 1 else 0, eighths))]


def _choose_block_below(value: float | None, row: int, rows: int, bottom: float) -> str:
    """Return the character of a value in a row below the zero line: a block or its upper half."""
    if value is None or value >= 0:
        return " "
    halves = round(value / bottom * rows * 2) - (row - 1) * 2
    return "█" if halves > 1 else "▀" if halves == 1 or row == 1 else " "


def _draw_times(width: int, length: timedelta, now: datetime) -> str:
    """Return the line below the curve: the times of its ends and its middle, in local time."""
    first, middle, last = (f"{now - length * part:%H:%M}" for part in (1, 0.5, 0))
    return " " * LABEL + first + middle.center(width - 10) + last
