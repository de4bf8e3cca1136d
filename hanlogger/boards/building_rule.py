"""The alert rule about all meters of a building together."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.boards.fragments import by, select, signed
from hanlogger.boards.rule import MINUTE, TIME_FILTER, Rule, format_value
from hanlogger.boards.settings import ALARM_SHARE, WATTS_PER_AMPERE, RuleSettings
from hanlogger.language import Text


def make_building_rules(settings: RuleSettings) -> Iterator[Rule]:
    """Yield the rule about the power of all meters at the same time, if the building's fuse is known.

    A meter that has been silent for 5 minutes is not in the sum; the rule about silence tells of it.
    """
    if settings.building is None:
        return
    most = WATTS_PER_AMPERE[settings.limits.net] * settings.building / 1000
    yield Rule(
        uid="han-building-power",
        title=Text("Building near its fuse", "Huset nära sin säkring"),
        summary=Text(
            f"All meters together: {format_value(1)} of {most:.1f} kW over 5 minutes",
            f"Alla mätare tillsammans: {format_value(1)} av {most:.1f} kW under 5 minuter",
        ),
        advice=Text(
            "Charge cars later, or with less power; the board shows who uses most.",
            "Ladda bilar senare eller långsammare; tavlan visar vem som använder mest.",
        ),
        query=select('sum("v") / 1000', signed("mean", TIME_FILTER, by("meter"))),
        span=5 * MINUTE,
        condition=("gt", (round(ALARM_SHARE * most, 3),)),
        pending=5 * MINUTE,
        keep=5 * MINUTE,
        severity="critical",
        board=("han-fleet", 3),
    )
