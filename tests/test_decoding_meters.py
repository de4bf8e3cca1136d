"""Families of meters: what their messages leave unsaid, and how a new family is found to be forgotten."""

from __future__ import annotations

import pkgutil
from datetime import datetime
from decimal import Decimal
from importlib import import_module

import pytest

from hanlogger.decoding import decode, meters
from hanlogger.decoding.meters.family import Family
from hanlogger.errors import DecodeError
from hanlogger.model import Meter, Reading, Scale
from tests.axdr import NULL, array, code, date_time, i16, notification, octets, scaler_unit, structure, text, u16, u32
from tests.readings import bare, said, when

SUMMER = datetime(2024, 7, 1, 12, 0, 10)  # noqa: DTZ001
HEADER = b"\x0c" + date_time(SUMMER)


def reading(body: bytes, header: bytes = HEADER, meter: Meter | None = None) -> Reading:
    return decode(bare(notification(body, header)), meter or Meter())


def test_every_module_of_a_family_is_in_the_table() -> None:
    modules = [module.name for module in pkgutil.iter_modules(meters.__path__) if module.name != "family"]
    assert modules
    for name in modules:
        module = import_module(f"hanlogger.decoding.meters.{name}")
        rows = [row for row in vars(module).values() if isinstance(row, Family)]
        assert rows, f"{name} has no family"
        assert all(row in meters.FAMILIES for row in rows), f"{name} is not in FAMILIES"


# --- Kamstrup


def kamstrup(*rows: tuple[str, bytes], kind: str = "6841131BN243101040") -> bytes:
    pairs = [value for name, raw in rows for value in (code(name), raw)]
    head = (text("Kamstrup_V0001"), code("1-1:0.0.5"), text("5706567000000001"), code("1-1:96.1.1"), text(kind))
    return structure(*head, *pairs)


def test_kamstrup_scales_are_its_own() -> None:
    rows = (
        ("1-1:1.7.0", u32(1234)),
        ("1-1:31.7.0", u32(101)),
        ("1-1:32.7.0", u16(230)),
        ("1-1:33.7.0", u16(98)),
        ("1-1:13.7.0", u16(100)),
        ("1-1:1.8.0", u32(123456)),
        ("1-1:21.8.0", u32(7)),
        ("1-1:62.8.0", u32(8)),
        ("1-1:3.8.0", u32(9)),
    )
    shown = said(reading(kamstrup(*rows)))
    assert list(shown.items())[3:] == [
        ("1-1:1.7.0", "1234 W"),
        ("1-1:31.7.0", "1.01 A"),
        ("1-1:32.7.0", "230 V"),
        ("1-1:33.7.0", "0.98"),
        ("1-1:13.7.0", "1.00"),
        ("1-1:1.8.0", "1234560 Wh"),
        ("1-1:21.8.0", "70 Wh"),
        ("1-1:62.8.0", "80 Wh"),
        ("1-1:3.8.0", "90 varh"),
    ]


def test_kamstrup_transformer_types_send_milliamperes() -> None:
    assert said(reading(kamstrup(("1-1:31.7.0", u32(90999)), kind="6851131BN243101040")))["1-1:31.7.0"] == "90.999 A"


def test_a_kamstrup_voltage_above_a_thousand_is_in_hundredths() -> None:
    shown = said(reading(kamstrup(("1-1:32.7.0", u16(22199)), ("1-1:52.7.0", u16(0)))))
    assert (shown["1-1:32.7.0"], shown["1-1:52.7.0"]) == ("221.99 V", "0.00 V")


def test_a_kamstrup_scaler_in_the_message_wins() -> None:
    body = structure(text("Kamstrup_V0001"), code("1-1:31.7.0"), u32(500), scaler_unit(-3, 33))
    assert said(reading(body))["1-1:31.7.0"] == "0.500 A"


def test_kamstrup_is_on_normal_time_whatever_the_summer_bit_says() -> None:
    for status in (0x00, 0x80):
        assert when(reading(kamstrup(("1-1:1.7.0", u32(1))), b"\x0c" + date_time(SUMMER, status=status))) == (
            "2024-07-01 11:00:10"
        )


def test_the_kamstrup_list_of_denmark_is_not_hourly() -> None:
    clock = ("0-1:1.0.0", octets(date_time(SUMMER)))
    assert reading(kamstrup(clock, ("1-1:1.8.0", u32(1)))).hourly
    assert not reading(kamstrup(clock, ("1-1:1.8.0", u32(1)), ("1-1:21.7.0", u32(1)))).hourly
    assert not reading(kamstrup(("1-1:1.8.0", u32(1)))).hourly


def test_a_one_phase_kamstrup_may_leave_out_or_fill_up() -> None:
    rows = (("1-1:31.7.0", u32(101)), ("1-1:32.7.0", u16(230)))
    filled = structure(text("Kamstrup_V0001"), code("1-1:31.7.0"), u32(101), *[NULL] * 4, code("1-1:32.7.0"), u16(230))
    for body in (kamstrup(*rows), filled):
        shown = said(reading(body))
        assert {name: shown[name] for name, _ in rows} == {"1-1:31.7.0": "1.01 A", "1-1:32.7.0": "230 V"}
        assert "1-1:51.7.0" not in shown


def test_what_the_user_knows_of_the_scale_wins_over_the_family() -> None:
    scale = Scale(energy=Decimal(1), current=Decimal("0.001"), voltage=Decimal("0.1"), ratio=Decimal(2))
    rows = (("1-1:1.8.0", u32(5)), ("1-1:31.7.0", u32(5)), ("1-1:32.7.0", u16(2305)), ("1-1:1.7.0", u32(7)))
    shown = said(reading(kamstrup(*rows), meter=Meter(scale=scale)))
    assert list(shown.values())[3:] == ["10 Wh", "0.010 A", "230.5 V", "14 W"]


def test_what_the_user_knows_of_the_scale_never_changes_what_a_message_states() -> None:
    meter = Meter(scale=Scale(energy=Decimal(100), current=Decimal(100), voltage=Decimal(100)))
    body = array(structure(code("1-0:1.8.0"), u32(5), scaler_unit(1, 30)))
    assert said(reading(body, meter=meter)) == {"1-0:1.8.0": "50 Wh"}


# --- Kaifa

NAMES = (octets(b"KFM_001"), octets(b"6970630000000001"), octets(b"MA304H3E"))
TOTALS = tuple(map(u32, (1, 2, 3, 4)))
CLOCK = octets(date_time(SUMMER))
SHOWN = {"1-1:0.2.129": "KFM_001", "0-0:96.1.0": "6970630000000001", "0-0:96.1.7": "MA304H3E"}
SHOWN |= {"1-0:1.7.0": "1 W", "1-0:2.7.0": "2 W", "1-0:3.7.0": "3 var", "1-0:4.7.0": "4 var"}
HOUR = {"1-0:1.8.0": "1 Wh", "1-0:2.8.0": "2 Wh", "1-0:3.8.0": "3 varh", "1-0:4.8.0": "4 varh"}
ONE_PHASE = {"1-0:31.7.0": "6.952 A", "1-0:32.7.0": "242.4 V"}
THREE_PHASES = {"1-0:31.7.0": "0.005 A", "1-0:51.7.0": "0.006 A", "1-0:71.7.0": "0.007 A"}
THREE_PHASES |= {"1-0:32.7.0": "230.1 V", "1-0:52.7.0": "0.0 V", "1-0:72.7.0": "230.3 V"}
ONE = (*NAMES, *TOTALS, u32(6952), u32(2424))
THREE = (*NAMES, *TOTALS, *map(u32, (5, 6, 7, 2301, 0, 2303)))


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ((u32(1),), {"1-0:1.7.0": "1 W"}),
        (ONE, SHOWN | ONE_PHASE),
        (THREE, SHOWN | THREE_PHASES),
        ((*ONE, CLOCK, *TOTALS), SHOWN | ONE_PHASE | HOUR),
        ((*THREE, CLOCK, *TOTALS), SHOWN | THREE_PHASES | HOUR),
    ],
    ids=lambda values: str(len(values)),
)
def test_the_length_of_a_kaifa_list_says_what_stands_where(values: tuple[bytes, ...], shown: dict[str, str]) -> None:
    result = reading(structure(*values))
    assert said(result) == shown
    assert result.family == "kaifa"
    assert when(result) == "2024-07-01 10:00:10", "legal time"


def test_kaifa_lists_with_a_deviation_mean_what_they_state() -> None:
    assert when(reading(structure(u32(1)), b"\x09\x0c" + date_time(SUMMER, -60))) == "2024-07-01 11:00:10"


def test_kaifa_codes_keep_their_scale() -> None:
    body = structure(
        code("1-0:0.2.129"), octets(b"KFM_001"), code("1-0:31.7.0"), u32(32), code("1-0:32.7.0"), u32(2322)
    )
    result = reading(body)
    assert said(result) == {"1-0:0.2.129": "KFM_001", "1-0:31.7.0": "0.032 A", "1-0:32.7.0": "232.2 V"}
    assert when(result) == "2024-07-01 11:00:10"


def test_a_kaifa_that_sends_energies_all_the_time_has_no_hourly_list() -> None:
    def at(minute: int, second: int) -> Reading:
        clock = date_time(SUMMER.replace(minute=minute, second=second))
        return reading(structure(*THREE, octets(clock), *TOTALS), b"\x09\x0c" + clock)

    assert at(0, 0).hourly
    assert at(0, 10).hourly
    assert not at(0, 15).hourly
    assert not at(56, 15).hourly


def test_a_list_without_codes_of_another_length_is_not_guessed_at() -> None:
    with pytest.raises(DecodeError, match="register"):
        reading(structure(*NAMES, *TOTALS))


# --- Aidon and its likes


def aidon(*rows: bytes, name: str = "AIDON_V0001") -> bytes:
    return array(structure(code("1-1:0.2.129"), text(name)), *rows)


def clock_row(deviation: int | None) -> bytes:
    return structure(code("0-0:1.0.0"), octets(date_time(SUMMER, deviation)))


POWER = structure(code("1-0:1.7.0"), u32(1234), scaler_unit(0, 27))


@pytest.mark.parametrize("deviation", [0, None, -120])
def test_aidon_is_on_normal_time_whatever_it_states(deviation: int | None) -> None:
    assert when(reading(aidon(clock_row(deviation), POWER), b"\x00")) == "2024-07-01 11:00:10"


@pytest.mark.parametrize("deviation", [0, None])
def test_a_swedish_aidon_is_known_by_its_leading_clock(deviation: int | None) -> None:
    result = reading(array(clock_row(deviation), POWER), b"\x00")
    assert result.family == "aidon"
    assert when(result) == "2024-07-01 11:00:10"
    assert when(reading(array(clock_row(-120), POWER), b"\x00")) == "2024-07-01 10:00:10", "another make"


def test_embriq_has_aidons_shape_and_a_scaler_of_its_own() -> None:
    current = structure(code("1-0:31.7.0"), i16(123), scaler_unit(-2, 33))
    padded = structure(code("0-0:96.1.0"), octets(b"6970630000000001\0\0\0"))
    result = reading(aidon(padded, current, name="EMBRIQ_V1_1"), b"\x00")
    assert result.family == "embriq"
    assert said(result)["1-0:31.7.0"] == "1.23 A"
    assert said(result)["0-0:96.1.0"] == "6970630000000001"
    assert when(result) is None


# --- others


def test_an_iskra_list_is_known_by_its_kinds() -> None:
    numbers = [*map(u32, (1, 2, 3, 4)), *map(u16, (2301, 2302, 2303, 101, 102, 103)), *map(u32, range(11, 17))]
    body = structure(octets(b"ISK1030000000001"), octets(b"ISK00000001"), *numbers)
    result = reading(body, b"\x0c" + date_time(SUMMER, -120))
    assert result.family == "iskra"
    assert when(result) == "2024-07-01 10:00:10"
    shown = said(result)
    assert shown["0-0:42.0.0"] == "ISK1030000000001"
    assert [shown[f"1-0:{c}.7.0"] for c in (4, 32, 72, 31, 71, 21, 22, 62)] == [
        "4 var",
        "230.1 V",
        "230.3 V",
        "1.01 A",
        "1.03 A",
        "11 W",
        "14 W",
        "16 W",
    ]
