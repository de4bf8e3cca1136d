"""Families of meters: what their messages leave unsaid, and how a new family is found to be forgotten."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from importlib import import_module

import pytest

from hanlogger.decoding import decode, meters
from hanlogger.decoding.meters.family import Family
from hanlogger.errors import DecodeError
from hanlogger.model import Meter, Reading, Scale
from tests.support.axdr import (
    NULL,
    array,
    code,
    date_time,
    i16,
    notification,
    octets,
    scaler_unit,
    structure,
    text,
    u8,
    u16,
    u32,
)
from tests.support.readings import bare, said, when

SUMMER = datetime(2024, 7, 1, 12, 0, 10)  # noqa: DTZ001
HEADER = b"\x0c" + date_time(SUMMER)


def reading(body: bytes, header: bytes = HEADER, meter: Meter | None = None) -> Reading:
    return decode(bare(notification(body, header)), meter or Meter())


def test_every_module_of_a_family_is_in_the_table() -> None:
    modules = [module.name for module in pkgutil.iter_modules(meters.__path__)]
    modules = [name for name in modules if name not in ("family", "_template")]
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


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_kamstrup_that_has_lost_a_phase_still_tells_by_the_others_how_fine_its_voltages_are(lost: int) -> None:
    raw = [0 if at == lost else 23010 for at in range(3)]
    rows = [(f"1-1:{c}2.7.0", u16(value)) for c, value in zip((3, 5, 7), raw, strict=True)]
    shown = said(reading(kamstrup(*rows)))
    assert [shown[f"1-1:{c}2.7.0"] for c in (3, 5, 7)] == ["0.00 V" if at == lost else "230.10 V" for at in range(3)]


def test_a_kamstrup_voltage_of_a_thousand_is_in_volts() -> None:
    assert said(reading(kamstrup(("1-1:32.7.0", u16(1000)))))["1-1:32.7.0"] == "1000 V"
    assert said(reading(kamstrup(("1-1:32.7.0", u16(1001)))))["1-1:32.7.0"] == "10.01 V"


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


def test_an_embriq_that_counts_under_a_0_has_an_hourly_list_and_a_ratio() -> None:
    counters = [
        structure(code(f"0-0:{c}.8.0"), u32(1000 + c), scaler_unit(0, 30 if c < 3 else 32)) for c in (1, 2, 3, 4)
    ]
    body = aidon(POWER, clock_row(0), *counters, name="EMBRIQ_V1_1")
    assert reading(body, b"\x00").hourly
    assert said(reading(body, b"\x00"))["0-0:2.8.0"] == "1002 Wh"
    scaled = reading(body, b"\x00", Meter(scale=Scale(ratio=Decimal(20))))
    assert said(scaled)["0-0:1.8.0"] == "20020 Wh"
    unscaled = structure(text("Kamstrup_V0001"), code("0-0:1.8.0"), u32(5))
    assert said(reading(unscaled))["0-0:1.8.0"] == "50 Wh"


# --- others


ISKRA = (octets(b"ISK1030000000001"), octets(b"ISK00000001"))
ISKRA_NAMES = {"0-0:42.0.0": "ISK1030000000001", "0-0:96.1.0": "ISK00000001"}
POWERS = {"1-0:1.7.0": "1 W", "1-0:2.7.0": "2 W", "1-0:3.7.0": "3 var", "1-0:4.7.0": "4 var"}
VOLTAGES = {"1-0:32.7.0": "230.1 V", "1-0:52.7.0": "230.2 V", "1-0:72.7.0": "230.3 V"}
CURRENTS = {"1-0:31.7.0": "1.01 A", "1-0:51.7.0": "1.02 A", "1-0:71.7.0": "1.03 A"}
THREE_U, THREE_I = tuple(map(u16, (2301, 2302, 2303))), tuple(map(u16, (101, 102, 103)))
ENERGIES = tuple(map(u32, range(10, 18)))
QUARTER = {
    "0-0:96.3.10": "1",
    "0-0:96.14.0": "0002",
    **{f"1-0:1.8.{e}": f"{10 + e} Wh" for e in (0, 1, 2)},
    **{f"1-0:2.8.{e}": f"{13 + e} Wh" for e in (0, 1, 2)},
    "1-0:3.8.0": "16 varh",
    "1-0:4.8.0": "17 varh",
}
TARIFFS = {
    "1-0:1.8.1": "10 Wh",
    "1-0:1.8.2": "11 Wh",
    "1-0:2.8.1": "12 Wh",
    "1-0:2.8.2": "13 Wh",
    "1-0:3.8.1": "14 varh",
    "1-0:3.8.2": "15 varh",
    "1-0:4.8.1": "16 varh",
    "1-0:4.8.2": "17 varh",
}
FIRST_U, FIRST_I = {"1-0:32.7.0": "230.1 V"}, {"1-0:31.7.0": "1.01 A"}


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ((THREE_U[0], THREE_I[0], *TOTALS), FIRST_U | FIRST_I | POWERS),
        ((*TOTALS, THREE_U[0], u32(0), u32(0)), POWERS | FIRST_U),
        (
            (*TOTALS, THREE_U[0], THREE_I[0], u32(11), u32(12)),
            POWERS | FIRST_U | FIRST_I | {"1-0:21.7.0": "11 W", "1-0:22.7.0": "12 W"},
        ),
        (ENERGIES, TARIFFS),
        ((*THREE_U, *THREE_I, *TOTALS), VOLTAGES | CURRENTS | POWERS),
        ((b"\x03\x01", octets(b"\0\2"), *ENERGIES), QUARTER),
    ],
    ids=lambda values: str(len(values)),
)
def test_a_slovenian_list_is_read_by_the_kinds_of_its_values(values: tuple[bytes, ...], shown: dict[str, str]) -> None:
    result = reading(structure(*ISKRA, *values))
    assert said(result) == ISKRA_NAMES | shown
    assert list(said(result)) == list(ISKRA_NAMES | shown), "in the order of the message"
    assert not result.unread
    assert result.family == "iskra"


@pytest.mark.parametrize(
    "values",
    [
        (*ISKRA, *TOTALS, THREE_U[0], u32(0)),
        (*ISKRA, *TOTALS, u32(2301), u32(0), u32(0)),
        (*ISKRA, *TOTALS, i16(2301), u32(0), u32(0)),
        (*ISKRA, *TOTALS, u32(0), u32(0), THREE_U[0]),
        (ISKRA[0], u32(1), *TOTALS, THREE_U[0], u32(0), u32(0)),
        (octets(b"XYZ1030000000001"), ISKRA[1], *TOTALS, THREE_U[0], u32(0), u32(0)),
        (*ISKRA, u8(1), octets(b"\0\2"), *ENERGIES),
        (*NAMES, *TOTALS, u32(6952), octets(b"2424")),
        (octets(b"XYZ_001"), *NAMES[1:], *TOTALS, u32(6952), u32(2424)),
        (*ONE, octets(b"20240701"), *TOTALS),
    ],
    ids=str,
)
def test_a_list_of_other_kinds_is_not_guessed_at(values: tuple[bytes, ...]) -> None:
    with pytest.raises(DecodeError, match="register"):
        reading(structure(*values))


def austrian(
    name: bytes = b"\0\6\x19\x09\0\xff",
    time: bytes = b"\x0c\0\x0a\0",
    date: bytes = b"\x07\xe8\7\1\1",
    last: bytes = b"",
) -> bytes:
    numbers = map(u32, (14000001, 400002, 1400003, 2200004, 9, 5))
    strings = map(octets, (name, b"1121000000001", time, date))
    return structure(*strings, *numbers, octets(b""), octets(last))


def test_the_austrian_list_of_twelve_has_energies_before_powers() -> None:
    result = reading(austrian(), b"\x0c" + date_time(SUMMER, -120))
    assert said(result) == {
        "0-0:96.1.0": "1121000000001",
        "1-0:1.8.0": "14000001 Wh",
        "1-0:2.8.0": "400002 Wh",
        "1-0:3.8.0": "1400003 varh",
        "1-0:4.8.0": "2200004 varh",
        "1-0:1.7.0": "9 W",
        "1-0:2.7.0": "5 W",
    }
    assert when(result) == "2024-07-01 10:00:10"
    assert not result.unread


@pytest.mark.parametrize(
    "body",
    [
        austrian(name=b"\0\7\x19\x09\0\xff"),
        austrian(time=b"\x0c\0\x0a"),
        austrian(date=b"\x07\xe8\7\1"),
        austrian(last=b"5"),
    ],
)
def test_of_a_list_that_only_looks_austrian_no_time_becomes_a_name_and_no_number_a_register(body: bytes) -> None:
    result = reading(body)
    assert not [value for value in said(result).values() if value.endswith(("Wh", "W", "varh"))]
    assert "0-0:96.1.0" not in said(result) or said(result)["0-0:96.1.0"] == "5"
    assert len(result.unread) > 6


# --- attribute descriptors


def described(class_id: int, name: str, attribute: int, value: bytes) -> bytes:
    """A pair of the Czech lists: the descriptor has no tags."""
    return b"\x02\x02" + class_id.to_bytes(2, "big") + code(name)[2:] + bytes((attribute,)) + value


CZECH = (
    described(40, "0-2:25.9.0", 1, octets(b"\0\2\x19\x09\0\xff")),
    described(1, "0-0:96.1.0", 2, octets(b"1234567890")),
    described(70, "0-1:96.3.10", 3, b"\x16\x01"),
    described(71, "0-0:17.0.0", 3, u32(16000)),
    described(1, "0-0:96.14.0", 2, octets(b"T2")),
    described(3, "1-0:1.7.0", 2, u32(1956)),
    described(3, "1-0:21.7.0", 2, u32(198)),
    described(3, "1-0:1.8.0", 2, u32(4913794)),
    described(4, "1-0:1.6.0", 2, u32(4000)),
)
MEASURED = {"1-0:1.7.0": "1956 W", "1-0:21.7.0": "198 W", "1-0:1.8.0": "4913794 Wh", "1-0:1.6.0": "4000 W"}


@pytest.mark.parametrize("make", [array, structure])
@pytest.mark.parametrize("caused", [b"\x16\x01", b""])
def test_pairs_with_attribute_descriptors_are_read(make: Callable[..., bytes], caused: bytes) -> None:
    body = structure(caused, make(*CZECH)) if caused else make(*CZECH)
    result = reading(body, b"\x00")
    assert said(result) == MEASURED
    assert [(str(row.obis), str(row.value)) for row in result.objects] == [
        ("0-0:96.1.0", "1234567890"),
        ("0-1:96.3.10", "1"),
        ("0-0:17.0.0", "16000"),
        ("0-0:96.14.0", "T2"),
    ]
    assert not result.unread
    assert when(result) is None


def test_a_described_clock_and_scaler_mean_what_they_state() -> None:
    body = array(
        described(8, "0-0:1.0.0", 2, octets(date_time(SUMMER, -120))),
        described(3, "1-0:31.7.0", 2, u16(420)),
        described(3, "1-0:31.7.0", 3, scaler_unit(-2, 33)),
        described(1, "0-0:96.1.0", 2, octets(b"1234567890")),
    )
    first = reading(body, b"\x00")
    assert said(first) == {"1-0:31.7.0": "4.20 A"}
    assert when(first) == "2024-07-01 10:00:10"
    assert reading(body, b"\x00") == first, "no plan leaves the names out"


def test_pairs_are_read_only_where_every_element_is_one() -> None:
    with pytest.raises(DecodeError, match="register"):
        reading(array(*CZECH, u32(5)), b"\x00")


@pytest.mark.parametrize("cut", range(1, 13))
def test_a_pair_that_is_cut_short_is_an_error(cut: int) -> None:
    with pytest.raises(DecodeError):
        reading(array(described(3, "1-0:1.7.0", 2, u32(1956)))[:-cut], b"\x00")


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
