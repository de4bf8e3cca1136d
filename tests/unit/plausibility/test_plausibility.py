"""A wrong scale is noticed by what the meter itself says, and a right one never is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from hanlogger.model import Obis, Reading, Register
from hanlogger.plausibility import ClockWatch, Doubt, ScaleWatch

START = datetime(2025, 1, 14, 12, tzinfo=UTC)
TEN_SECONDS = timedelta(seconds=10)


def reading(**values: float) -> Reading:
    """`p=2300` … in base units, under the codes that meters use."""
    codes = {"p": (1, "W"), "q": (3, "var"), "export": (2, "W"), "u": (32, "V"), "i": (31, "A")}
    rows = [
        Register(Obis(1, 0, codes[name][0], 7, 0), Decimal(str(value)), codes[name][1])
        for name, value in values.items()
        if name in codes
    ]
    if "counter" in values:
        rows.append(Register(Obis(1, 0, 1, 8, 0), Decimal(str(values["counter"])), "Wh"))
    return Reading(tuple(rows))


def house(
    hours: float, *, counts_every: timedelta = TEN_SECONDS, scale: float = 1.0, step: float = 1.0
) -> Iterator[tuple[Reading, datetime]]:
    """2 kW, then 500 W, each hour, read every ten seconds; the counter is wrong by `scale`, in steps of `step` Wh."""
    used, at = 1_234_567.0, START
    while at < START + timedelta(hours=hours):
        power = 2000 if at.minute < 40 else 500
        due = (at - START) % counts_every == timedelta()
        counter = {"counter": (used // step) * step * scale} if due else {}
        yield reading(p=power, u=230, i=power / 230, **counter), at
        used += power / 360
        at += TEN_SECONDS


def watched(readings: Iterator[tuple[Reading, datetime]]) -> tuple[Doubt, ...]:
    watch = ScaleWatch()
    for one, at in readings:
        watch.feed(one, at)
    return watch.doubts


@pytest.mark.parametrize("counts_every", [TEN_SECONDS, timedelta(hours=1)])
@pytest.mark.parametrize("step", [1.0, 10.0])
def test_a_right_scale_is_not_doubted(counts_every: timedelta, step: float) -> None:
    assert watched(house(4, counts_every=counts_every, step=step)) == ()


@pytest.mark.parametrize(("scale", "factor"), [(10, "0.1"), (0.1, "10"), (1000, "0.001"), (1 / 60, "60")])
def test_an_energy_that_does_not_fit_the_power_is_told_with_its_factor(scale: float, factor: str) -> None:
    (doubt,) = watched(house(2, scale=scale))
    assert (doubt.setting, doubt.factor) == ("scale.energy", Decimal(factor))


def test_an_energy_that_is_sent_once_an_hour_is_compared_too() -> None:
    (doubt,) = watched(house(4, counts_every=timedelta(hours=1), scale=10))
    assert doubt == Doubt("scale.energy", Decimal("0.1"), 2)


def test_one_comparison_is_not_enough() -> None:
    assert watched(house(0.3, scale=10)) == ()


def test_what_was_used_while_nobody_listened_is_not_compared() -> None:
    with_gaps = ((one, at) for one, at in house(8) if at.minute % 20 < 12)
    assert watched(with_gaps) == ()


def test_a_counter_that_is_suddenly_ten_times_larger_is_told() -> None:
    watch = ScaleWatch()
    for counter in (1_000_000, 1_000_010, 10_000_200, 10_000_300):
        watch.feed(reading(p=1000, counter=counter), START)
    assert watch.doubts == (Doubt("scale.energy", Decimal("0.1"), 1),)


def test_an_exchanged_meter_is_not_taken_for_another_scale() -> None:
    watch = ScaleWatch()
    for counter in (34_567_890, 34_567_900, 12, 22, 32):
        watch.feed(reading(p=1000, counter=counter), START)
    assert watch.doubts == ()


@pytest.mark.parametrize(("current", "factor"), [(100, "0.1"), (1, "10"), (0.1, "100")])
def test_a_current_that_does_not_fit_the_power_is_told(current: float, factor: str) -> None:
    watch = ScaleWatch()
    for second in range(30):
        watch.feed(reading(p=2200, q=400, u=230, i=current), START + timedelta(seconds=second))
    assert watch.doubts == (Doubt("scale.current", Decimal(factor), 30),)


def test_reactive_load_and_harmonics_are_no_wrong_scale() -> None:
    watch = ScaleWatch()
    for second in range(60):
        watch.feed(reading(p=400, u=230, i=3.5), START + timedelta(seconds=second))
    assert watch.doubts == ()


def test_an_it_net_is_no_wrong_scale() -> None:
    """Three line currents times the voltages between lines: √3 times too much."""
    codes = {32: 230, 52: 231, 72: 229, 31: 10, 51: 10, 71: 10, 1: 3980}
    rows = tuple(Register(Obis(1, 0, code, 7, 0), Decimal(value)) for code, value in codes.items())
    watch = ScaleWatch()
    for second in range(60):
        watch.feed(Reading(rows), START + timedelta(seconds=second))
    assert watch.doubts == ()


def test_a_house_that_feeds_in_on_one_phase_is_no_wrong_scale() -> None:
    codes = {32: 230, 52: 230, 31: 10, 51: 10, 21: 2300, 42: 2300, 1: 0, 2: 0}
    rows = tuple(Register(Obis(1, 0, code, 7, 0), Decimal(value)) for code, value in codes.items())
    watch = ScaleWatch()
    for second in range(60):
        watch.feed(Reading(rows), START + timedelta(seconds=second))
    assert watch.doubts == ()


def test_a_voltage_in_tenths_is_told_and_not_blamed_on_the_current() -> None:
    watch = ScaleWatch()
    for second in range(30):
        watch.feed(reading(p=2300, u=2302, i=10), START + timedelta(seconds=second))
    assert watch.doubts == (Doubt("scale.voltage", Decimal("0.1"), 30),)


def test_a_voltage_transformer_is_no_wrong_scale() -> None:
    watch = ScaleWatch()
    for second in range(30):
        watch.feed(reading(p=2300, u=63.5, i=4), START + timedelta(seconds=second))
    assert watch.doubts == ()


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("offsets", "hours"),
    [
        ([HOUR + timedelta(seconds=n) for n in range(-10, 10)], 1),
        ([-2 * HOUR] * 40, -2),
        ([timedelta()] * 40, 0),
        ([HOUR] * 19, 0),
        ([HOUR] * 30 + [timedelta()], 0),
        ([timedelta()] * 30 + [HOUR] * 20, 1),
        ([HOUR + timedelta(minutes=3)] * 40, 0),
        ([HOUR * 24 * 325] * 40, 0),
        ([timedelta()] * 30 + [HOUR], 0),
        ([HOUR] * 30 + [2 * HOUR], 0),
        ([timedelta()] * 30 + [HOUR] * 19, 0),
        ([14 * HOUR] * 20, 14),
        ([-14 * HOUR] * 20, -14),
        ([15 * HOUR] * 20, 0),
        ([HOUR + timedelta(seconds=119)] * 20, 1),
        ([HOUR + timedelta(seconds=120)] * 20, 0),
        ([-15 * HOUR] * 20, 0),
    ],
)
def test_a_clock_is_told_that_is_off_by_the_same_whole_hours_for_a_while(offsets: list[timedelta], hours: int) -> None:
    watch = ClockWatch()
    for offset in offsets:
        watch.feed(offset)
    assert watch.hours == hours
