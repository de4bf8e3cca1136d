"""Which registers are sensors of Home Assistant, and of which kind."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hanlogger.homeassistant.entities import Entity, Sensor, find_entity, make_key, scale
from hanlogger.status.state import RegisterState

AT = datetime(2026, 1, 1, tzinfo=UTC)


def entity(code: str, unit: str, value: str = "1") -> Entity | None:
    return find_entity(code, RegisterState(value, unit, AT), "en")


def kind(code: str, unit: str, value: str = "1") -> tuple[str, str, str]:
    found = entity(code, unit, value)
    assert found is not None
    return found.sensor.device_class, found.sensor.state_class, found.sensor.unit


@pytest.mark.parametrize(
    ("code", "unit", "wanted"),
    [
        ("1-0:1.8.0", "Wh", ("energy", "total_increasing", "kWh")),
        ("1-0:2.8.0", "Wh", ("energy", "total_increasing", "kWh")),
        ("1-0:1.8.2", "Wh", ("energy", "total_increasing", "kWh")),
        ("1-0:1.7.0", "W", ("power", "measurement", "W")),
        ("1-0:41.7.0", "W", ("power", "measurement", "W")),
        ("1-0:16.7.0", "W", ("power", "measurement", "W")),
        ("1-0:32.7.0", "V", ("voltage", "measurement", "V")),
        ("1-0:71.7.0", "A", ("current", "measurement", "A")),
        ("1-0:14.7.0", "Hz", ("frequency", "measurement", "Hz")),
        ("1-0:13.7.0", "", ("power_factor", "measurement", "")),
        ("1-0:3.7.0", "var", ("reactive_power", "measurement", "var")),
        ("1-0:3.8.0", "varh", ("", "total_increasing", "kvarh")),
        ("0-1:24.2.3", "m3", ("gas", "total_increasing", "m³")),
        ("1-0:1.6.0", "W", ("power", "measurement", "W")),
        ("1-0:32.32.0", "", ("", "total_increasing", "")),
        ("0-0:96.7.21", "", ("", "total_increasing", "")),
    ],
)
def test_a_register_is_a_sensor_of_its_kind(code: str, unit: str, wanted: tuple[str, str, str]) -> None:
    assert kind(code, unit) == wanted


@pytest.mark.parametrize(
    ("code", "unit", "value"),
    [
        ("0-0:96.1.0", "", "7340001"),  # an id is nobody's sensor
        ("0-0:1.0.0", "", "260101130000W"),
        ("1-0:1.8.0", "", "1"),  # a unit that does not fit has the sensor rejected
        ("1-0:1.8.0", "Wh", "unknown"),
        ("1-0:1.8.0", "Wh", "NaN"),
        ("0-1:24.2.1", "GJ", "1"),
        ("1-0:99.99.99", "W", "1"),
        ("no code", "W", "1"),
    ],
)
def test_what_is_no_number_in_its_unit_is_no_sensor(code: str, unit: str, value: str) -> None:
    assert entity(code, unit, value) is None


def test_a_name_is_that_of_the_catalogue_in_the_users_language() -> None:
    register = RegisterState("1", "Wh", AT)
    english, swedish = (find_entity("1-0:1.8.0", register, language) for language in ("en", "sv"))
    assert english is not None
    assert swedish is not None
    assert english.name == "Active energy import"
    assert swedish.name == "Aktiv energi uttag"
    assert english.key == swedish.key == "1-0_1_8_0"


def test_two_sub_meters_have_two_names() -> None:
    first, second = (entity(f"0-{channel}:24.2.3", "m3") for channel in (1, 2))
    assert first is not None
    assert second is not None
    assert (first.name, second.name) == ("Gas 1", "Gas 2")


def test_what_few_look_at_may_be_enabled_and_is_not_at_first() -> None:
    reactive, active = entity("1-0:3.7.0", "var"), entity("1-0:1.7.0", "W")
    assert reactive is not None
    assert active is not None
    assert (reactive.sensor.enabled, active.sensor.enabled) == (False, True)


def test_a_number_is_sent_exactly() -> None:
    assert scale("6678394", -3) == 6678.394
    assert scale("6678000", -3) == 6678
    assert isinstance(scale("6678000", -3), int)
    assert scale("230.1", 0) == 230.1


@pytest.mark.parametrize("text", ["", "x", "NaN", "Infinity"])
def test_a_text_is_no_number(text: str) -> None:
    assert scale(text, 0) is None


def test_a_key_has_only_what_an_id_may_have() -> None:
    assert make_key("1-0:1.8.0*01") == "1-0_1_8_0_01"


def test_a_sensor_is_shown_unless_said_otherwise() -> None:
    assert Sensor() == ("", "", "", 0, None, False, True)
