"""The alert rule about the hour that will raise the fee for power: its limit is worked out, and not typed in."""

from __future__ import annotations

from hanlogger.boards.fragments import by, quantity, select
from hanlogger.boards.rule import LINE, METER, MINUTE, TIME_FILTER, Rule, format_value
from hanlogger.boards.settings import RuleSettings, name_money
from hanlogger.language import Text


def make_hour_fee_rule(settings: RuleSettings) -> Rule:
    """Return the rule. There are points of it only where a tariff is set; without them it is at rest."""
    amount = f"{format_value(2)} {name_money(settings.currency)}"
    return Rule(
        uid="han-hour-fee",
        title=Text("This hour will raise your power fee", "Timmen kommer att höja din effektavgift"),
        summary=Text(
            f"{METER}: {LINE} by {amount} if the power stays as it is",
            f"{METER}: {LINE} med {amount} om effekten förblir som nu",
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
