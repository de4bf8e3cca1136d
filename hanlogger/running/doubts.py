"""Settings of a meter that its own telegrams contradict. They are reported, never corrected."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from hanlogger.humanize import describe_clock_offset, describe_scale
from hanlogger.model import Reading
from hanlogger.plausibility import ClockWatch, ScaleWatch

log = logging.getLogger(__name__)


class Doubts:
    """The doubts about the settings of one live meter. One thread uses it."""

    def __init__(self, meter: str) -> None:
        self._meter = meter
        self._scale, self._clock = ScaleWatch(), ClockWatch()
        self.found: Mapping[str, str] = {}
        """By setting: for a scale the factor that its values need; for `clock` the hours ahead of the host's clock."""

    def feed(self, reading: Reading, at: datetime, offset: timedelta | None) -> None:
        """Add a reading with its arrival time `at`; `offset`: the meter's time less that, where it can be judged."""
        self._scale.feed(reading, at)
        if offset is not None:
            self._clock.feed(offset)

    def judge(self) -> None:
        """Log each new doubt once, and each that has gone."""
        found = {doubt.setting: f"{doubt.factor.normalize():f}" for doubt in self._scale.doubts}
        before, self.found = self.found, found | ({"clock": f"{self._clock.hours:+d}"} if self._clock.hours else {})
        for setting, value in self.found.items():
            if before.get(setting) != value:
                log.warning("%s: %s", self._meter, _describe(setting, value))
        for setting in before.keys() - self.found.keys():
            log.info("%s: %s is right again", self._meter, setting)


def _describe(setting: str, value: str) -> str:
    if setting == "clock":
        return f"{describe_clock_offset(timedelta(hours=int(value)))} hanlogger doctor tells what to set"
    return f"probably a wrong scale, {describe_scale(setting, Decimal(value))}: hanlogger doctor tells what to set"
