"""The panels that hold the chosen range against one before it, which a variable of the board chooses."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.boards.energy_sums import CODES, COUNTED, KILOWATT_HOURS
from hanlogger.boards.fragments import KWH, by, measured, steps, used
from hanlogger.boards.panel_types import bars, stat
from hanlogger.boards.panels import BELOW, IMPORT, SIDES, Json, both_ways
from hanlogger.boards.settings import BoardSettings
from hanlogger.boards.text import describe
from hanlogger.language import Text

CHOSEN = Text("Chosen range", "Vald period")
BEFORE = Text("The same, $period earlier", "Densamma, $period tidigare")


def draw_comparison(settings: BoardSettings) -> Iterator[Json]:
    """Yield sum and days of the chosen range, and beside them those of the range before."""
    for make in (_draw_sum, lambda title, shift: _draw_days(title, shift, settings.zone)):
        yield make(CHOSEN, None)
        yield make(BEFORE, "$period")


def _draw_sum(title: Text, shift: str | None) -> Json:
    return stat(
        title,
        describe(COUNTED, *CODES),
        both_ways(lambda way: used(way, KWH, grouped=by("meter"))),
        unit=KILOWATT_HOURS,
        decimals=0,
        color={"mode": "fixed", "fixedColor": IMPORT},
        overrides=SIDES,
        shift=shift,
        size=(12, 4),
    )


def _draw_days(title: Text, shift: str | None, zone: str) -> Json:
    named = Text(f"{title.en}: days", f"{title.sv}: dygn")
    return bars(
        named,
        describe(Text("Calendar days; export below.", "Kalenderdygn; inmatning nedåt."), *CODES),
        both_ways(lambda way: measured(way, steps("1d", zone))),
        unit=KILOWATT_HOURS,
        decimals=1,
        overrides=[*SIDES, BELOW],
        shift=shift,
        size=(12, 9),
    )
