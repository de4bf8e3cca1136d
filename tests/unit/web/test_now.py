"""What is shown of now: the direction of the power, and something true of every meter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from hanlogger.archive.recent import SoFar
from hanlogger.model import Frame
from hanlogger.status.state import MeterState, RegisterState
from hanlogger.web.curve import view_curve
from hanlogger.web.language import PageSpeech
from hanlogger.web.now import MeterNow, view_meter, view_so_far
from tests.support.web import frames_of, meter_state

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SAY = PageSpeech("en", ZoneInfo("Europe/Stockholm"))
SPACE = "\u00a0"


def meter(values: dict[str, tuple[str, str]], **given: object) -> MeterState:
    registers = {code: RegisterState(value, unit, NOW) for code, (value, unit) in values.items()}
    return meter_state("home", (), **{"last": NOW, "registers": registers, **given})


def view(state: MeterState, now: datetime = NOW) -> MeterNow:
    return view_meter(state, now, SAY)


@pytest.mark.parametrize(
    ("taken", "given", "direction", "amount"),
    [("1234", "0", "import", "1 234 W"), ("0", "560", "export", "560 W"), ("0", "0", "none", "0 W")],
)
def test_power_has_a_direction(taken: str, given: str, direction: str, amount: str) -> None:
    power = view(meter({"1-0:1.7.0": (taken, "W"), "1-0:2.7.0": (given, "W")})).power
    assert (power.direction, power.amount) == (direction, amount.replace(" ", SPACE))


def test_a_meter_without_export_shows_its_import() -> None:
    assert view(meter({"1-0:1.7.0": ("700", "W")})).power.direction == "import"


def test_the_power_of_a_silent_meter_is_not_said_to_be_of_now() -> None:
    state = meter({"1-0:1.7.0": ("700", "W")})
    late = view(state, NOW + timedelta(minutes=2))
    assert (late.fresh, late.power.direction, late.power.words) == (False, "unknown", SAY("now.was"))
    assert view(state, NOW + timedelta(seconds=119)).fresh
    assert late.age.startswith("2\u00a0min ago")


def test_a_meter_that_sends_each_quarter_of_an_hour_is_not_silent_after_two_minutes() -> None:
    assert view(meter({"1-0:1.7.0": ("700", "W")}, interval=900.0), NOW + timedelta(minutes=44)).fresh


HOUR_AGO = NOW - timedelta(hours=1)


def test_an_energy_that_is_known_in_part_is_a_lower_bound_and_says_since_when() -> None:
    shown = view_so_far("Today", SoFar(Decimal(20), Decimal(1500), HOUR_AGO, whole=False), SAY)
    assert shown == ("Today", f"at least 0.02{SPACE}kWh", f"at least 1.50{SPACE}kWh", "known since 13:00")


def test_an_energy_that_is_wholly_known_says_no_more() -> None:
    shown = view_so_far("Today", SoFar(Decimal(20), Decimal(0), HOUR_AGO, whole=True), SAY)
    assert shown == ("Today", f"0.02{SPACE}kWh", "", "")


def test_before_two_telegrams_it_says_when_the_energy_will_be_known() -> None:
    assert view_so_far("Today", SoFar(None, None, None, whole=False), SAY) == (
        "Today",
        "–",
        "",
        SAY("now.not_known_yet"),
    )


def test_a_meter_that_has_sent_nothing_says_so() -> None:
    shown = view(meter_state("home", last=None))
    assert (shown.power.words, shown.age) == (SAY("now.no_telegram"), SAY("now.waits"))
    assert (shown.phases, shown.counters) == ((), ())


def test_telegrams_that_cannot_be_read_are_said_to_be_so() -> None:
    shown = view(meter_state("home", [Frame("dlms", b"\x00\x01", NOW)]))
    assert shown.power.words == SAY("now.undecoded")
    assert shown.words


def test_a_meter_without_voltage_has_no_gauge_and_one_with_it_has_its_place() -> None:
    (phase,) = view(meter({"1-0:31.7.0": ("4.0", "A")})).phases
    assert (phase.name, phase.voltage, phase.volts_at) == ("L1", "–", None)
    (phase,) = view(meter({"1-0:52.7.0": ("230", "V")})).phases
    assert (phase.name, phase.volts_at, phase.volts_words) == ("L2", 50.0, "")


@pytest.mark.parametrize(
    ("volts", "words"), [("206.9", "now.volts_low"), ("207", ""), ("253", ""), ("253.1", "now.volts_high")]
)
def test_a_voltage_outside_of_the_band_is_said_in_words(volts: str, words: str) -> None:
    (phase,) = view(meter({"1-0:32.7.0": (volts, "V")})).phases
    assert phase.volts_words == (SAY(words) if words else "")


@pytest.mark.parametrize(
    ("amperes", "load", "level"),
    [("13.9", 69.5, ""), ("14", 70.0, "warm"), ("20", 100.0, "warm"), ("20.2", 100.0, "over"), ("-5", 25.0, "")],
)
def test_a_phase_is_held_against_the_fuse(amperes: str, load: float, level: str) -> None:
    (phase,) = view(meter({"1-0:31.7.0": (amperes, "A")})).phases
    assert phase.load == pytest.approx(load)
    assert phase.level == level


def test_a_phase_without_a_current_is_held_against_the_fuse_by_its_power() -> None:
    (phase,) = view(meter({"1-0:21.7.0": ("2300", "W")})).phases
    assert phase.load == pytest.approx(50.0)


def test_a_real_telegram_shows_three_phases_and_two_counters() -> None:
    shown = view(meter_state("home", frames_of("p1-aidon", [NOW])))
    assert [phase.name for phase in shown.phases] == ["L1", "L2", "L3"]
    assert [name for name, _ in shown.counters] == [SAY("now.counter_import"), SAY("now.counter_export")]


def test_a_curve_says_its_highest_and_lowest_with_their_times() -> None:
    curve = view_curve([1000.0] * 10 + [None] * 2 + [-500.0] + [4000.0] * 11, 6, NOW, SAY)
    assert "Highest 4 000 W at 13:52" in curve.summary.replace(SPACE, " ")
    assert "lowest −500 W at 11:07" in curve.summary.replace(SPACE, " ")
    assert (curve.x[0].text, curve.x[-1].text) == ("08:00", "14:00")
    assert len(curve.rows) == 12


def test_a_curve_of_nothing_says_so() -> None:
    curve = view_curve([None] * 180, 6, NOW, SAY)
    assert (curve.known, curve.summary) == (False, SAY("now.curve_empty"))
