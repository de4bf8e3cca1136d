from __future__ import annotations

from typing import get_type_hints

import pytest

from hanlogger.model import Obis
from hanlogger.points.catalogue import CATALOGUE, MEDIA, REGISTER, TEXT, Entry, look_up

UNITS = {
    "active_power": "W",
    "reactive_power": "var",
    "apparent_power": "VA",
    "active_energy": "Wh",
    "reactive_energy": "varh",
    "active_energy_tariff": "Wh",
    "reactive_energy_tariff": "varh",
    "voltage": "V",
    "current": "A",
    "power_factor": "1",
    "frequency": "Hz",
}


def known(code: str, device_type: int | None = None) -> Entry:
    found = look_up(Obis.parse(code), device_type)
    assert found is not None, code
    return found


@pytest.mark.parametrize(
    ("code", "measurement", "phase", "direction", "swedish"),
    [
        ("1-0:1.8.0", "active_energy", "total", "import", "mätarställning aktiv energi uttag"),
        ("1-0:2.8.0", "active_energy", "total", "export", "mätarställning aktiv energi inmatning"),
        ("1-0:3.8.0", "reactive_energy", "total", "import", "mätarställning reaktiv energi uttag"),
        ("1-0:4.8.0", "reactive_energy", "total", "export", "mätarställning reaktiv energi inmatning"),
        ("1-0:1.7.0", "active_power", "total", "import", "aktiv effekt uttag"),
        ("1-0:2.7.0", "active_power", "total", "export", "aktiv effekt inmatning"),
        ("1-0:3.7.0", "reactive_power", "total", "import", "reaktiv effekt uttag"),
        ("1-0:4.7.0", "reactive_power", "total", "export", "reaktiv effekt inmatning"),
        ("1-0:21.7.0", "active_power", "L1", "import", "aktiv effekt uttag L1"),
        ("1-0:22.7.0", "active_power", "L1", "export", "aktiv effekt inmatning L1"),
        ("1-0:41.7.0", "active_power", "L2", "import", "aktiv effekt uttag L2"),
        ("1-0:42.7.0", "active_power", "L2", "export", "aktiv effekt inmatning L2"),
        ("1-0:61.7.0", "active_power", "L3", "import", "aktiv effekt uttag L3"),
        ("1-0:62.7.0", "active_power", "L3", "export", "aktiv effekt inmatning L3"),
        ("1-0:23.7.0", "reactive_power", "L1", "import", "reaktiv effekt uttag L1"),
        ("1-0:24.7.0", "reactive_power", "L1", "export", "reaktiv effekt inmatning L1"),
        ("1-0:43.7.0", "reactive_power", "L2", "import", "reaktiv effekt uttag L2"),
        ("1-0:44.7.0", "reactive_power", "L2", "export", "reaktiv effekt inmatning L2"),
        ("1-0:63.7.0", "reactive_power", "L3", "import", "reaktiv effekt uttag L3"),
        ("1-0:64.7.0", "reactive_power", "L3", "export", "reaktiv effekt inmatning L3"),
        ("1-0:32.7.0", "voltage", "L1", "", "fasspänning L1"),
        ("1-0:52.7.0", "voltage", "L2", "", "fasspänning L2"),
        ("1-0:72.7.0", "voltage", "L3", "", "fasspänning L3"),
        ("1-0:31.7.0", "current", "L1", "", "fasström L1"),
        ("1-0:51.7.0", "current", "L2", "", "fasström L2"),
        ("1-0:71.7.0", "current", "L3", "", "fasström L3"),
        ("1-0:16.7.0", "active_power", "total", "net", "aktiv effekt netto"),
        ("1-0:10.7.0", "apparent_power", "total", "export", "skenbar effekt inmatning"),
        ("1-0:73.7.0", "power_factor", "L3", "", "effektfaktor L3"),
        ("1-0:62.8.0", "active_energy", "L3", "export", "mätarställning aktiv energi inmatning L3"),
        ("1-0:14.7.0", "frequency", "", "", "frekvens"),
    ],
)
def test_a_code_has_its_measurement_phase_direction_and_name(
    code: str, measurement: str, phase: str, direction: str, swedish: str
) -> None:
    found = known(code)
    assert (found.measurement, found.phase, found.direction, found.tariff) == (measurement, phase, direction, "")
    assert (found.unit, found.swedish) == (UNITS[measurement], swedish)


def test_tariffs_one_to_four_are_measurements_of_their_own() -> None:
    for tariff in "1234":
        assert known(f"1-0:1.8.{tariff}")[:5] == ("active_energy_tariff", "", "import", tariff, "Wh")
        assert known(f"1-0:4.8.{tariff}")[:5] == ("reactive_energy_tariff", "", "export", tariff, "varh")
    assert look_up(Obis.parse("1-0:1.8.5")) is None


@pytest.mark.parametrize("same", ["1-0:1.8.0", "1-1:1.8.0", "1-0:1.8.0*255", "1.8.0"])
def test_group_b_and_f_are_ignored_and_a_reduced_code_is_electricity(same: str) -> None:
    assert look_up(Obis.parse(same)) == CATALOGUE[Obis.parse("1-0:1.8.0")]


def test_counters_under_a_0_are_electricitys_and_nothing_else_is() -> None:
    """Norwegian Embriq modules send their energies so."""
    for code in ("1.8.0", "2.8.0", "3.8.0", "4.8.0", "1.8.1", "21.8.0"):
        assert look_up(Obis.parse(f"0-0:{code}")) == known(f"1-0:{code}")
        assert Obis.parse(f"0-0:{code}").is_electricity
    for code in ("0-0:1.7.0", "0-1:1.8.0", "0-0:0.8.0", "0-0:96.8.0", "6-0:1.8.0", "0-0:1.8.0*01", "0-0:17.0.0"):
        known_entry = look_up(Obis.parse(code))
        assert known_entry is None or known_entry.measurement == REGISTER
    for code in ("0-0:1.7.0", "0-1:1.8.0", "0-0:0.8.0", "0-0:81.8.0", "6-0:1.8.0"):
        assert not Obis.parse(code).is_electricity
    assert Obis.parse("0-0:80.8.0").is_electricity


def test_a_code_of_two_groups_is_known_too() -> None:
    assert known("14.7").measurement == "frequency"


@pytest.mark.parametrize("period", ["00", "01", "12", "99", "254"])
def test_the_counter_of_a_closed_billing_period_is_not_the_counter_of_now(period: str) -> None:
    assert look_up(Obis.parse(f"1-0:1.8.0*{period}")) is None


@pytest.mark.parametrize("code", ["1-0:5.8.0", "1-0:8.7.0", "1-0:1.4.0", "1-0:1.6.0", "1-0:32.32.0", "0-0:17.0.0"])
def test_quadrants_averages_maxima_counts_and_limits_are_plain_registers(code: str) -> None:
    assert known(code)[:5] == (REGISTER, "", "", "", "")


@pytest.mark.parametrize("code", ["0-0:96.1.0", "1-1:0.0.5", "1-1:96.1.1", "1-0:0.2.129", "1-3:0.2.8", "0-2:96.1.1"])
def test_identity_and_versions_are_texts(code: str) -> None:
    assert known(code).measurement == TEXT


def test_the_same_groups_mean_another_thing_at_a_sub_meter() -> None:
    assert known("0-0:96.1.0").english == "meter id"
    assert known("0-3:96.1.0").english == "sub-meter id"
    assert known("0-1:1.0.0") == known("0-0:1.0.0")  # Kamstrup's clock is the meter's own all the same


SUBMETER_CODES = ("0-1:24.2.1", "0-2:24.2.3", "0-4:24.3.0")


@pytest.mark.parametrize("code", SUBMETER_CODES)
@pytest.mark.parametrize(
    ("device_type", "measurement", "unit"),
    [
        (1, "oil", "m3"),
        (2, "electricity", "Wh"),
        (3, "gas", "m3"),
        (4, "heat", "Wh"),
        (5, "steam", "Wh"),
        (6, "hot_water", "m3"),
        (7, "water", "m3"),
        (9, "compressed_air", "m3"),
        (10, "cooling", "Wh"),
        (11, "cooling", "Wh"),
        (12, "heat", "Wh"),
        (13, "heat", "Wh"),
        (21, "hot_water", "m3"),
        (22, "cold_water", "m3"),
        (23, "dual_water", "m3"),
        (40, "waste_water", "m3"),
    ],
)
def test_a_sub_meter_is_called_after_what_it_measures(code: str, device_type: int, measurement: str, unit: str) -> None:
    assert known(code, device_type)[:5] == (measurement, "", "", "", unit)


@pytest.mark.parametrize("code", SUBMETER_CODES)
@pytest.mark.parametrize("device_type", [0, 8, 14, 15, 16, 24, 25, 255])
def test_a_sub_meter_that_says_no_medium_is_a_plain_register(code: str, device_type: int) -> None:
    assert known(code, device_type)[:5] == (REGISTER, "", "", "", "")


def test_the_meter_itself_is_no_sub_meter() -> None:
    assert (
        look_up(Obis.parse("0-0:24.2.1"), 7)
        is look_up(Obis.parse("0-0:24.2.3"))
        is look_up(Obis.parse("1-1:24.2.1"), 7)
        is None
    )


def test_of_the_codes_of_a_sub_meter_without_a_kind_one_was_made_for_gas() -> None:
    assert [known(code)[:5] for code in SUBMETER_CODES] == [
        (REGISTER, "", "", "", ""),
        ("gas", "", "", "", "m3"),
        (REGISTER, "", "", "", ""),
    ]


def test_an_unknown_code_is_none() -> None:
    assert look_up(Obis.parse("1-0:11.99.0")) is None
    assert look_up(Obis.parse("7-0:3.1.0")) is None


def test_one_measurement_has_one_unit_and_every_entry_a_name_in_both_languages() -> None:
    for code, found in CATALOGUE.items():
        assert found.unit == UNITS.get(found.measurement, ""), code
        assert found.english, code
        assert found.swedish, code
        assert look_up(code) == found or code.d == 2, code
    assert len({medium.measurement: medium.unit for medium in MEDIA.values()}) == len(
        {(medium.measurement, medium.unit) for medium in MEDIA.values()}
    )


def test_an_entry_has_the_columns_of_the_design() -> None:
    columns = ("measurement", "phase", "direction", "tariff", "unit", "english", "swedish")
    assert tuple(get_type_hints(Entry)) == columns
