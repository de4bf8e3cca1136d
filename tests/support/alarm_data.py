"""A calm fortnight up to a moment and half an hour on, and faults in it: one for each alert rule, all of meter `home`.

`calm` and `quiet` live as `home` does and have none, but that `quiet` can be made to fall silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hanlogger.boards.settings import Limits, RuleSettings
from tests.support.house_data import DAY, HOUR, MINUTE, PHASES, QUARTER, Data, Key, Seconds

METERS = ("home", "calm", "quiet")
LOGGERS = ("attic", "cellar")  # attic has the faults
POWER, COUNTER, EXPORTED = 600, 5_000_000, 1000  # W, Wh, Wh
AHEAD = 30 * MINUTE

Points = dict[Key, dict[Seconds, float]]


def settings(notify: str | None = None) -> RuleSettings:
    """Limits that the faults break, in a zone whose midnight is hours away: no day ends meanwhile."""
    zones = ("Europe/Stockholm", "America/New_York", "Asia/Tokyo")
    zone = next(zone for zone in zones if 3 <= datetime.now(ZoneInfo(zone)).hour < 21)
    limits = Limits(fuse=20, hour=5, day=60, month=1500)
    return RuleSettings(limits=limits, notify=notify, zone=zone, building=20)


FIRING = {
    "han-power-high": {"home"},
    "han-phase-current": {"home L1"},
    "han-hour-energy": {"home"},
    "han-day-energy": {"home"},
    "han-month-energy": {"home"},
    "han-building-power": {""},
    "han-meter-silent": {"quiet"},
    "han-voltage": {"home L2"},
    "han-phase-lost": {"home L3"},
    "han-base-load": {"home"},
    "han-counter-back": {"home export 1-0:2.8.0"},
    "han-clock": {"home"},
    "han-damaged": {"home"},
    "han-refused": {"attic"},
    "han-backlog": {"attic"},
    "han-hour-fee": {"home"},
}
"""What each rule must speak of, by its labels, once the faults are there, and of nothing else."""


@dataclass
class Story:
    """Points, the later of two at one time standing."""

    now: Seconds
    points: Points = field(default_factory=dict)

    @property
    def end(self) -> Seconds:
        return self.now + AHEAD

    def put(
        self, times: Iterable[Seconds], value: float, measurement: str, *, name: str = "value", **tags: str
    ) -> None:
        self.at(dict.fromkeys(times, value), measurement, name=name, **tags)

    def at(self, values: Mapping[Seconds, float], measurement: str, *, name: str = "value", **tags: str) -> None:
        key = (measurement, name, *(f"{tag}={tags[tag]}" for tag in sorted(tags)))
        self.points.setdefault(key, {}).update(values)

    def minutes(self, since: Seconds) -> range:
        """Each whole minute from then on, half an hour ahead of now too."""
        return range(-(-since // MINUTE) * MINUTE, self.end, MINUTE)

    def data(self) -> Data:
        return Data({key: sorted(values.items()) for key, values in self.points.items()})

    def lines(self) -> Iterator[str]:
        """Line protocol, precision s."""
        return self.data().lines()


def healthy(now: Seconds) -> Story:
    """Everything as it should be."""
    story = Story(now)
    for meter in METERS:
        _healthy_meter(story, meter)
        story.put(story.minutes(now - 2 * HOUR), 1_500_000.0, "hanlogger", name="month", logger="attic", meter=meter)
        for name, each_minute in (("frames", 6), ("damaged", 0)):
            counts = {t: float(t // MINUTE * each_minute) for t in story.minutes(now - 2 * HOUR)}
            story.at(counts, "hanlogger", name=name, logger="attic", meter=meter)
    for logger in LOGGERS:
        for name, value in (("refused", 7.0), ("undelivered_age", 1.0)):
            story.put(story.minutes(now - 2 * HOUR), value, "hanlogger", name=name, logger=logger)
    return story


def _healthy_meter(story: Story, meter: str) -> None:
    lately = story.minutes(story.now - 25 * HOUR)
    story.put(
        [*_long_ago(story.now, 16), *lately], POWER, "active_power", meter=meter, direction="import", phase="total"
    )
    start = story.now - 49 * HOUR
    counted = {t: COUNTER + (t - start) * POWER // HOUR for t in story.minutes(start)}
    story.at(counted, "active_energy", meter=meter, direction="import", phase="total", obis="1-0:1.8.0")
    _used(story, meter, dict.fromkeys(range(start // QUARTER * QUARTER, story.end, QUARTER), POWER / 4))
    story.put(lately, EXPORTED, "active_energy", meter=meter, direction="export", phase="total", obis="1-0:2.8.0")
    for phase in PHASES:
        story.put(lately, 230.0, "voltage", meter=meter, phase=phase)
        story.put(lately, 3.0, "current", meter=meter, phase=phase)
    story.put(story.minutes(story.now - 2 * HOUR), 0.5, "clock_offset", meter=meter)
    story.put(story.minutes(story.now - 2 * HOUR), 0.0, "running_hour", name="extra", meter=meter, line="Power")


def _used(story: Story, meter: str, quarters: Mapping[Seconds, float]) -> None:
    """What a meter imported in each quarter, in Wh."""
    tags = {"meter": meter, "direction": "import", "quality": "measured"}
    story.at(quarters, "energy_interval", **tags)
    story.put(quarters, float(QUARTER), "energy_interval", name="seconds", **tags)


def faulty(now: Seconds) -> Story:
    """What is to be written over the healthy points: a fault for each rule but the silence."""
    story = Story(now)
    power = {"meter": "home", "direction": "import", "phase": "total"}
    three_days = [*_long_ago(now, 3), *story.minutes(now - 25 * HOUR)]
    story.put(three_days, 1000.0, "active_power", **power)
    hour_and_more = min(now // HOUR * HOUR, now - 6 * MINUTE)
    story.put(story.minutes(hour_and_more), 13_000.0, "active_power", **power)
    story.put(story.minutes(now - 6 * MINUTE), 19.0, "current", meter="home", phase="L1")
    story.put(story.minutes(now - 12 * MINUTE), 260.0, "voltage", meter="home", phase="L2")
    story.put(story.minutes(now - 2 * MINUTE), 0.0, "voltage", meter="home", phase="L3")
    story.put(story.minutes(now - 6 * MINUTE), 13.5, "running_hour", name="extra", meter="home", line="Power")
    _faulty_counters(story)
    _faulty_logger(story)
    story.put(story.minutes(now - HOUR), 3600.0, "clock_offset", meter="home")
    return story


def _long_ago(now: Seconds, days: int) -> range:
    """Each 5 minutes up to a day ago."""
    step = 5 * MINUTE
    return range((now - days * DAY) // step * step, now - 25 * HOUR, step)


def _faulty_counters(story: Story) -> None:
    """100 kWh within this hour, and one reading of the exported energy below the one before."""
    start = story.now - 49 * HOUR
    jumped = {t: COUNTER + 100_000 + (t - start) * POWER // HOUR for t in story.minutes(story.now - MINUTE)}
    story.at(jumped, "active_energy", meter="home", direction="import", phase="total", obis="1-0:1.8.0")
    _used(story, "home", {story.now // QUARTER * QUARTER: 100_000})
    dip = [story.now // MINUTE * MINUTE - 30 * MINUTE]
    story.put(dip, EXPORTED - 1.0, "active_energy", meter="home", direction="export", phase="total", obis="1-0:2.8.0")


def _faulty_logger(story: Story) -> None:
    newest = story.minutes(story.now - MINUTE)
    story.put(newest, 1_500_001.0, "hanlogger", name="month", logger="attic", meter="home")
    an_hour = story.minutes(story.now - HOUR)
    story.at(
        {t: float((t - an_hour[0]) // MINUTE) for t in an_hour},
        "hanlogger",
        name="damaged",
        logger="attic",
        meter="home",
    )
    story.put(story.minutes(story.now - MINUTE), 9.0, "hanlogger", name="refused", logger="attic")
    since = story.now - 15 * MINUTE
    waiting = {t: float(t - since) for t in story.minutes(since)}
    story.at(waiting, "hanlogger", name="undelivered_age", logger="attic")


def silent_since(now: Seconds, least: Seconds = 0) -> tuple[str, str]:
    """A range without end in which a meter must not have been heard so that it is silent."""
    return _text(now - max(5 * MINUTE, least)), _text(now + 2 * AHEAD)


def _text(time: Seconds) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
