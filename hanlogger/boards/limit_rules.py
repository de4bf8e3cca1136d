"""The alert rules that compare consumption with a limit of the user's.

In each function `who` is the InfluxQL condition that selects the meters to which the limits apply.
"""

from __future__ import annotations

from hanlogger.boards.fragments import HEALTH, KWH, by, over, power, power_means, quantity, select, steps, used
from hanlogger.boards.rule import DAY, HOUR, METER, MINUTE, PHASE, TIME_FILTER, Rule, format_value
from hanlogger.boards.settings import ALARM_SHARE, Limits, RuleSettings
from hanlogger.language import Text


def make_power_rule(limits: Limits, who: str, _: RuleSettings) -> Rule:
    """Return the rule about more power than the limit, or than the main fuse carries for long."""
    return Rule(
        uid="han-power-high",
        title=Text("Power above the limit", "Effekt över gränsen"),
        summary=Text(
            f"{METER}: {format_value(0)} W of {limits.watts:g} W over 5 minutes",
            f"{METER}: {format_value(0)} W av {limits.watts:g} W under 5 minuter",
        ),
        advice=Text("Switch something off or move it to later.", "Stäng av något eller flytta det till senare."),
        query=select('mean("value")', power("import"), who + TIME_FILTER, by("meter", every="1m", fill="none")),
        span=5 * MINUTE,
        reducers=("mean",),
        condition=("gt", (limits.watts,)),
        pending=5 * MINUTE,
        board=("han-live", 2),
    )


def make_phase_rule(limits: Limits, who: str, _: RuleSettings) -> Rule:
    """Return the rule about a phase whose current is near the main fuse's, in either direction.

    The absolute value counts: Aidon's meters send the current of a phase that feeds in with a minus sign.
    """
    amperes = select('abs("value") AS "a"', quantity("current"), who + TIME_FILTER, by("meter", "phase"))
    return Rule(
        uid="han-phase-current",
        title=Text("Phase near the main fuse", "Fas nära huvudsäkringen"),
        summary=Text(
            f"{PHASE}: {format_value(1)} A of {limits.fuse:g} A over 2 minutes",
            f"{PHASE}: {format_value(1)} A av {limits.fuse:g} A under 2 minuter",
        ),
        advice=Text(
            "Take load off this phase before the fuse does.", "Ta bort last från fasen innan säkringen gör det."
        ),
        query=select('mean("a")', over(amperes), by("meter", "phase", every="1m", fill="none")),
        span=2 * MINUTE,
        reducers=("mean",),
        condition=("gt", (round(ALARM_SHARE * limits.fuse, 3),)),
        pending=MINUTE,
        keep=5 * MINUTE,
        severity="critical",
        board=("han-current", 1),
    )


def make_hour_rule(limits: Limits, who: str, _: RuleSettings) -> Rule | None:
    """Return the rule about the hour's energy at its end, if the newest minute's power lasts; None without a limit."""
    if limits.hour is None:
        return None
    at_its_end = '(sum("m") + last("m") * (60 - count("m"))) / 60000'
    return Rule(
        uid="han-hour-energy",
        title=Text("This hour on its way over the limit", "Timmen på väg över gränsen"),
        summary=Text(
            f"{METER}: {format_value(1)} of {limits.hour:g} kWh this hour",
            f"{METER}: {format_value(1)} av {limits.hour:g} kWh den här timmen",
        ),
        advice=Text(
            "This will be the energy of the hour if the power stays as it is. Use less to stay below.",
            "Så stor blir timmens energi om effekten förblir som nu. Använd mindre för att hålla gränsen.",
        ),
        query=select(
            at_its_end, over(power_means("import", "1m", who + TIME_FILTER)), by("meter", every="1h", fill="none")
        ),
        span=HOUR,
        condition=("gt", (limits.hour,)),
        pending=2 * MINUTE,
        keep=5 * MINUTE,
        board=("han-energy", 8),
    )


def make_day_rule(limits: Limits, who: str, settings: RuleSettings) -> Rule | None:
    """Return the rule about the energy of the calendar day so far, from the counter; None without a limit."""
    if limits.day is None:
        return None
    return Rule(
        uid="han-day-energy",
        title=Text("Energy of the day above the limit", "Dygnets energi över gränsen"),
        summary=Text(
            f"{METER}: {format_value(1)} of {limits.day:g} kWh today",
            f"{METER}: {format_value(1)} av {limits.day:g} kWh i dag",
        ),
        advice=Text("This is the energy of the calendar day so far.", "Detta är kalenderdygnets energi hittills."),
        query=used("import", KWH, who + TIME_FILTER, grouped=steps("1d", settings.zone)),
        span=2 * DAY,
        condition=("gt", (limits.day,)),
        severity="info",
        board=("han-energy", 9),
    )


def make_month_rule(limits: Limits, who: str, _: RuleSettings) -> Rule | None:
    """Return the rule about the energy of the calendar month so far, as the logger sums it; None without a limit.

    A rule cannot ask from the first of the month on, as its range has a fixed length.
    """
    if limits.month is None:
        return None
    return Rule(
        uid="han-month-energy",
        title=Text("Energy of the month above the limit", "Månadens energi över gränsen"),
        summary=Text(
            f"{METER}: {format_value(1)} of {limits.month:g} kWh this month",
            f"{METER}: {format_value(1)} av {limits.month:g} kWh denna månad",
        ),
        advice=Text("This is the energy of the calendar month so far.", "Detta är kalendermånadens energi hittills."),
        query=select('last("month") / 1000', HEALTH, who + TIME_FILTER, by("meter")),
        span=HOUR,
        condition=("gt", (limits.month,)),
        severity="info",
        board=("han-energy", 7),
    )
