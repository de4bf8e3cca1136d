"""The tables of the board about many meters: those that are first by silence, by damage, by energy."""

from __future__ import annotations

from typing import Any

from hanlogger.boards.energy_sums import COUNTED, KILOWATT_HOURS
from hanlogger.boards.fragments import HEALTH, IN_RANGE, KWH, LATELY, by, over, power, select, used
from hanlogger.boards.panel_types import table
from hanlogger.boards.panels import IMPORT, METER_NAME, Json, override, rows
from hanlogger.boards.text import describe
from hanlogger.language import Text

SHOWN = 20  # rows of a table


def draw_longest_silent() -> Json:
    """Return the table of the last telegrams, the oldest first."""
    return _draw_first(
        Text("Last telegrams, the oldest first", "Senaste telegram, äldst först"),
        describe(
            Text(
                f"The {SHOWN} meters that have been silent longest, of those of the last 7 days.",
                f"De {SHOWN} mätare som varit tysta längst, av dem från de senaste 7 dygnen.",
            ),
            "1-0:1.7.0",
        ),
        select('last("value") AS "power"', power("import"), LATELY, by("meter")),
        {"Time": Text("Last telegram", "Senaste telegram"), "meter": METER_NAME, "power": Text("Import", "Uttag")},
        sort=("Time", False),
        unit="watt",
        overrides=[override("byType", "time", unit="dateTimeFromNow")],
    )


def draw_most_damaged() -> Json:
    """Return the table of the telegrams that were damaged or could not be decoded."""
    rises = (f'last("{name}") - first("{name}") AS "{name}"' for name in ("damaged", "undecoded"))
    found = select(", ".join(rises), HEALTH, IN_RANGE, by("meter"))
    return _draw_first(
        Text("Damaged telegrams", "Skadade telegram"),
        Text(
            f"The {SHOWN} meters with the most damaged telegrams in the range; undecoded ones arrived whole.",
            f"De {SHOWN} mätare som har flest skadade telegram i perioden; oavkodade kom fram hela.",
        ),
        select('"damaged", "undecoded"', over(found), 'WHERE "damaged" > 0 OR "undecoded" > 0', by("meter")),
        {"meter": METER_NAME, "damaged": Text("Damaged", "Skadade"), "undecoded": Text("Undecoded", "Oavkodade")},
        sort=("damaged", True),
        unit="none",
        no_value=Text("none to list", "inga att lista"),
    )


def draw_most_energy() -> Json:
    """Return the table of the import in the range."""
    return _draw_first(
        Text("Most energy", "Mest energi"),
        describe(
            Text(
                f"The {SHOWN} meters with the most import in the range. {COUNTED.en}",
                f"De {SHOWN} mätare som har störst uttag i perioden. {COUNTED.sv}",
            ),
            "1-0:1.8.0",
        ),
        used("import", f'{KWH} AS "energy"', grouped=by("meter")),
        {"meter": METER_NAME, "energy": Text("Energy", "Energi")},
        sort=("energy", True),
        unit=KILOWATT_HOURS,
    )


def _draw_first(title: Text, about: Text, query: str, columns: dict[str, Text], **more: Any) -> Json:
    return table(title, about, [rows(query)], columns=columns, most=SHOWN, decimals=0, steps=((None, IMPORT),), **more)
