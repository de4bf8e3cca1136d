"""The curve of the page *Now*: the mean power of the last hours, as a chart, a text and a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from hanlogger.charts import SIZE, Label, draw_area, draw_line, make_scale
from hanlogger.web.language import PageSpeech

PARTS = 180  # of a curve
LEAST_POWER = 100.0  # W that a curve spans at least
X_LABELS = 6
ROWS = 12


class Curve(NamedTuple):
    """The power of the last hours as a chart, and the same as a text and a table."""

    hours: int
    summary: str
    imported: str
    exported: str
    line: str
    zero: float
    x: tuple[Label, ...]
    y: tuple[Label, ...]
    rows: tuple[tuple[str, str], ...]
    known: bool


def view_curve(means: Sequence[float | None], hours: int, now: datetime, say: PageSpeech) -> Curve:
    """Return the chart of means (W) of equal parts of the last hours, the present one last."""
    known = [value for value in means if value is not None]
    scale = make_scale(known, LEAST_POWER)
    length = timedelta(hours=hours)
    marks = [
        Label(100 * part / X_LABELS, say.clock(now - length * (1 - part / X_LABELS))) for part in range(X_LABELS + 1)
    ]
    return Curve(
        hours,
        _summarise(means, length, now, say),
        draw_area(means, scale, above=True),
        draw_area(means, scale, above=False),
        draw_line(means, scale),
        scale.place(0.0),
        (marks[0]._replace(edge="start"), *marks[1:-1], marks[-1]._replace(edge="end")),
        tuple(Label(100 * scale.place(value) / SIZE, say.amount(value, "W")) for value in scale.lines),
        tuple(_list_rows(means, length, now, say)),
        bool(known),
    )


def _summarise(means: Sequence[float | None], length: timedelta, now: datetime, say: PageSpeech) -> str:
    at = [now - length * (1 - (number + 0.5) / len(means)) for number in range(len(means))]
    known = [(value, when) for value, when in zip(means, at, strict=True) if value is not None]
    if not known:
        return say("now.curve_empty")
    (least, least_at), (most, most_at) = min(known), max(known)
    mean = sum(value for value, _ in known) / len(known)
    return say(
        "now.curve_summary",
        mean=say.amount(mean, "W"),
        most=say.amount(most, "W"),
        most_at=say.clock(most_at),
        least=say.amount(least, "W"),
        least_at=say.clock(least_at),
    )


def _list_rows(
    means: Sequence[float | None], length: timedelta, now: datetime, say: PageSpeech
) -> Iterator[tuple[str, str]]:
    """Yield a row for each of ROWS parts of the time, with the mean power in it."""
    size = len(means) // ROWS
    for number in range(0, len(means) - size + 1, size):
        known = [value for value in means[number : number + size] if value is not None]
        start = now - length * (1 - number / len(means))
        yield say.clock(start), say.amount(sum(known) / len(known), "W") if known else "–"
