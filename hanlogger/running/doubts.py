"""Which settings of a meter are probably wrong, by what it says itself. Told, never applied."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from hanlogger.humanize import clock_offset, wrong_scale
from hanlogger.model import Reading
from hanlogger.plausibility import ClockWatch, ScaleWatch

log = logging.getLogger(__name__)


class Doubts:
    """Of one meter whose telegrams come as it sends them. Used by one thread."""

    def __init__(self, meter: str) -> None:
        self._meter = meter
        self._scale, self._clock = ScaleWatch(), ClockWatch()
        self.found: Mapping[str, str] = {}
        """Setting -> what says so: the factor by which all its values are to be multiplied; hours ahead of the host."""

    def feed(self, reading: Reading, at: datetime, offset: timedelta | None) -> None:
        """`at`: of receipt. offset: the meter's time less that, where it says anything about its clock."""
        self._scale.feed(reading, at)
        if offset is not None:
            self._clock.feed(offset)

    def judge(self) -> None:
        """Log what is new, once, and what is doubted no more."""
        found = {doubt.setting: f"{doubt.factor.normalize():f}" for doubt in self._scale.doubts}
        before, self.found = self.found, found | ({"clock": f"{self._clock.hours:+d}"} if self._clock.hours else {})
        for setting, value in self.found.items():
            if before.get(setting) != value:
                log.warning("%s: %s", self._meter, _words(setting, value))
        for setting in before.keys() - self.found.keys():
            log.info("%s: %s is right again", self._meter, setting)


def _words(setting: str, value: str) -> str:
    if setting == "clock":
        return f"{clock_offset(timedelta(hours=int(value)))} hanlogger doctor tells what to set"
    return f"probably a wrong scale, {wrong_scale(setting, Decimal(value))}: hanlogger doctor tells what to set"
