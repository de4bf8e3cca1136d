"""Settings of boards and rules from the settings of hanlogger."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, cast

from hanlogger.boards.settings import BoardSettings, Limits, Net, RuleSettings
from hanlogger.config.tariff_files import load_tariffs
from hanlogger.language import Language

if TYPE_CHECKING:
    from hanlogger import config


def from_settings(settings: config.Settings, lang: Language | None = None) -> tuple[BoardSettings, RuleSettings]:
    """Return the settings of boards and rules, in `lang` if it is given, else in the language that is set.

    A meter whose limits differ from the common ones gets rules of its own. ConfigError where a tariff is wrong.
    """
    lang = lang or settings.language
    limits = _convert_limits(settings.limits)
    zone = settings.ports[0].meter.zone if settings.ports else BoardSettings.zone
    own = {name: _convert_limits(one) for name, one in settings.meter_limits.items() if one != settings.limits}
    currency = _find_currency(settings)
    boards = BoardSettings(
        fuse=limits.fuse,
        net=limits.net,
        zone=zone,
        lang=lang,
        month=limits.month,
        building=settings.building_fuse or BoardSettings.building,
        currency=currency,
    )
    rules = RuleSettings(
        limits=limits,
        meters=own,
        notify=settings.notify,
        zone=zone,
        lang=lang,
        building=settings.building_fuse,
        currency=currency,
    )
    return boards, rules


def _find_currency(settings: config.Settings) -> str:
    """Return the currency of the tariffs; of several that of the first, as a board has one. Raises ConfigError."""
    tariffs = chain.from_iterable(map(load_tariffs, settings.tariffs.values()))
    return next((tariff.currency for tariff in tariffs), BoardSettings.currency)


def _convert_limits(limits: config.Limits) -> Limits:
    return Limits(
        net=cast("Net", limits.net),
        fuse=limits.fuse,
        power=limits.power,
        hour=limits.hour,
        day=limits.day,
        month=limits.month,
    )
