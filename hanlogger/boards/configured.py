"""Settings of boards and rules from the settings of hanlogger."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from hanlogger.boards.settings import BoardSettings, Language, Limits, Net, RuleSettings

if TYPE_CHECKING:
    from hanlogger import config


def from_settings(settings: config.Settings, lang: Language | None = None) -> tuple[BoardSettings, RuleSettings]:
    """Return the settings of boards and rules, in `lang` if it is given, else in the language that is set.

    A meter whose limits differ from the common ones gets rules of its own.
    """
    lang = lang or settings.language
    limits = _limits(settings.limits)
    zone = settings.ports[0].meter.zone if settings.ports else BoardSettings.zone
    own = {name: _limits(one) for name, one in settings.meter_limits.items() if one != settings.limits}
    boards = BoardSettings(
        fuse=limits.fuse,
        net=limits.net,
        zone=zone,
        lang=lang,
        month=limits.month,
        building=settings.building_fuse or BoardSettings.building,
    )
    rules = RuleSettings(
        limits=limits, meters=own, notify=settings.notify, zone=zone, lang=lang, building=settings.building_fuse
    )
    return boards, rules


def _limits(limits: config.Limits) -> Limits:
    return Limits(
        net=cast("Net", limits.net),
        fuse=limits.fuse,
        power=limits.power,
        hour=limits.hour,
        day=limits.day,
        month=limits.month,
    )
