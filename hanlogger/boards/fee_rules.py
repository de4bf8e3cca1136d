"""The alert rule about the hour that will raise the fee for power: its limit is worked out, and not typed in."""

from __future__ import annotations

from hanlogger.boards.fragments import by, quantity, select
from hanlogger.boards.rule import METER, MINUTE, TIME_FILTER, Rule
from hanlogger.boards.text import Text

HOUR_FEE = Rule(
    uid="han-hour-fee",
    title=Text("This hour will raise your power fee", "Timmen kommer att höja din effektavgift"),
    summary=Text(
        f'{METER}: {{{{ $labels.line }}}} by {{{{ printf "%.2f" $values.B.Value }}}} kr if the power stays as it is',
        f'{METER}: {{{{ $labels.line }}}} med {{{{ printf "%.2f" $values.B.Value }}}} kr om effekten förblir som nu',
    ),
    advice=Text(
        "The limit is that of the month's peaks so far. Switch something off, or move it past the hour.",
        "Gränsen är den som månadens toppar ger hittills. Stäng av något, eller flytta det till efter timmen.",
    ),
    query=select('last("extra")', quantity("running_hour"), TIME_FILTER, by("meter", "line")),
    span=5 * MINUTE,
    condition=("gt", (0,)),
    pending=3 * MINUTE,
    board=("han-cost", 5),
)
"""There are points of it only where a tariff is set; without them the rule is at rest."""
