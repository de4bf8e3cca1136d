"""Read a meter's day and its last hours from the journal, for the view."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

from rich.text import Text

from hanlogger.archive.history import History
from hanlogger.archive.recent import Recent, describe_so_far
from hanlogger.errors import JournalUnavailable
from hanlogger.live.curve import LABEL, draw_curve

REFRESH = timedelta(seconds=10)
"""How old what was read may be: the journal is not read each second."""

HOURS = timedelta(hours=6)


class Past:
    """The past of one meter. Where the journal cannot be read there is nothing."""

    def __init__(self, history: History, length: timedelta = HOURS, meter: str = "") -> None:
        """Begin with nothing read. meter: whose past is shown; "" for the first."""
        self._history, self._length, self._meter = history, length, meter
        self._means: tuple[tuple[object, ...], list[float | None]] = ((), [])
        self._today: tuple[tuple[object, ...], str] = ((), "")

    def find_name(self, names: list[str]) -> str:
        """Return whose past is shown, of these meters; "" where there is none."""
        return self._meter or next(iter(names), "")

    def describe_today(self, meter: str, now: datetime) -> str:
        """Return what a meter has counted today; "" where nothing is known."""
        key = (meter, now.timestamp() // REFRESH.total_seconds())
        if self._today[0] != key:
            self._today = (key, self._read_today(meter, now))
        return self._today[1]

    def draw(self, meter: str, width: int, height: int, now: datetime) -> list[Text]:
        """Return a title and the curve of a meter's power: `height` lines together."""
        count = width - LABEL - 1
        key = (meter, count, now.timestamp() // REFRESH.total_seconds())
        if self._means[0] != key:
            self._means = (key, self._history.compute_power(meter, self._length, count, now))
        length = f"{self._length.total_seconds() / 3600:g} h"
        title = Text.assemble((f" {meter}", "bold"), (f"  net power of the last {length}", "dim"), no_wrap=True)
        return [title, draw_curve(self._means[1], height - 1, self._length, now.astimezone())]

    def _read_today(self, meter: str, now: datetime) -> str:
        with contextlib.suppress(JournalUnavailable), self._history.open_journal() as journal:
            if journal is not None and (energy := Recent(journal, self._history.keys).measure_today(meter, now)):
                return describe_so_far(energy)
        return ""
