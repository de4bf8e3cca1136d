from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from influxdb_client.client.write.point import Point as ClientPoint
from influxdb_client.domain.write_precision import WritePrecision

from hanlogger.model import Civil, Meter, Obis, Point, Reading, Register
from hanlogger.points.derived import derive_registers
from hanlogger.points.lineprotocol import encode_number
from hanlogger.points.points import make_health_points
from hanlogger.points.series import REFUSED_TAGS
from tests.support.points import encoded, lines, points, untimed
from tests.support.servers import Bucket

HOME = Meter("home")
RECEIVED = datetime(2026, 1, 1, 0, 0, 10, 500_000, UTC)
CLOCK = Civil(datetime.fromisoformat("2026-01-01T01:00:10"), None, "W")
NIGHT = Civil(datetime.fromisoformat("2026-01-01T00:55:00"), None, "W")
NEVER = Civil(datetime.fromisoformat("0001-01-01"))


def row(code: str, value: str | Decimal, unit: str = "", time: Civil | None = None) -> Register:
    """A register; a value in digits is a number."""
    is_number = re.fullmatch(r"-?\d+(\.\d+)?", str(value))
    return Register(Obis.parse(code), Decimal(value) if is_number else value, unit, time)


def written(
    *rows: Register,
    meter: Meter = HOME,
    received: datetime | None = RECEIVED,
    clock: Civil = CLOCK,
    hourly: bool = False,
) -> list[str]:
    """The lines of a reading, without the one about the clock."""
    found = lines(points(Reading(rows, clock, hourly=hourly), meter, received)).decode().splitlines()
    return [line for line in found if not line.startswith("clock_offset")]


# --- the schema


def test_the_points_are_those_of_the_design_to_the_octet() -> None:
    assert written(
        row("1-0:1.7.0", "1727", "W"),
        row("1-0:1.8.0", "6678394", "Wh"),
        row("1-0:32.7.0", "230.1", "V"),
        row("1-0:31.7.0", "4.2", "A"),
    ) == [
        "active_power,direction=import,meter=home,obis=1-0:1.7.0,phase=total value=1727 1767225610000",
        "active_energy,direction=import,meter=home,obis=1-0:1.8.0,phase=total value=6678394 1767225610000",
        "voltage,meter=home,obis=1-0:32.7.0,phase=L1 value=230.1 1767225610000",
        "current,meter=home,obis=1-0:31.7.0,phase=L1 value=4.2 1767225610000",
    ]


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        (row("1-0:4.8.2", "7", "varh"), "reactive_energy_tariff,direction=export,meter=home,obis=1-0:4.8.2,tariff=2"),
        (row("1-0:63.7.0", "7", "var"), "reactive_power,direction=import,meter=home,obis=1-0:63.7.0,phase=L3"),
        (row("1-0:16.7.0", "-7", "W"), "active_power,direction=net,meter=home,obis=1-0:16.7.0,phase=total"),
        (row("1-0:33.7.0", "0.97"), "power_factor,meter=home,obis=1-0:33.7.0,phase=L1"),
        (row("1-0:14.7.0", "50.01", "Hz"), "frequency,meter=home,obis=1-0:14.7.0"),
        (row("1.8.0", "7", "Wh"), "active_energy,direction=import,meter=home,obis=1.8.0,phase=total"),
        (row("1-1:1.7.0", "7", "W"), "active_power,direction=import,meter=home,obis=1-1:1.7.0,phase=total"),
        (row("1-0:5.8.0", "7", "varh"), "register,meter=home,obis=1-0:5.8.0,unit=varh"),
        (row("1-0:31.4.0", "25", "A"), "register,meter=home,obis=1-0:31.4.0,unit=A"),
        (row("0-0:96.7.21", "4"), "register,meter=home,obis=0-0:96.7.21"),
        (row("1-0:11.99.0", "42.50", "A"), "register,meter=home,obis=1-0:11.99.0,unit=A"),
        (row("1-0:1.8.0*01", "7", "Wh"), "register,meter=home,obis=1-0:1.8.0*01,unit=Wh"),
        (row("1-0:1.7.0", "7", "VA"), "register,meter=home,obis=1-0:1.7.0,unit=VA"),
        (row("1-0:1.7.0", "7"), "register,meter=home,obis=1-0:1.7.0"),
    ],
)
def test_a_number_goes_where_the_table_says_and_nowhere_if_the_unit_is_another(sent: Register, line: str) -> None:
    assert isinstance(sent.value, Decimal)
    assert written(sent) == [f"{line} value={encode_number(sent.value)} 1767225610000"]


def test_names_and_messages_are_texts_though_they_be_digits() -> None:
    assert written(
        row("0-0:96.1.7", "MA304H4"),
        row("0-0:96.1.0", "6970630000000001"),
        row("0-0:96.13.0", ""),
        row("1-0:1.7.0", "ER23"),
    ) == [
        'meter_text,meter=home,obis=0-0:96.1.7 text="MA304H4" 1767225610000',
        'meter_text,meter=home,obis=0-0:96.1.0 text="6970630000000001" 1767225610000',
        'meter_text,meter=home,obis=0-0:96.13.0 text="" 1767225610000',
        'meter_text,meter=home,obis=1-0:1.7.0 text="ER23" 1767225610000',
    ]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1E+308"])
def test_a_number_that_the_database_cannot_hold_is_kept_as_text(value: str) -> None:
    (line,) = written(Register(Obis.parse("1-0:1.7.0"), Decimal(value), "W"))
    assert line.startswith('meter_text,meter=home,obis=1-0:1.7.0 text="')


def test_a_code_that_comes_twice_is_told_apart_by_its_row() -> None:
    first, other, second = row("0-0:17.0.0", "16500"), row("0-0:96.7.9", "2"), row("0-0:17.0.0", "16500")
    assert [line.split(" ")[0] for line in written(first, other, second)] == [
        "register,meter=home,obis=0-0:17.0.0,row=1",
        "register,meter=home,obis=0-0:96.7.9",
        "register,meter=home,obis=0-0:17.0.0,row=2",
    ]


def test_rows_of_one_code_at_times_of_their_own_are_one_series() -> None:
    months = [Civil(datetime.fromisoformat(f"2025-0{n}-01"), None, "") for n in (2, 3, 4)]
    peaks = [row("1-0:1.6.0", f"{n}000", "W", month) for n, month in enumerate(months, 1)]
    found = written(*peaks, row("1-0:1.6.0", "4000", "W"))
    assert {line.split(" ")[0] for line in found} == {"register,meter=home,obis=1-0:1.6.0,unit=W"}
    assert [line.split(" ", 1)[1] for line in found] == [
        "value=1000 1738364400000",
        "value=2000 1740783600000",
        "value=3000 1743462000000",
        "value=4000 1767225610000",
    ]


def test_rows_of_one_code_and_one_time_are_told_apart() -> None:
    other = Civil(datetime.fromisoformat("2025-02-01"))
    sent = [row("1-0:1.6.0", "1", "W", time) for time in (NIGHT, other, NIGHT)]
    at_clock = [row("1-0:2.6.0", "1", "W", time) for time in (CLOCK, None)]
    assert [line.split(" ")[0].partition("1.6.0")[2] for line in written(*sent)] == [
        ",row=1,unit=W",
        ",unit=W",
        ",row=2,unit=W",
    ]
    assert [line.split(" ")[0].partition("2.6.0")[2] for line in written(*at_clock)] == [
        ",row=1,unit=W",
        ",row=2,unit=W",
    ]


@pytest.mark.parametrize("octets", ["FF" * 1024, "ff" * 1024, "\xff" * 1024, "\x7f" * 1024, "FF", "F" * 223])
@pytest.mark.parametrize("code", ["0-0:96.13.0", "0-0:96.13.1", "0-0:96.13.5", "0-1:96.13.0", "96.13.0"])
def test_a_message_memory_that_was_never_written_to_is_no_point(code: str, octets: str) -> None:
    power = row("1-0:1.7.0", "1727", "W")
    sent = (power, Register(Obis.parse(code), octets))
    assert written(*sent) == written(power)
    for _ in range(2):
        assert encoded(Reading(sent, CLOCK), HOME, RECEIVED) == lines(points(Reading(sent, CLOCK), HOME, RECEIVED))


@pytest.mark.parametrize(
    ("code", "text"),
    [("0-0:96.13.0", "FF00"), ("0-0:96.13.0", "48454C4C4F"), ("0-0:96.13.0", "F"), ("0-0:96.1.0", "FF" * 8),
     ("0-0:96.13.0", "")],
)  # fmt: skip
def test_any_other_text_is_a_point(code: str, text: str) -> None:
    assert written(Register(Obis.parse(code), text)) == [
        f'meter_text,meter=home,obis={code} text="{text}" 1767225610000'
    ]


def test_the_clock_s_own_rows_are_the_time_of_the_others_and_no_points() -> None:
    assert written(row("0-0:1.0.0", "260101010010W"), row("0.9.1", "01:00:10"), row("0.9.2", "26-01-01")) == []


# --- sub-meters


def test_a_sub_meter_is_stored_at_its_own_time_under_what_it_measures() -> None:
    gas, water = row("0-1:24.2.1", "12785.123", "m3", NIGHT), row("0-2:24.2.1", "872.234", "m3", NIGHT)
    assert written(row("0-1:24.1.0", "003"), row("0-2:24.1.0", "7"), gas, water)[2:] == [
        "gas,channel=1,meter=home,obis=0-1:24.2.1 value=12785.123 1767225300000",
        "water,channel=2,meter=home,obis=0-2:24.2.1 value=872.234 1767225300000",
    ]


def test_the_kind_of_a_sub_meter_counts_wherever_its_row_stands_and_for_its_channel_alone() -> None:
    water, heat = row("0-2:24.2.3", "872.234", "m3", NIGHT), row("0-3:24.2.1", "7", "Wh", NIGHT)
    other = row("0-4:24.2.3", "1", "m3", NIGHT)
    sent = (water, heat, other, row("0-3:24.1.0", "004"), row("0-2:24.1.0", "007"), row("1-4:24.1.0", "004"))
    assert [line.split(",obis")[0] for line in written(*sent)[:3]] == [
        "water,channel=2,meter=home",
        "heat,channel=3,meter=home",
        "gas,channel=4,meter=home",
    ]


@pytest.mark.parametrize("code", ["0-1:24.2.1", "0-1:24.2.3", "0-1:24.3.0"])
@pytest.mark.parametrize("kinds", [("003", "007"), ("007", "003"), ("003", "003", "007"), ("000",), ("015",)])
def test_a_sub_meter_that_says_two_kinds_or_none_is_a_plain_register(code: str, kinds: tuple[str, ...]) -> None:
    rows = (row(code, "1.5", "m3", NIGHT), *(row("0-1:24.1.0", kind) for kind in kinds))
    assert written(*rows)[0] == f"register,meter=home,obis={code},unit=m3 value=1.5 1767225300000"


def test_a_sub_meter_that_says_its_kind_twice_says_it() -> None:
    as_text = Register(Obis.parse("0-1:24.1.0"), "007")
    rows = (as_text, row("0-1:24.1.0", "7"), row("0-1:24.2.3", "1.5", "m3", NIGHT))
    assert written(*rows)[2].startswith("water,channel=1,")
    assert written(as_text, rows[2])[1].startswith("water,channel=1,")


@pytest.mark.parametrize(("kind", "unit"), [("003", "Wh"), ("004", "m3"), ("007", "Wh"), ("007", ""), ("002", "m3")])
def test_a_value_in_a_unit_that_its_medium_has_not_is_a_plain_register(kind: str, unit: str) -> None:
    line = written(row("0-1:24.1.0", kind), row("0-1:24.2.3", "1.5", unit, NIGHT))[1]
    assert line.startswith(f"register,meter=home,obis=0-1:24.2.3{',unit=' if unit else ''}{unit} value=1.5")


@pytest.mark.parametrize("kind", ["9" * 5000, "1E+6", "", "x"])
def test_a_sub_meter_that_says_nonsense_about_its_kind_is_a_plain_register(kind: str) -> None:
    rows = (Register(Obis.parse("0-1:24.1.0"), kind), row("0-1:24.2.1", "1.5", "m3", NIGHT))
    assert written(*rows)[1] == "register,meter=home,obis=0-1:24.2.1,unit=m3 value=1.5 1767225300000"


def test_heat_in_watt_hours_is_heat_and_in_gigajoules_stays_as_sent() -> None:
    kind = row("0-1:24.1.0", "012")
    assert written(kind, row("0-1:24.2.1", "142399000", "Wh", NIGHT))[1].startswith("heat,channel=1,meter=home")
    assert written(kind, row("0-1:24.2.1", "1.5", "GJ", NIGHT))[1] == (
        "register,meter=home,obis=0-1:24.2.1,unit=GJ value=1.5 1767225300000"
    )


def stamped(text: str) -> Civil:
    return Civil(datetime.fromisoformat(text), None, "W")


NEW_YEAR = "2026-01-01T01:00:10"  # the message's time, UTC+1; received half a second earlier


@pytest.mark.parametrize(
    ("own", "clock", "limit", "stored"),
    [
        ("2026-01-01T00:55:00", NEW_YEAR, 86_400.0, True),
        ("2026-01-02T01:00:10", NEW_YEAR, 86_400.0, True),
        ("2026-01-02T01:00:11", NEW_YEAR, 86_400.0, False),
        ("2050-01-01T00:00:00", NEW_YEAR, 86_400.0, False),
        ("2050-01-01T00:00:00", NEW_YEAR, None, True),
        ("2026-01-01T01:10:10", NEW_YEAR, 600.0, True),
        ("2026-01-01T01:10:11", NEW_YEAR, 600.0, False),
        ("2023-01-01T00:00:00", NEW_YEAR, 86_400.0, True),  # months of three years are told
        ("2022-12-30T01:00:10", NEW_YEAR, 86_400.0, True),
        ("2022-12-30T01:00:09", NEW_YEAR, 86_400.0, False),
        ("2013-01-01T00:00:00", NEW_YEAR, 86_400.0, False),
        ("2013-01-01T00:00:00", NEW_YEAR, None, True),
        ("2050-01-01T00:00:00", "2050-01-01T00:00:10", 86_400.0, False),  # both clocks are off: receipt judges
        ("2013-01-01T00:00:00", "2013-01-01T00:00:10", 86_400.0, True),
    ],
)
def test_a_sub_meter_row_is_stored_at_its_own_time_unless_that_cannot_be_right(
    own: str, clock: str, limit: float | None, stored: bool
) -> None:
    meter, gas = Meter("home", clock_limit=limit), row("0-1:24.2.1", "1.5", "m3", stamped(own))
    reading = Reading((row("1-0:1.7.0", "5", "W"), gas), stamped(clock))
    lost = untimed(reading, meter, RECEIVED)
    found = [point for point in points(reading, meter, RECEIVED) if point.measurement != "clock_offset"]
    assert (len(found) == 2, not lost) == (stored, stored)
    assert encoded(reading, meter, RECEIVED) == lines(points(reading, meter, RECEIVED))


def test_a_sub_meter_of_a_file_is_judged_by_the_telegrams_clock_if_it_has_one() -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    for own, clock, stored in (
        ("2030-01-02T01:00:00", stamped(NEW_YEAR), True),
        ("2030-01-02T01:00:01", stamped(NEW_YEAR), False),
        ("2050-01-02T00:00:00", stamped("2050-01-01T00:00:00"), True),  # simulated
        ("2050-01-02T00:00:01", stamped("2050-01-01T00:00:00"), False),
        ("2013-01-01T00:00:00", stamped(NEW_YEAR), False),
        ("2013-01-01T00:00:00", None, True),
        ("2050-01-01T00:00:00", None, True),  # the host's clock may stand at 1970
    ):
        reading = Reading((row("0-1:24.2.1", "1.5", "m3", stamped(own)),), clock)
        assert len(points(reading, HOME, now, judge=False)) == stored


def test_a_sub_meter_row_with_an_impossible_time_gives_no_point_and_can_be_counted() -> None:
    rows = (row("0-1:24.1.0", "3"), row("0-1:24.2.1", "0", "m3", NEVER), row("1-0:1.6.0", "2589", "W", NIGHT))
    assert [line.split(",")[0] for line in written(*rows)] == ["register", "register"]
    assert untimed(Reading(rows, CLOCK), HOME, RECEIVED) == [rows[1]]


def test_a_maximum_is_stored_at_the_time_it_was_reached() -> None:
    assert written(row("1-0:1.6.0", "2589", "W", NIGHT)) == [
        "register,meter=home,obis=1-0:1.6.0,unit=W value=2589 1767225300000"
    ]


# --- what is derived


def test_net_power_is_derived_where_the_meter_sends_both_directions_and_no_net() -> None:
    taken, given = row("1-0:1.7.0", "0", "W"), row("1-0:2.7.0", "1500.5", "W")
    assert written(taken, given)[-1] == (
        "active_power,direction=net,meter=home,obis=1-0:16.7.0,phase=total value=-1500.5 1767225610000"
    )
    assert derive_registers(Reading((taken,))) == []
    assert derive_registers(Reading((taken, given, row("1-0:16.7.0", "-1500", "W")))) == []
    assert derive_registers(Reading((taken, given, given))) == []
    assert derive_registers(Reading((row("7-0:1.7.0", "1", "W"), row("7-0:2.7.0", "1", "W")))) == []


def test_a_total_is_the_sum_of_its_tariffs_where_the_meter_sends_no_total() -> None:
    low, normal = row("1-0:1.8.1", "4426812.5", "Wh"), row("1-0:1.8.2", "0.25", "Wh")
    assert written(low, normal)[-1] == (
        "active_energy,direction=import,meter=home,obis=1-0:1.8.0,phase=total value=4426812.75 1767225610000"
    )
    assert derive_registers(Reading((low, normal, row("1-1:1.8.0", "4426812", "Wh")))) == []


def test_a_total_takes_all_tariffs_of_now_in_watt_hours_alone() -> None:
    four = [row(f"1-0:1.8.{tariff}", f"{10**tariff}", "Wh") for tariff in (1, 2, 3, 4)]
    closed = [row("1-0:1.8.1*01", "7", "Wh"), row("1-0:1.8.1*00", "7", "Wh"), row("1-0:1.8.0*01", "7", "Wh")]
    more = [row("1-0:1.8.5", "5", "Wh"), row("1-0:1.8.63", "2", "Wh")]
    assert [each.value for each in derive_registers(Reading((*four, *closed)))] == [11_110]
    assert [each.value for each in derive_registers(Reading((*four, *more)))] == [11_117]
    assert [
        each.value for each in derive_registers(Reading((Register(Obis(1, 0, 1, 8, 1, None), Decimal(7), "Wh"),)))
    ] == [7]
    assert derive_registers(Reading((four[0], row("1-0:1.8.2", "7", "kg")))) == []
    assert derive_registers(Reading((row("1-0:1.7.0", "5", "W"), row("1-0:2.7.0", "5", "VA")))) == []


def test_a_counter_does_not_fall_because_a_tariff_could_not_be_read() -> None:
    low = row("1-0:1.8.1", "4426812.5", "Wh")
    assert derive_registers(Reading((low,), unread=("1-0:1.8.2(00?)",))) == []
    assert derive_registers(Reading((low, row("1-0:1.8.2", "ER23")))) == []
    assert derive_registers(Reading((low, row("1-0:1.8.6", "ER23")))) == []


@pytest.mark.parametrize("code", ["1-0:1.8.2*01", "1-0:1.8.2*00", "1-0:1.8.64", "1-0:1.8.128"])
def test_no_total_is_derived_where_a_tariff_of_now_may_be_missing(code: str) -> None:
    assert derive_registers(Reading((row("1-0:1.8.1", "5", "Wh"), row(code, "7", "Wh")))) == []


def test_what_is_derived_is_exact_at_any_length() -> None:
    long = "9" * 60
    (total,) = derive_registers(Reading((row("1-0:2.8.1", long, "Wh"), row("1-0:2.8.2", "0.001", "Wh"))))
    assert str(total.value) == f"{long}.001"


# --- time


def test_energies_of_an_hourly_list_are_stored_at_the_full_hour() -> None:
    late = Civil(datetime.fromisoformat("2022-11-26T15:00:55"))
    found = written(
        row("1-1:1.8.0", "7", "Wh"),
        row("1-1:5.8.0", "7", "varh"),
        row("1-1:1.7.0", "7", "W"),
        row("0-0:96.8.0", "7", "h"),
        clock=late,
        hourly=True,
        received=None,
    )
    assert [line.rpartition(" ")[2] for line in found] == ["1669471200000"] * 2 + ["1669471255000"] * 2


def test_energies_under_a_0_are_energies_of_the_full_hour() -> None:
    """And are no reason to derive a total, or to leave out the ratio."""
    found = written(
        row("0-0:1.8.0", "34479", "Wh"),
        row("0-0:2.8.0", "95334", "Wh"),
        row("1-0:1.8.1", "3", "Wh"),
        row("1-0:1.7.0", "560", "W"),
        hourly=True,
    )
    assert found == [
        "active_energy,direction=import,meter=home,obis=0-0:1.8.0,phase=total value=34479 1767225600000",
        "active_energy,direction=export,meter=home,obis=0-0:2.8.0,phase=total value=95334 1767225600000",
        "active_energy_tariff,direction=import,meter=home,obis=1-0:1.8.1,tariff=1 value=3 1767225600000",
        "active_power,direction=import,meter=home,obis=1-0:1.7.0,phase=total value=560 1767225610000",
    ]


def test_names_and_states_that_are_told_apart_are_stored_too() -> None:
    reading = Reading(
        (row("1-0:1.7.0", "1727", "W"),), CLOCK, objects=(row("0-0:96.1.0", "12345"), row("0-1:96.3.10", "1"))
    )
    plain = Reading((*reading.registers, *reading.objects), CLOCK)
    assert lines(points(reading, HOME, RECEIVED)) == lines(points(plain, HOME, RECEIVED))
    assert encoded(reading, HOME, RECEIVED) == lines(points(plain, HOME, RECEIVED))


def test_the_meter_s_clock_less_the_host_s_is_a_point_too() -> None:
    reading = Reading((), CLOCK)
    assert lines(points(reading, HOME, RECEIVED)) == b"clock_offset,meter=home value=-0.5 1767225610000\n"
    assert points(reading, HOME, None) == points(reading, HOME, RECEIVED, judge=False) == []


def test_a_meter_a_day_off_is_stored_when_received_with_its_offset() -> None:
    reading = Reading((row("1-0:1.7.0", "7", "W"),), CLOCK)
    assert lines(points(reading, HOME, RECEIVED + timedelta(days=2))).decode().splitlines() == [
        "active_power,direction=import,meter=home,obis=1-0:1.7.0,phase=total value=7 1767398410500",
        "clock_offset,meter=home value=-172800.5 1767398410500",
    ]


def test_without_a_clock_and_a_time_of_receipt_there_is_no_timestamp() -> None:
    assert lines(points(Reading((row("1-0:1.7.0", "7", "W"),)), HOME, None)).endswith(b" value=7\n")


# --- the user's tags


def test_the_user_s_tags_stand_on_every_point_and_never_override_ours() -> None:
    own = dict.fromkeys(REFUSED_TAGS, "mine") | {"flat": "3 tr, v=1", "building": "", "zone": "åäö\\"}
    meter = Meter("home", tags=own)
    assert written(row("0-0:96.7.9", "7"), meter=meter) == [
        "register,flat=3\\ tr\\,\\ v\\=1,meter=home,obis=0-0:96.7.9,zone=åäö value=7 1767225610000"
    ]
    (offset,) = points(Reading((), CLOCK), meter, RECEIVED)
    assert dict(offset.tags) == {"flat": "3 tr, v=1", "meter": "home", "zone": "åäö\\"}


def test_two_meters_with_the_same_message_have_their_own_points() -> None:
    sent = row("1-0:1.7.0", "7", "W")
    assert written(sent, meter=Meter("barn")) == [written(sent)[0].replace("home", "barn")]


# --- the logger's health


def test_the_health_of_a_meter_and_of_the_logger_are_points_of_one_measurement() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert lines(make_health_points({"silence": 2.5, "frames": 10}, "home", "pi", at)) == (
        b"hanlogger,logger=pi,meter=home frames=10,silence=2.5 1767225600000\n"
    )
    assert lines(make_health_points({"rss": 5e7, "age": float("nan")}, None, "pi", at)) == (
        b"hanlogger,logger=pi rss=50000000 1767225600000\n"
    )
    assert make_health_points({}, None, "pi", at) == []


# --- line protocol

finite = st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**12), max_value=10**12)
plain = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
tidy = plain.filter(lambda text: not text.endswith("\\"))
times = st.integers(0, 4_102_444_800_000)


names = st.sampled_from(["active_power", "gas", "register", "hanlogger"])
fields = st.dictionaries(st.sampled_from(["value", "text", "journal_bytes"]), finite | plain, min_size=1)


@given(names, st.dictionaries(tidy, tidy, max_size=4), fields, times)
def test_line_protocol_agrees_with_the_client_where_the_client_is_right(
    measurement: str, tags: Mapping[str, str], fields: Mapping[str, Decimal | str], ms: int
) -> None:
    client: Any = ClientPoint(measurement).time(ms, WritePrecision.MS)  # type: ignore[no-untyped-call]
    for key, value in tags.items():
        client.tag(key, value)
    for name, field in fields.items():
        client.field(name, field if isinstance(field, str) else Decimal(encode_number(field)))
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    ours = lines([Point(measurement, tuple(sorted(tags.items())), tuple(sorted(fields.items())), at)])
    assert ours.decode() == client.to_line_protocol(WritePrecision.MS) + "\n"


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
def test_a_number_is_exact_and_has_neither_exponent_nor_needless_zeros(value: Decimal) -> None:
    digits = encode_number(value)
    assert Decimal(digits) == value
    assert set(digits) <= set("-0123456789.")
    assert not digits.endswith(".") and not ("." in digits and digits.endswith("0")) and digits != "-0"


@pytest.mark.parametrize("nothing", ["-0", "-0.000", "0E+3", "-0E-9"])
def test_nothing_is_nought_without_a_sign(nothing: str) -> None:
    assert encode_number(Decimal(nothing)) == "0"


@given(st.text(max_size=40), st.text(max_size=10), st.text(max_size=40))
def test_any_text_stays_on_one_line_with_no_empty_tag(tag: str, key: str, text: str) -> None:
    body = lines([Point("m", ((key, tag),), (("text", text),), RECEIVED)]).decode()
    assert len(body.replace("\u2028", "").replace("\u2029", "").splitlines()) == 1
    assert body.startswith("m text=") == (not key.rstrip("\\") or not tag.rstrip("\\"))


def test_a_real_server_takes_any_text_and_gives_it_back(bucket: Bucket) -> None:
    letters = [chr(code) for code in (*range(0x20, 0x7F), 0xE5, 0x2028, 0x200B, 0xFEFF, 0x1F600, 0xA0)]
    odd = ['"', "\\", '\\"', "\\\\", 'a\\"b', "a,b=c d", "'", "#", "\\n", " x ", ",", "=", "x\\ y"]
    texts = [*letters, *odd, "".join(letters), ""]
    at = datetime(2026, 1, 1, tzinfo=UTC)
    made = [
        Point("m", (("n", str(i)), ("tag", text)), (("text", text),), at + timedelta(milliseconds=i))
        for i, text in enumerate(texts)
    ]
    bucket.write(lines(made))
    found = {row["n"]: row for row in bucket.query('SELECT "text", "tag" AS "tag", "n" AS "n" FROM "m"')}
    assert [found[str(i)]["text"] for i in range(len(texts))] == texts
    assert [found[str(i)]["tag"] or "" for i in range(len(texts))] == [text.rstrip("\\") for text in texts]


def test_a_real_server_takes_control_characters_in_a_form_that_can_be_read(bucket: Bucket) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    text = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)])) + "\udcff"
    bucket.write(lines([Point("m", (("tag", text),), (("text", text),), at)]))
    (found,) = bucket.query('SELECT "text", "tag" AS "tag" FROM "m"')
    assert found["text"] == found["tag"]
    assert found["text"].startswith("\\x00\\x01") and "\\t\\n\\x0b\\x0c\\r" in found["text"] and found["text"].isascii()


@pytest.mark.parametrize("value", ["0.001", "-1200.5", "6678394", "1E+307", "1E-300", "0E-7", "9007199254740993"])
def test_a_real_server_reads_a_number_as_the_nearest_double(bucket: Bucket, value: str) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    bucket.write(lines([Point("m", (), (("value", Decimal(value)),), at)]))
    (found,) = bucket.query('SELECT "value" FROM "m"')
    assert found["value"] == float(value)


def test_writing_twice_is_writing_once(bucket: Bucket) -> None:
    reading = Reading((row("1-0:1.7.0", "1727", "W"), row("0-0:17.0.0", "1"), row("0-0:17.0.0", "2")), CLOCK)
    for _ in range(2):
        bucket.write(lines(points(reading, HOME, RECEIVED)))
    assert bucket.count("active_power") == 1 and bucket.count("register") == 2
