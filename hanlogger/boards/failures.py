"""The panel of what a meter itself counts: power failures, sags and swells."""

from __future__ import annotations

from hanlogger.boards.fragments import IN_RANGE, by, quantity, select
from hanlogger.boards.panel_types import table
from hanlogger.boards.panels import YELLOW, Json, override, rows
from hanlogger.boards.text import describe, name_codes
from hanlogger.language import Text
from hanlogger.model import PHASES

COUNTS = (
    "0-0:96.7.21",
    "0-0:96.7.9",
    *(f"1-0:{12 + code}.{group}.0" for group in (32, 36) for code in PHASES.values()),
)


def draw_failures() -> Json:
    """Return the table of the counts at the end of the range, and of how much they rose in it."""
    codes = "|".join(code.partition(":")[2].replace(".", r"\.") for code in COUNTS)
    counted = '"obis" =~ /:(' + codes + ")$/"
    both = 'last("value") - first("value") AS "rise", last("value") AS "all"'
    return table(
        Text("Power failures, sags and swells", "Strömavbrott, dippar och höjningar"),
        describe(
            Text("As the meter itself counts them. Choose one meter.", "Som mätaren själv räknar dem. Välj en mätare."),
            *COUNTS,
        ),
        [rows(select(both, quantity("register"), counted, "AND", IN_RANGE, by("obis")))],
        unit="none",
        decimals=0,
        steps=((None, YELLOW),),
        no_value=Text("the meter counts none of them", "mätaren räknar inget av dem"),
        overrides=[override("byType", "string", mappings=[name_codes(COUNTS)])],
        columns={
            "obis": Text("Counted", "Räknat"),
            "rise": Text("In the range", "I perioden"),
            "all": Text("Ever", "Totalt"),
        },
        size=(12, 8),
    )
