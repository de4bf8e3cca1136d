"""The alert rules for given settings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from hanlogger.boards.building_rule import make_building_rules
from hanlogger.boards.fault_rules import FAULTS
from hanlogger.boards.fee_rules import make_hour_fee_rule
from hanlogger.boards.limit_rules import (
    make_day_rule,
    make_hour_rule,
    make_month_rule,
    make_phase_rule,
    make_power_rule,
)
from hanlogger.boards.rule import Rule
from hanlogger.boards.settings import RuleSettings
from hanlogger.errors import ConfigError
from hanlogger.language import Text

LIMITED = (make_power_rule, make_phase_rule, make_hour_rule, make_day_rule, make_month_rule)
NEED_A_LIMIT = {"han-hour-energy", "han-day-energy", "han-month-energy", "han-building-power"}
LONGEST_UID = 40


def make_rules(settings: RuleSettings) -> list[Rule]:
    """Return all rules: those about faults, those with the common limits, and one for each meter's own limit.

    ConfigError if a rule is to be left out that does not exist.
    """
    found = [*FAULTS, make_hour_fee_rule(settings), *_make_limited(settings), *make_building_rules(settings)]
    _check_known(settings.off, found)
    return [rule for rule in found if rule.uid not in settings.off]


def _check_known(off: frozenset[str], found: list[Rule]) -> None:
    """Raise ConfigError for a rule in `off` that is unknown; one that only lacks a limit is not."""
    names = {rule.uid for rule in found} | NEED_A_LIMIT
    if unknown := sorted(off - names):
        raise ConfigError(f"off: found {unknown[0]!r}, allowed are {', '.join(sorted(names))}")


def _make_limited(settings: RuleSettings) -> Iterator[Rule]:
    for make in LIMITED:
        if common := make(settings.limits, _exclude_own_limits(settings), settings):
            yield common
        for meter, limits in settings.meters.items():
            if own := make(limits, f"\"meter\" = '{meter}' AND ", settings):
                yield _name_for_meter(own, meter)


def _exclude_own_limits(settings: RuleSettings) -> str:
    """Return the InfluxQL condition that excludes the meters with limits of their own."""
    return f'"meter" !~ /^({"|".join(settings.meters)})$/ AND ' if settings.meters else ""


def _name_for_meter(rule: Rule, meter: str) -> Rule:
    uid = f"{rule.uid}-{meter}"
    if len(uid) > LONGEST_UID:
        uid = f"{rule.uid}-{hashlib.sha256(meter.encode()).hexdigest()[:8]}"
    return rule._replace(uid=uid, title=Text(f"{rule.title.en}: {meter}", f"{rule.title.sv}: {meter}"))
