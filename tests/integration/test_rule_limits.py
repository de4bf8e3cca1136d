"""Each alert rule on a real InfluxDB, a step on either side of what it is about: its limit, its span, its series.

Every case is a meter (or a logger) of its own in one bucket, named by what happens to it. The names that begin with
`yes` are those of which the rule must speak.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from hanlogger.boards.rules import make_rules
from hanlogger.boards.settings import Limits, RuleSettings
from tests.support.alarm_data import Story
from tests.support.house_data import DAY, HOUR, MINUTE, PHASES, Seconds
from tests.support.ruling import Houses
from tests.support.servers import Bucket

pytestmark = pytest.mark.xdist_group("houses")

NOW = int(datetime(2026, 1, 15, 17, 44, 30, tzinfo=UTC).timestamp())  # 18:44:30 in Stockholm
RULES = {
    rule.uid: rule
    for rule in make_rules(RuleSettings(limits=Limits(fuse=20, power=12_000, hour=5, day=60), building=50))
}
LATELY = 2 * HOUR


def minutes(since: Seconds, until: Seconds = 0, now: Seconds = NOW) -> range:
    """The whole minutes from `since` seconds ago to `until` seconds ago."""
    return range(-(-(now - since) // MINUTE) * MINUTE, now - until + 1, MINUTE)


def speaking(bucket: Bucket, uid: str, story: Story) -> set[str]:
    return Houses(bucket, story.now, story).speaking(RULES[uid])


def wanted(story: Story, tag: str = "meter", *also: str) -> set[str]:
    """The names that begin with `yes`, with the other tags by which the rule tells its series apart."""
    named = [dict(pair.split("=") for pair in key[2:]) for key in story.points]
    return {" ".join(tags[one] for one in (tag, *also)) for tags in named if tags[tag].startswith("yes")}


def powers(story: Story, meter: str, values: dict[Seconds, float], **tags: str) -> None:
    story.at(values, "active_power", meter=meter, **{"direction": "import", "phase": "total", **tags})


def steady(value: float, since: Seconds, until: Seconds = 0) -> dict[Seconds, float]:
    return dict.fromkeys(minutes(since, until), value)


def test_power_is_the_mean_of_five_minutes_of_the_import_of_all_phases(bucket: Bucket) -> None:
    story = Story(NOW)
    powers(story, "at-the-limit", steady(12_000, LATELY))
    powers(story, "yes-above", steady(12_001, LATELY))
    powers(story, "yes-for-five-minutes", steady(100, LATELY) | steady(12_001, 5 * MINUTE))
    powers(story, "until-five-minutes-ago", steady(50_000, LATELY, 5 * MINUTE + 1) | steady(100, 5 * MINUTE))
    powers(story, "a-minute-of-the-five", steady(100, LATELY) | steady(50_000, MINUTE))
    powers(story, "yes-but-for-a-minute", steady(20_000, LATELY) | steady(100, MINUTE))
    powers(story, "one-phase", steady(100, LATELY))
    powers(story, "one-phase", steady(50_000, LATELY), phase="L1")
    powers(story, "export", steady(100, LATELY))
    powers(story, "export", steady(50_000, LATELY), direction="export")
    powers(story, "net", steady(100, LATELY))
    powers(story, "net", steady(50_000, LATELY), direction="net")
    thick = (NOW - 2 * MINUTE) // MINUTE * MINUTE
    many = dict.fromkeys(range(thick, thick + MINUTE, 2), 20_000.0)
    powers(story, "a-minute-of-many-telegrams", steady(9_000, LATELY) | many)
    assert speaking(bucket, "han-power-high", story) == wanted(story)


@pytest.mark.parametrize(("watts", "speaks"), [(31_176, False), (31_177, True)])
def test_a_building_is_near_its_fuse_by_the_net_power_of_all_that_send(
    bucket: Bucket, watts: float, speaks: bool
) -> None:
    """Nine tenths of 50 A on three phases are 31.176 kW."""
    story = Story(NOW)
    powers(story, "flat-1", steady(20_000, LATELY))
    powers(story, "flat-2", steady(watts - 14_000, LATELY))
    powers(story, "flat-2", steady(9_999, LATELY), phase="L1")
    powers(story, "panels", steady(0, LATELY))
    powers(story, "panels", steady(6_000, LATELY), direction="export")
    powers(story, "silent", steady(50_000, LATELY, 5 * MINUTE + 1))
    assert speaking(bucket, "han-building-power", story) == ({""} if speaks else set())


def test_current_is_the_mean_of_two_minutes_of_each_phase(bucket: Bucket) -> None:
    story = Story(NOW)

    def currents(meter: str, values: dict[Seconds, float], phase: str = "L2") -> None:
        story.at(values, "current", meter=meter, phase=phase)

    for phase in PHASES:
        currents("nine-tenths-of-the-fuse", steady(18.0, LATELY), phase)
        currents(f"yes-{phase}", steady(18.1, LATELY), phase)
        for other in set(PHASES) - {phase}:
            currents(f"beside-{phase}", steady(1.0, LATELY), other)
    currents("yes-fed-in-with-a-sign", steady(-18.1, LATELY))
    currents("nine-tenths-fed-in", steady(-18.0, LATELY))
    currents("yes-for-two-minutes", steady(1.0, LATELY) | steady(18.1, 2 * MINUTE))
    currents("until-two-minutes-ago", steady(30.0, LATELY, 2 * MINUTE + 1) | steady(1.0, 2 * MINUTE))
    currents("a-minute-of-the-two", steady(1.0, LATELY) | steady(30.0, MINUTE))
    thick = (NOW - MINUTE) // MINUTE * MINUTE
    currents("a-minute-of-many-telegrams", steady(10.0, LATELY) | dict.fromkeys(range(thick, thick + 60, 2), 24.0))
    assert speaking(bucket, "han-phase-current", story) == wanted(story, "meter", "phase")


def test_the_energy_of_the_hour_is_what_it_will_have_been_at_its_end(bucket: Bucket) -> None:
    """It is 17:44:30: 45 minutes have begun, and 15 are to come at the power of the newest."""
    story = Story(NOW)
    hour = NOW - NOW // HOUR * HOUR
    powers(story, "at-the-limit", steady(5000, hour))
    powers(story, "yes-above", steady(5001, hour))
    powers(story, "yes-by-what-is-to-come", steady(0, hour) | steady(19_000, MINUTE))  # 19,000 * 16 / 60
    powers(story, "what-is-to-come-is-too-little", steady(0, hour) | steady(18_700, MINUTE))  # 4987 Wh
    powers(story, "yes-by-what-was", steady(6900, hour) | steady(0, MINUTE))  # 6900 * 44 / 60 = 5060 Wh
    powers(story, "what-was-is-too-little", steady(6800, hour) | steady(0, MINUTE))  # 4987 Wh
    powers(story, "the-hour-before", steady(50_000, 2 * HOUR, hour + 1) | steady(1000, hour))
    powers(story, "export", steady(1000, hour))
    powers(story, "export", steady(50_000, hour), direction="export")
    powers(story, "one-phase", steady(1000, hour))
    powers(story, "one-phase", steady(50_000, hour), phase="L3")
    assert speaking(bucket, "han-hour-energy", story) == wanted(story)


def test_the_energy_of_the_day_begins_at_midnight_of_the_house(bucket: Bucket) -> None:
    """Midnight in Stockholm is 23:00 UTC of the day before."""
    story = Story(NOW)
    midnight = int(datetime(2026, 1, 14, 23, tzinfo=UTC).timestamp())

    def counted(meter: str, used: Iterable[tuple[Seconds, float]], direction: str = "import") -> None:
        """Energy (Wh) of quarters that begin at such times."""
        story.at(dict(used), "energy_interval", meter=meter, direction=direction, quality="measured")

    noon = midnight + 12 * HOUR
    counted("at-the-limit", [(noon, 60_000)])
    counted("yes-above", [(noon, 60_001)])
    counted("yes-in-two-parts", [(noon, 30_000), (noon + 3 * HOUR, 30_001)])
    counted("yes-soon-after-midnight", [(midnight, 60_001)])
    counted("soon-before-midnight", [(midnight - 15 * MINUTE, 90_000), (noon, 1000)])
    counted("yes-with-a-gap", [(noon, 30_000)])
    story.at({noon: 30_001.0}, "energy_interval", meter="yes-with-a-gap", direction="import", quality="bounded")
    counted("export", [(noon, 1000)])
    counted("export", [(noon, 90_000)], "export")
    assert speaking(bucket, "han-day-energy", story) == wanted(story)


def test_a_meter_is_silent_three_minutes_after_its_last_telegram(bucket: Bucket) -> None:
    """It is reckoned to half a minute."""
    story = Story(NOW)
    powers(story, "heard-two-minutes-ago", steady(1.0, LATELY, 2 * MINUTE))
    powers(story, "heard-once-since", {NOW - 2 * MINUTE: 1.0})
    powers(story, "back-after-a-gap", steady(1.0, LATELY, HOUR) | {NOW - 5: 1.0})
    powers(story, "yes-heard-four-minutes-ago", steady(1.0, LATELY, 4 * MINUTE))
    powers(story, "yes-for-three-hours", steady(1.0, 5 * HOUR, 3 * HOUR))
    powers(story, "yes-for-most-of-a-day", steady(1.0, 25 * HOUR, 23 * HOUR))
    powers(story, "gone-for-more-than-a-day", steady(1.0, 30 * HOUR, 24 * HOUR + 1))
    powers(story, "uses-nothing", steady(0.0, LATELY))
    assert speaking(bucket, "han-meter-silent", story) == wanted(story)


def test_voltage_is_the_mean_of_ten_minutes_of_each_phase_within_ten_per_cent(bucket: Bucket) -> None:
    story = Story(NOW)

    def voltages(meter: str, values: dict[Seconds, float], phase: str = "L1") -> None:
        story.at(values, "voltage", meter=meter, phase=phase)

    for phase in PHASES:
        voltages("lowest", steady(207.0, LATELY), phase)
        voltages("highest", steady(253.0, LATELY), phase)
        voltages(f"yes-low-{phase}", steady(206.9, LATELY), phase)
        voltages(f"yes-high-{phase}", steady(253.1, LATELY), phase)
    voltages("yes-200", steady(200.0, LATELY))
    voltages("yes-for-ten-minutes", steady(230.0, LATELY) | steady(253.1, 10 * MINUTE))
    voltages("until-ten-minutes-ago", steady(300.0, LATELY, 10 * MINUTE + 1) | steady(230.0, 10 * MINUTE))
    voltages("a-minute-of-the-ten", steady(230.0, LATELY) | steady(300.0, MINUTE))
    voltages("a-low-minute-of-the-ten", steady(230.0, LATELY) | steady(180.0, MINUTE))
    voltages("lost", steady(0.0, LATELY))
    voltages("stray-voltage-of-a-lost-one", steady(100.0, LATELY))
    voltages("yes-101", steady(101.0, LATELY))
    voltages("lost-a-while-ago", steady(230.0, LATELY) | steady(0.0, 5 * MINUTE))
    assert speaking(bucket, "han-voltage", story) == wanted(story, "meter", "phase")


def test_a_phase_is_lost_when_it_has_130_v_less_than_its_highest_of_the_day(bucket: Bucket) -> None:
    story = Story(NOW)

    def voltages(meter: str, values: dict[Seconds, float], phase: str = "L3") -> None:
        story.at(values, "voltage", meter=meter, phase=phase)

    for phase in PHASES:
        voltages(f"yes-{phase}", steady(230.0, LATELY) | steady(0.0, MINUTE), phase)
    voltages("half-of-it-left", steady(230.0, LATELY) | steady(100.0, MINUTE))
    voltages("yes-less-than-half-of-it-left", steady(230.0, LATELY) | steady(99.9, MINUTE))
    voltages("13-v-less", steady(230.0, LATELY) | steady(215.0, MINUTE))
    voltages("yes-for-most-of-a-day", steady(230.0, 24 * HOUR, 23 * HOUR) | steady(0.0, 23 * HOUR - MINUTE))
    voltages("never-connected", steady(0.0, 24 * HOUR))
    voltages("gone-for-more-than-a-day", steady(230.0, 30 * HOUR, 24 * HOUR + 1) | steady(0.0, 24 * HOUR))
    voltages("back-again", steady(230.0, LATELY) | steady(0.0, HOUR, 30 * MINUTE))
    voltages("higher-than-before", steady(0.0, LATELY) | steady(230.0, MINUTE))
    assert speaking(bucket, "han-phase-lost", story) == wanted(story, "meter", "phase")


def test_the_base_load_has_grown_by_half_and_by_50_w_over_three_days(bucket: Bucket) -> None:
    """The blocks of three days end at the server's own now."""
    now = int(time.time())
    story = Story(now)
    blocks = range((now - 14 * DAY) // HOUR * HOUR, now + HOUR, 10 * MINUTE)
    recent = now - 3 * DAY

    def loads(meter: str, before: float, after: float, heard: Seconds = 4 * DAY) -> None:
        powers(story, meter, {t: before if t < recent else after for t in blocks if t < recent + heard})

    loads("half-as-much-again", 600, 900)
    loads("yes-more", 600, 901)
    loads("50-w-more", 40, 90)
    loads("yes-51-w-more", 40, 91)
    loads("twice-as-much-of-little", 40, 80)
    loads("a-fourth-of-much", 4000, 5000)
    loads("less", 900, 100)
    loads("heard-for-15-hours-of-three-days", 600, 2000, 15 * HOUR)
    loads("yes-heard-for-18-hours-of-three-days", 600, 2000, 18 * HOUR)
    powers(story, "two-of-three-days", {t: 600.0 if t < recent + DAY else 2000.0 for t in blocks})
    powers(story, "export", dict.fromkeys(blocks, 600.0))
    powers(story, "export", {t: 600.0 if t < recent else 2000.0 for t in blocks}, direction="export")
    powers(story, "one-phase", dict.fromkeys(blocks, 600.0))
    powers(story, "one-phase", {t: 600.0 if t < recent else 2000.0 for t in blocks}, phase="L1")
    fourth, tenth = ({t: 600.0 if t < recent or t % part == 0 else 2000.0 for t in blocks} for part in (2400, 6000))
    powers(story, "but-for-a-fourth-of-the-time", fourth)
    powers(story, "yes-but-for-a-tenth-of-the-time", tenth)
    powers(story, "as-in-three-of-five-blocks", {t: 50.0 if t < now - 9 * DAY else 600.0 for t in blocks})
    assert speaking(bucket, "han-base-load", story) == wanted(story)


def test_a_counter_has_gone_backwards_when_one_step_of_the_day_is_down(bucket: Bucket) -> None:
    story = Story(NOW)

    def counts(meter: str, values: dict[Seconds, float], obis: str = "1-0:1.8.0", phase: str = "total") -> None:
        direction = "export" if obis == "1-0:2.8.0" else "import"
        story.at(values, "active_energy", meter=meter, direction=direction, phase=phase, obis=obis)

    counts("stands-still", steady(1000, LATELY))
    counts("grows", {t: float(t) for t in minutes(LATELY)})
    counts("yes-by-one", steady(1000, LATELY) | steady(999, HOUR))
    counts("yes-and-up-again", steady(1000, LATELY) | steady(999, HOUR, HOUR - MINUTE))
    counts("yes-export", steady(1000, LATELY) | steady(999, HOUR), "1-0:2.8.0")
    counts("yes-most-of-a-day-ago", steady(1000, 24 * HOUR) | steady(900, 23 * HOUR))
    counts("more-than-a-day-ago", steady(1000, 26 * HOUR, 25 * HOUR) | steady(900, 24 * HOUR + MINUTE))
    for obis, level in (("1-0:1.8.0", 5000), ("1-0:1.8.1", 2000), ("1-0:1.8.2", 3000)):
        counts("several-codes", steady(level, LATELY), obis)
    counts("one-phase", steady(1000, LATELY))
    counts("one-phase", steady(1000, LATELY) | steady(0, HOUR), phase="L1")
    assert speaking(bucket, "han-counter-back", story) == wanted(story, "meter", "direction", "obis")


def test_a_clock_is_off_when_the_median_of_an_hour_is_more_than_two_minutes(bucket: Bucket) -> None:
    story = Story(NOW)

    def offsets(meter: str, values: dict[Seconds, float]) -> None:
        story.at(values, "clock_offset", meter=meter)

    for sign, word in ((1, "ahead"), (-1, "behind")):
        offsets(f"two-minutes-{word}", steady(sign * 120, LATELY))
        offsets(f"yes-more-{word}", steady(sign * 121, LATELY))
        offsets(f"less-than-half-the-time-{word}", steady(0, LATELY) | steady(sign * 3600, 25 * MINUTE))
        offsets(f"yes-most-of-the-time-{word}", steady(0, LATELY) | steady(sign * 3600, 35 * MINUTE))
        offsets(f"an-hour-ago-{word}", steady(sign * 3600, LATELY, HOUR + 1) | steady(0, HOUR))
    assert speaking(bucket, "han-clock", story) == wanted(story)


def growing(by: float, since: Seconds = HOUR, until: Seconds = 0) -> dict[Seconds, float]:
    """A count of the logger's that grows by so much from then until then."""
    first, last = (NOW - ago for ago in (since, until))
    return {t: 100 + by * min(max(0, (t - first) / (last - first)), 1) for t in minutes(LATELY)} | {
        first: 100.0,
        NOW: 100.0 + by,
    }


def test_damage_is_one_telegram_in_twenty_of_an_hour(bucket: Bucket) -> None:
    story = Story(NOW)

    def counts(meter: str, frames: dict[Seconds, float], damaged: dict[Seconds, float]) -> None:
        for name, values in (("frames", frames), ("damaged", damaged)):
            story.at(values, "hanlogger", name=name, logger="attic", meter=meter)

    counts("one-in-twenty", growing(400), growing(20))
    counts("yes-more", growing(400), growing(21))
    counts("none", growing(400), growing(0))
    counts("an-hour-ago", growing(400), growing(300, LATELY, HOUR))
    counts("yes-in-the-last-minutes", growing(400), growing(21, 5 * MINUTE))
    assert speaking(bucket, "han-damaged", story) == wanted(story)


def test_one_refused_telegram_of_the_hour_is_enough(bucket: Bucket) -> None:
    story = Story(NOW)

    def refused(logger: str, values: dict[Seconds, float]) -> None:
        story.at(values, "hanlogger", name="refused", logger=logger)

    refused("yes-one", growing(1))
    refused("none", growing(0))
    refused("fewer", growing(-3))
    refused("taken-again", growing(0) | steady(107, 30 * MINUTE, 20 * MINUTE))
    refused("an-hour-ago", growing(5, LATELY, HOUR))
    refused("yes-in-the-last-minute", growing(1, MINUTE))
    assert speaking(bucket, "han-refused", story) == wanted(story, "logger")


def test_a_backlog_grows_when_it_is_20_s_older_with_each_minute(bucket: Bucket) -> None:
    story = Story(NOW)

    def ages(logger: str, seconds_a_minute: float, since: Seconds = LATELY, until: Seconds = 0) -> None:
        start, end = NOW - since, NOW - until
        values = {t: 1 + seconds_a_minute * max(0, min(t, end) - start) / MINUTE for t in minutes(LATELY)}
        story.at(values, "hanlogger", name="undelivered_age", logger=logger)

    ages("20-s", 19.99)
    ages("yes-more", 20.01)
    ages("yes-nothing-is-delivered", 60)
    ages("old-but-no-older", 0)
    ages("catching-up", -60)
    ages("15-minutes-ago", 60, LATELY, 15 * MINUTE)
    ages("yes-for-ten-of-15-minutes", 60, 10 * MINUTE)
    ages("for-three-of-15-minutes", 60, 3 * MINUTE)
    assert speaking(bucket, "han-backlog", story) == wanted(story, "logger")
