"""Rows of telegrams: every deviation of docs/protocol.md A.3, A.7 and A.8, and the quirks of real meters."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from itertools import cycle

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hanlogger.decoding import decode, p1
from hanlogger.decoding.clock import IMPOSSIBLE
from hanlogger.model import Civil, Meter, Obis, Register, Scale
from tests.support.octets import even_parity, find, telegram
from tests.support.plans import by_plan, count, learn, planned
from tests.support.readings import read, rows, said, when
from tests.support.vectors import SWEDISH, octets

CLOCK = "0-0:1.0.0(250714150410S)"


# --- numbers and units


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("1-0:1.8.0(00001234.567*kWh)", "1234567 Wh"),
        ("1-0:1.8.0(32549.5061662*kWh)", "32549506.1662 Wh"),
        ("1-0:3.8.0(00000007.890*kVArh)", "7890 varh"),
        ("1-0:3.8.0(00000007.890*kVarh)", "7890 varh"),
        ("1-0:3.8.0(000000747*varh)", "747 varh"),
        ("1-0:3.7.0(0000.056*kVAr)", "56 var"),
        ("1-0:1.7.0(0001.001*kW)", "1001 W"),
        ("1-0:1.7.0(000557.290*W)", "557.290 W"),
        ("1-0:9.7.0(00.021*kVA)", "21 VA"),
        ("1-0:9.8.0(00.021*kVAh)", "21 VAh"),
        ("1-0:32.7.0(230.1*V)", "230.1 V"),
        ("1-0:51.7.0(-001.2*A)", "-1.2 A"),
        ("1-0:14.7.0(50.00*Hz)", "50.00 Hz"),
        ("1-0:32.7.0(0000.242*kV)", "242 V"),
        ("1-0:32.7.0(0000.2421*KV)", "242.1 V"),
        ("1-0:31.7.0(-0000.005*kA)", "-5 A"),
        ("1-0:31.7.0(0000.005*ka)", "5 A"),
        ("1-0:14.7.0(0000.04998*kHz)", "49.98 Hz"),
        ("1-0:14.7.0(0000.049*KHZ)", "49 Hz"),
        ("1-0:1.8.0(00001.234567*MWh)", "1234567 Wh"),
        ("1-0:1.8.0(00001.234567*mwh)", "1234567 Wh"),
        ("1-0:1.7.0(0.001001*MW)", "1001 W"),
        ("1-0:3.7.0(0.001001*Mvar)", "1001 var"),
        ("1-0:3.8.0(1.5*MVArh)", "1500000 varh"),
        ("1-0:9.7.0(1.5*MVA)", "1500000 VA"),
        ("1-0:9.8.0(1.5*mVAh)", "1500000 VAh"),
        ("1-0:32.7.0(0.0105*MV)", "10500 V"),
        ("1-0:14.7.0(0.00005*MHz)", "50 Hz"),
        ("1-0:31.7.0(0.00005*MA)", "50 A"),
        ("1-0:31.7.0(250*mA)", "250 mA"),
        ("1-0:32.7.0(230100*mV)", "230100 mV"),
        ("1-0:14.7.0(50000*mHz)", "50000 mHz"),
        ("0-1:24.2.1(1.5*MWh)", "1500000 Wh"),
        ("0-1:24.2.1(12.5*km3)", "12.5 km3"),
        ("0-1:24.2.1(12.5*M3)", "12.5 m3"),
        ("0-1:24.2.1(240.860*GJ)", "240.860 GJ"),
        ("1-0:1.8.0(1234.5*kWh )", "1234500 Wh"),
        ("1-0:1.8.0( 1234.5*kWh)", "1234500 Wh"),
        ("1-0:13.7.0(4.556)", "4.556"),
        ("0-0:17.0.0(16500)", "16500"),
        ("0-0:17.0.0(069.0*kVA)", "69000 VA"),
        ("1-0:0.4.2(995)", "995"),
        ("1-0:32.32.0(00003)", "3"),
        ("0-0:96.7.21(00015)", "15"),
    ],
)
def test_numbers_are_exact_and_in_base_units(row: str, value: str) -> None:
    code = row.partition("(")[0]
    assert rows(row) == {code: value}


def test_no_digit_is_rounded_away() -> None:
    digits = "1234567890123456789012345678901234567890.123456789"
    assert rows(f"1-0:1.8.0({digits}*Wh)") == {"1-0:1.8.0": f"{digits} Wh"}
    assert rows(f"1-0:1.8.0({digits}*kWh)") == {"1-0:1.8.0": f"{digits.replace('.123456789', '123.456789')} Wh"}


@pytest.mark.parametrize(
    "row",
    [
        "0-0:96.1.1(54535430303030303030303030303032)",
        "0-0:96.1.0(12345678)",
        "0-0:96.1.1(00000000000000)",
        "0-0:42.0.0(54535431303030303030303030303031)",
        "0-0:96.13.0()",
        "0-0:96.13.1(303132333435363738)",
        "1-3:0.2.8(50)",
        "1-0:0.0.0(0123456789012)",
        "0-0:96.1.255(1TST0000000001)",
        "0-2:25.6.0(ER23)",
        "1-0:0.2.0((ER11))",
        "0-0:96.99.0(12345678901234567890)",
        "0-0:96.99.1(0123456789012345)",
        "0-0:96.99.1(1234567890123456)",
        "0-1:96.1.0(0000000000)",
        "1-0:96.1.1(00012)",
        "0-0:96.5.5(80)",
        "1-0:0.9.1(203805)",
        "0-0:42.0.0(12)",
        "1-0:0.2.2(12)",
        "C.1.0(00123456)",
        "0-0:96.2.1(A b-c:d.e*f)",
    ],
)
def test_texts_stay_as_sent(row: str) -> None:
    code, _, content = row[:-1].partition("(")
    [register] = read(telegram(row)).registers
    assert register == Register(Obis.parse(code), content)


def test_a_unit_makes_a_number_of_what_would_be_a_name() -> None:
    assert rows("1-0:0.2.2(016.5*kW)", "0-0:96.1.0(1234567890123456*Wh)") == {
        "1-0:0.2.2": "16500 W",
        "0-0:96.1.0": "1234567890123456 Wh",
    }


def test_fifteen_digits_are_a_number_and_so_are_more_with_a_point() -> None:
    assert rows("0-0:96.99.1(012345678901234)", "1-0:13.7.0(00000000000000.999)") == {
        "0-0:96.99.1": "12345678901234",
        "1-0:13.7.0": "0.999",
    }


@pytest.mark.parametrize(
    "text", ["00_1.234", "+001.234", "0E+1.234", "1e3", "\u0660\u0661", "\uff11", "0x10", "1,5", "--1", "1.2.3", "NaN"]
)
def test_what_only_python_calls_a_number_is_a_text(text: str) -> None:
    [row] = p1.decode_telegram(f"/TST5\r\n\r\n1-0:1.6.0({text}*kW)\r\n!").registers
    assert row == Register(Obis(1, 0, 1, 6, 0), f"{text}*kW")


@pytest.mark.parametrize(
    "row",
    [
        "1-0:1.7.0(+001.234*kW)",
        "1-0:1.8.0(00001000,123*kWh)",
        "1.8.0(00001000.000kWh)",
        "1-0:21.7.0(ER23)",
        "1-0:2.8.1(00001000.000*kWh)(00001001.000*kWh)",
        "1-0:32.7.0(250114150410W)(230.1V)",
        "0-1:24.2.1(20250114 15:04:10)(00123.456*m3)",
        "0-1:24.2.1(250114150410W)(00123.456*m3)(00)",
        "0-2:24.2.3(250114150410W)(00123,456*m3)",
        "0-1:24.3.0(120517020000)(08)(60)(1)(0-1:24.2.1)(m3)",
    ],
)
def test_a_text_where_only_a_number_can_be_is_listed(row: str) -> None:
    """Stored as a text it would be no power, no energy and no gas, and nobody would be told."""
    reading = read(telegram("1-0:4.7.0(1*var)", row))
    assert said(reading) == {"1-0:4.7.0": "1 var"}
    assert reading.unread == (row,)


@pytest.mark.parametrize(
    "row", ["1-0:1.8.0()", "1-0:1.7.0(----)", "0-1:24.3.0(120517020000)(08)(60)(1)(0-1:24.2.1)(m3)(--------)"]
)
def test_no_number_at_all_is_no_fault(row: str) -> None:
    reading = read(telegram(row))
    assert [str(each.obis) for each in reading.registers] == [row.partition("(")[0]]
    assert reading.unread == ()


def test_a_blank_before_the_unit_is_no_part_of_the_number() -> None:
    assert rows("1-0:1.8.0(00001000.000 *kWh)", "0-1:24.2.1(240301115500W)(00123.456 *m3)") == {
        "1-0:1.8.0": "1000000 Wh",
        "0-1:24.2.1": "123.456 m3 at 2024-03-01 10:55:00",
    }


@pytest.mark.parametrize(
    ("unit", "value"), [("m3", "1.001 m3"), ("M3", "1.001 m3"), ("GJ", "1.001 GJ"), ("kWh", "1001 Wh")]
)
def test_a_sub_meter_up_to_dsmr_3_may_count_in_any_unit(unit: str, value: str) -> None:
    row = f"0-1:24.3.0(240301110000)(00)(60)(1)(0-1:24.2.1)({unit})"
    assert rows(row, "(00001.001)") == {"0-1:24.3.0": f"{value} at 2024-03-01 10:00:00"}


# --- codes


def test_codes_stay_as_sent_less_255() -> None:
    sent = ("1-0:1.8.0*255(1*kWh)", "1-0:2.8.0*01(2*kWh)", "1.7.0(3*W)", "14.7(50*Hz)", "1-1:2.7.0(4*W)")
    assert list(rows(*sent)) == ["1-0:1.8.0", "1-0:2.8.0*01", "1.7.0", "14.7", "1-1:2.7.0"]


def test_a_code_that_stands_twice_gives_two_registers() -> None:
    reading = read(telegram(*["0-0:17.0.0(16500)"] * 3))
    assert [row.value for row in reading.registers] == [Decimal(16500)] * 3


# --- groups


def test_a_value_may_have_a_time_of_its_own() -> None:
    assert rows(
        "1-3:0.2.8(50)", CLOCK, "0-1:24.2.1(250714150001S)(12785.123*m3)", "0-2:24.2.1(250101000000W)(7*m3)"
    ) == {
        "1-3:0.2.8": "50",
        "0-1:24.2.1": "12785.123 m3 at 2025-07-14 13:00:01",
        "0-2:24.2.1": "7 m3 at 2024-12-31 23:00:00",
    }


def test_a_value_with_an_impossible_time_has_none_and_is_not_given_the_telegrams() -> None:
    reading = read(telegram(CLOCK, "0-2:24.2.1(632525252525S)(0000.000)", "0-1:24.2.1(700101010000W)(00000000)"))
    assert said(reading) == {"0-2:24.2.1": "0.000", "0-1:24.2.1": "0"}
    assert all(row.time is not None for row in reading.registers)


@pytest.mark.parametrize(
    ("groups", "said_of_it"),
    [
        ("(260102010000W)(08.796*kW)", "8796 W at 2026-01-02 00:00:00"),
        ("(08.796*kW)(260102010000)", "8796 W at 2026-01-02 00:00:00"),
        ("(08.796*kW)(260702020000)", "8796 W at 2026-07-02 00:00:00"),  # without a letter: legal time
        ("(08.796*kW)(260702020000S)", "8796 W at 2026-07-02 00:00:00"),
        ("(08.796*kW)(260102010000W)", "8796 W at 2026-01-02 00:00:00"),
        ("(08.796*kW)(26-01-02 01:00:00)", "8796 W at 2026-01-02 00:00:00"),
        ("(26-07-02 02:00:00S)(08.796*kW)", "8796 W at 2026-07-02 00:00:00"),
        ("(2026-01-02 01:00:00W)(8.796*kW)", "8796 W at 2026-01-02 00:00:00"),
        ("(8.796*kW)(26-01-02 01:00)", "8796 W at 2026-01-02 00:00:00"),
        ("(-8.796*kW)(26-01-02 01:00:30)", "-8796 W at 2026-01-02 00:00:30"),
        ("( 8.796*kW )(260102010000)", "8796 W at 2026-01-02 00:00:00"),
        ("(17)(260102010000)", "17 at 2026-01-02 00:00:00"),
        ("(260102010000W)(ER23)", "ER23 at 2026-01-02 00:00:00"),
        ("(260102010000)(260102010001)", "260102010001 at 2026-01-02 00:00:00"),
    ],
)
def test_a_value_may_stand_before_its_time_or_behind_it(groups: str, said_of_it: str) -> None:
    clock = "0-0:1.0.0(260104162515W)"
    assert rows("0-0:96.1.4(50217)", clock, f"1-0:1.6.0{groups}")["1-0:1.6.0"] == said_of_it


@pytest.mark.parametrize(
    "time", ["000000000000", "251301000000", "19-13-01 00:00:00", "00-00-00 00:00", "632525252525W"]
)
def test_a_value_before_an_impossible_time_has_none_and_is_not_given_the_telegrams(time: str) -> None:
    reading = read(telegram(CLOCK, f"1-0:1.6.0(0.000*kW)({time})"))
    assert said(reading) == {"1-0:1.6.0": "0 W"}
    assert reading.registers[0].time == IMPOSSIBLE


PEAKS = ("1000 W at 2025-01-31 23:00:00", "2000 W at 2025-02-28 23:00:00", "3000 W at 2025-03-31 23:00:00")


@pytest.mark.parametrize(
    "sent",
    [
        tuple(f"1-0:1.6.0(250{n + 1}01000000)({n}.000*kW)" for n in (1, 2, 3)),
        tuple(f"1-0:1.6.0({n}.000*kW)(25-0{n + 1}-01 00:00:00)" for n in (1, 2, 3)),
        ("1-0:1.6.0" + "".join(f"(250{n + 1}01000000W)({n}.000*kW)" for n in (1, 2, 3)),),
        ("1-0:1.6.0(1.000*kW)(25-02-01 00:00:00)", "(2.000*kW)(25-03-01 00:00:00)", "(3.000*kW)(25-04-01 00:00:00)"),
    ],
)
def test_a_list_of_peaks_gives_each_at_its_own_time(sent: tuple[str, ...]) -> None:
    reading = read(telegram("0-0:1.0.0(250414150410)", *sent))
    assert [said(reading._replace(registers=(row,)))["1-0:1.6.0"] for row in reading.registers] == list(PEAKS)


def test_thirteen_months_of_a_belgian_meter_are_one_text() -> None:
    months = "".join(f"(25{n:02}01000000W)(2412151200{n:02}W)({n:06.3f}*kW)" for n in range(1, 13))
    groups = f"(12)(1-0:1.6.0)(1-0:1.6.0){months}"
    assert rows(f"0-0:98.1.0{groups}") == {"0-0:98.1.0": groups}


def test_gas_up_to_dsmr_3_is_on_two_lines() -> None:
    sent = ("0-1:24.3.0(161107190000)(00)(60)(1)(0-1:24.2.1)(m3)", "(00001.001)", "0-1:24.4.0(1)")
    reading = read(telegram(*sent))
    assert said(reading) == {"0-1:24.3.0": "1.001 m3 at 2016-11-07 18:00:00", "0-1:24.4.0": "1"}
    assert reading.registers[0] == Register(
        Obis(0, 1, 24, 3, 0),
        Decimal("1.001"),
        "m3",
        Civil(datetime(2016, 11, 7, 19)),  # noqa: DTZ001
    )


@pytest.mark.parametrize(
    "groups",
    [
        "(100*A)(-063*A)",
        "(1)(0-0:96.7.19)(190326095015W)(0000002014*s)",
        "(0)(0-0:96.7.19)",
        "(230701000000S)(000040.777*kWh)(03.564*kW)",
        "(0.000*kW)(00000101000000)",
        "(ER23)(250114150410W)",
        "(250114150410W)(250114150410W)(1.0*kW)(250214150410W)",
        "(250114150410W)(1.0*kW)(250214150410W)(ER23)",
        "(250114150410W)(1.0*kW)(250214150410W)",
        "(1.0*kW)(250214150410W)(250214150410W)(1.0*kW)",
        "(0)(1-0:1.6.0)(1-0:1.6.0)()",
        "(250114150410)(250214150410)(250314150410)(250414150410)",
        "(120517020000)(08)(60)(1)(0-1:24.2.1)(GJ)(00124.477)",
        "(120517020000)(08)(60)(1)(0-1:24.2.1)(m3)(--------)",
        "(120517020000)(08)(60)(1)(0-1:24.2.1)(m3)",
        "(1.0*kW)(250114)(150410)",
        "(1.0*kW)(20250114 15:04:10)",
        "(2)(1-0:1.6.0)(1-0:1.6.0)(240501000000S)(240423192538S)(03.695*kW)",
    ],
)
def test_any_other_row_of_several_groups_is_text(groups: str) -> None:
    assert rows(f"1-0:99.97.0{groups}") == {"1-0:99.97.0": groups}


def test_a_row_of_two_thousand_characters_is_a_row() -> None:
    content = "FF" * 1024
    assert rows(f"0-0:96.13.0({content})", "1-0:1.7.0(1*W)") == {"0-0:96.13.0": content, "1-0:1.7.0": "1 W"}


@pytest.mark.parametrize(
    "row",
    ["*kW)", "1-0:4:24.7.0(0000.018*kVAr)", "1-0:!.8.1(000095.052*kWh)", "1-021.7.0(00.000*kW)", "1-0:999.7.0(1*W)",
     "1-0:1.7.0", "1-0:1.7.0(1*W", "garbage", "G.F(00)", "1-0:1.7.0(1*W)x"],
)  # fmt: skip
def test_a_malformed_row_costs_itself_and_is_listed(row: str) -> None:
    reading = read(telegram("1-0:1.7.0(1*W)", row, "1-0:2.7.0(2*W)"))
    assert said(reading) == {"1-0:1.7.0": "1 W", "1-0:2.7.0": "2 W"}
    assert reading.unread == (row,)


# --- clocks


@pytest.mark.parametrize(
    ("sent", "utc"),
    [
        (("0-0:1.0.0(250714150410S)",), "2025-07-14 14:04:10"),  # in Sweden the letter means nothing
        (("0-0:1.0.0(250714150410W)",), "2025-07-14 14:04:10"),
        (("0-0:1.0.0(250714150410)",), "2025-07-14 14:04:10"),
        (("0-1:1.0.0(250714150410W)",), "2025-07-14 14:04:10"),
        (("1-3:0.2.8(50)", "0-0:1.0.0(250714150410S)"), "2025-07-14 13:04:10"),
        (("0-0:96.1.4(50217)", "0-0:1.0.0(250114150410W)"), "2025-01-14 14:04:10"),
        (("0-0:1.0.0(20240111 09:35:00)",), "2024-01-11 08:35:00"),
        (("0-0:1.0.0(2024-01-11 09:35:00)",), "2024-01-11 08:35:00"),
        (("1-0:0.9.1(203805)", "1-0:0.9.2(220910)"), "2022-09-10 19:38:05"),
        (("0.9.2(24-03-21)", "0.9.1(21:10:29)"), "2024-03-21 20:10:29"),
        (("0-0:1.0.0(24-01-11 09:35:07)",), "2024-01-11 08:35:07"),
        (("0-0:1.0.0(24-01-11 09:35)",), "2024-01-11 08:35:00"),
        (("1-3:0.2.8(50)", "0-0:1.0.0(2024-07-11 09:35:00S)"), "2024-07-11 07:35:00"),
        (("0-0:1.0.0(250714150410W)", "0-0:1.0.0(220201000000W)"), "2025-07-14 14:04:10"),
        (("0-0:1.0.0(250714150410W)", "0-0:1.0.0(220201000000T)"), "2025-07-14 14:04:10"),
        (("0-0:1.0.0(250714150410W)", "0-1:1.0.0()"), "2025-07-14 14:04:10"),
        (("0-0:1.0.0()", "0-0:1.0.0(220201000000W)"), None),
        (("0-0:1.0.0(632525252525S)", "0-0:1.0.0(220201000000W)"), None),
        (("0.9.1(203805)", "0.9.2(220910)", "0.9.1(000000)", "0.9.2(220901)"), "2022-09-10 19:38:05"),
        (("0-0:1.0.0(250714150410W)", "0.9.1(203805)", "0.9.2(220910)"), "2025-07-14 14:04:10"),
        (("0-0:1.0.0(000101010000W)",), None),
        (("0-0:1.0.0(632525252525S)",), None),
        (("0-0:1.0.0(213112235959W)",), None),
        (("0-0:1.0.0()",), None),
        (("0-0:1.0.0(NV200101010000)",), None),
        (("1-0:0.9.1(203805)",), None),
        ((), None),
    ],
)
def test_clocks_in_every_form(sent: tuple[str, ...], utc: str | None) -> None:
    assert when(read(telegram(*sent, "1-0:1.7.0(1*W)"))) == utc


def test_the_two_rows_of_a_clock_stay_registers() -> None:
    assert rows("1-0:0.9.1(203805)", "1-0:0.9.2(220910)") == {"1-0:0.9.1": "203805", "1-0:0.9.2": "220910"}


def test_a_clock_row_gives_no_register() -> None:
    assert rows(CLOCK, "1-0:1.7.0(1*W)") == {"1-0:1.7.0": "1 W"}


# --- closed billing periods

LIVE = ("1-0:1.8.0(3600.743*kWh)", "1-0:1.8.1(1700.629*kWh)", "1-0:32.7.0(238.2*V)")
MONTH = ("1-0:1.8.0(3600.001*kWh)", "1-0:1.8.1(1700.001*kWh)", "1-0:1.6.0(220103180000)(4.2*kW)", "1-0:2.6.0()")
ENDED = "0-0:1.0.0(220201000000T)"
SAID = {"1-0:1.8.0": "3600743 Wh", "1-0:1.8.1": "1700629 Wh", "1-0:32.7.0": "238.2 V", "0-0:96.13.0": ""}


@pytest.mark.parametrize(
    "block",
    [
        ("0-0:98.1.0", "(", ENDED, *MONTH, ")"),
        ("0-0:98.1.0(", ENDED, *MONTH, ")"),
        ("0-0:98.1.0 ( ", f" {ENDED}", *MONTH, " ) "),
        (f"0-0:98.1.0({ENDED}", *MONTH[:-1], f"{MONTH[-1]})"),
        ("0-0:98.1.0", f"({ENDED}", *MONTH, ")"),
        ("0-0:98.1.0", "(", *MONTH, ")"),
        ("0-0:98.1.0(", f"({ENDED}", *MONTH, "))"),
        ("0-0:98.1.0", "(", "(", ENDED, *MONTH, ")", ")"),
        ("0-0:98.1.0", "(", ENDED.replace("T", "W"), *MONTH, ")", "0-0:98.2.0", "(", ENDED, *MONTH, ")"),
    ],
)
@pytest.mark.parametrize("before", [True, False])
def test_a_block_of_a_closed_month_leaves_the_live_values_and_the_clock_alone(
    block: tuple[str, ...], *, before: bool
) -> None:
    live = (CLOCK, *LIVE)
    reading = read(telegram(*((*block, *live) if before else (*live, *block)), "0-0:96.13.0()"))
    assert said(reading) == SAID
    assert len(reading.registers) == len(SAID)
    assert when(reading) == "2025-07-14 14:04:10"
    assert "".join(reading.closed).replace(" ", "") == "".join(block).replace(" ", "")
    assert all(line == line.strip() != "" for line in reading.closed)
    assert reading.unread == ()


@pytest.mark.parametrize(
    "begin",
    [
        ("0-0:98.1.0", "(", ENDED),
        ("0-0:98.1.0(", ENDED),
        (f"0-0:98.1.0({ENDED}",),
        ("0-0:98.1.0(", f"({ENDED}"),
        (ENDED,),
        ("0-0:98.1.0(220201000000W)",),
        ("0-0:98.1.0(2022-02-01 00:00:00)",),
    ],
)
def test_a_block_that_is_never_closed_takes_the_codes_that_come_again_and_no_other(begin: tuple[str, ...]) -> None:
    reading = read(telegram(CLOCK, *LIVE, *begin, *MONTH[:2], "0-0:96.13.0()", MONTH[0]))
    assert said(reading) == SAID
    assert when(reading) == "2025-07-14 14:04:10"
    assert "".join(reading.closed) == "".join((*begin, *MONTH[:2], MONTH[0]))
    assert reading.unread == ()


def test_of_two_closed_periods_neither_has_live_values() -> None:
    reading = read(telegram(CLOCK, LIVE[0], ENDED, MONTH[0], LIVE[2], ENDED, MONTH[0], LIVE[2]))
    assert said(reading) == {"1-0:1.8.0": "3600743 Wh", "1-0:32.7.0": "238.2 V"}
    assert reading.closed == (ENDED, MONTH[0], ENDED, MONTH[0], LIVE[2])


@pytest.mark.parametrize("begin", [(ENDED,), ("0-0:98.1.0(", ENDED), ("0-0:98.1.0(220201000000W)",)])
@pytest.mark.parametrize("month", ["1-0:1.8.0(3600.001*kWh)", "1.8.0(3600.001*kWh)", "1-0:1.6.0(220103180000)(4.2*kW)"])
def test_behind_the_beginning_of_a_closed_period_no_counter_is_live(begin: tuple[str, ...], month: str) -> None:
    """Not even one whose code the live values do not have, such as a total beside live tariffs."""
    reading = read(telegram(CLOCK, *LIVE[1:], *begin, month, "1-0:1.7.0(0.5*kW)", "0-0:96.14.0(1)"))
    assert said(reading) == {
        "1-0:1.8.1": "1700629 Wh",
        "1-0:32.7.0": "238.2 V",
        "1-0:1.7.0": "500 W",
        "0-0:96.14.0": "1",
    }
    assert reading.closed == (*begin, month)
    assert reading.unread == ()


@pytest.mark.parametrize("begin", [("0-0:98.1.0", "(", ENDED), ("0-0:98.1.0((", ENDED), ("0-0:98.1.0(220201000000W)",)])
def test_where_a_closed_period_begins_before_all_counters_none_is_read(begin: tuple[str, ...]) -> None:
    reading = read(telegram("0-0:96.1.1(3132)", *begin, MONTH[0], CLOCK, *LIVE))
    assert said(reading) == {"0-0:96.1.1": "3132", "1-0:32.7.0": "238.2 V"}
    assert when(reading) is None
    assert reading.unread == (MONTH[0], LIVE[0], LIVE[1])


def test_a_row_that_opens_a_bracket_costs_itself_and_begins_no_closed_period() -> None:
    reading = read(telegram(CLOCK, "1-0:2.8.0(", *LIVE))
    assert list(said(reading)) == ["1-0:1.8.0", "1-0:1.8.1", "1-0:32.7.0"]
    assert reading.unread == ("1-0:2.8.0(",)


def test_the_clock_of_a_block_is_not_the_telegrams() -> None:
    for block in (("0-0:98.1.0", "(", ENDED[:-2] + "W)", MONTH[0], ")"), ("0-0:98.1.0(", ENDED[:-2] + "W)")):
        reading = read(telegram(*LIVE, *block))
        assert when(reading) is None
        assert len(reading.registers) == len(LIVE)


def test_a_block_within_one_line_is_a_row_like_any_other() -> None:
    assert rows(CLOCK, LIVE[0], f"0-0:98.1.0({ENDED}{MONTH[0]})") == {
        "1-0:1.8.0": "3600743 Wh",
        "0-0:98.1.0": f"{ENDED}{MONTH[0]}",
    }


def test_brackets_that_are_damaged_cost_their_rows_and_no_block() -> None:
    reading = read(telegram(CLOCK, LIVE[0], "1-0:1.7.0(1*W", LIVE[1], "1-0:2.7.0 1*W)", LIVE[2], ")"))
    assert list(said(reading)) == ["1-0:1.8.0", "1-0:1.8.1", "1-0:32.7.0"]
    assert reading.unread == ("1-0:1.7.0(1*W", "1-0:2.7.0 1*W)", ")")
    assert reading.closed == ()


# --- the whole of it


def test_seven_bits_read_as_eight_say_the_same() -> None:
    assert said(read(even_parity(octets("v2")))) == SWEDISH


def test_the_empty_line_may_be_missing_and_the_line_ends_may_be_bare() -> None:
    [frame] = find(telegram("1-0:1.7.0(1*W)", "1-0:2.7.0(2*W)"))
    for data in (frame.data.replace(b"\r\n\r\n", b"\r\n"), frame.data.replace(b"\r\n", b"\n")):
        reading = decode(frame._replace(data=data))  # type: ignore[arg-type]
        assert said(reading) == {"1-0:1.7.0": "1 W", "1-0:2.7.0": "2 W"}


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\r\n", "\r\n\r\n", " \r\n", "\t \n", "\n ", "\r\n\t", "\n\r"])
def test_any_line_ends_and_blanks_about_them_are_line_ends(line_end: str) -> None:
    sent = ("1-0:1.7.0(1*W)", "0-1:24.3.0(161107190000)(00)(60)(1)(0-1:24.2.1)(m3)", "(00001.001)", "1-0:2.7.0(2*W)")
    block = ("0-0:98.1.0", "(", ENDED, "1-0:1.7.0(9*W)", ")")
    reading = p1.decode_telegram(f"/TST5{line_end}{line_end.join((CLOCK, *sent, *block))}\r\n!")
    assert said(reading) == {
        "1-0:1.7.0": "1 W",
        "0-1:24.3.0": "1.001 m3 at 2016-11-07 18:00:00",
        "1-0:2.7.0": "2 W",
    }
    assert (reading.unread, len(reading.closed)) == ((), 4)


def test_the_last_row_may_stand_before_the_end_on_its_line() -> None:
    glued = telegram("1-0:1.7.0(1*W)", "1-0:71.7.0(123.1*A)", checksum=False).replace(b")\r\n!", b")!")
    assert said(read(glued)) == {"1-0:1.7.0": "1 W", "1-0:71.7.0": "123.1 A"}


def test_a_transformer_meter_is_multiplied_where_current_flows() -> None:
    meter = Meter(scale=Scale(ratio=Decimal(60)))
    more = ("1-0:3.7.0(1*var)", "1-0:9.7.0(1*VA)", "1-0:3.8.0(1*varh)", "1-0:9.8.0(1*VAh)", "1-0:14.7.0(50*Hz)")
    assert set(rows(*more, meter=meter).values()) == {"60 var", "60 VA", "60 varh", "60 VAh", "50 Hz"}
    sent = ("1-0:1.7.0(1*W)", "1-0:1.8.0(2*kWh)", "1-0:31.7.0(1.5*A)", "1-0:32.7.0(230*V)", "0-0:17.0.0(9*kW)")
    assert rows(*sent, meter=meter) == {
        "1-0:1.7.0": "60 W",
        "1-0:1.8.0": "120000 Wh",
        "1-0:31.7.0": "90.0 A",
        "1-0:32.7.0": "230 V",
        "0-0:17.0.0": "9000 W",
    }


# --- plans for known shapes


numbers = st.from_regex(r"-?[0-9]{3}(\.[0-9]{1,3})?", fullmatch=True)
contents = st.one_of(
    numbers,
    st.sampled_from(["", "-", "1-2", "--1", ".", "1.2.3", " 1", "1e5", "nan", "ER23", "250114150410W", "700101000000"]),
)
row = st.builds(
    "{}({}{}){}".format,
    st.sampled_from(["1-0:1.7.0", "1-0:31.7.0", "0-0:1.0.0", "1.8.0", "1-0:4:24.7.0", "0-0:96.1.0", " 1-0:1.7.0", ""]),
    contents,
    st.sampled_from(["*kW", "*A", "*GJ", "", "* kWh "]),
    st.sampled_from(["", " ", "(1*A)", "\r\n(2)"]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(row, max_size=5), st.lists(st.sampled_from("0123456789:;. -W_+Ee\xb2"), min_size=1, max_size=60))
@example(["1-0:1.7.0(1-2*kW)"], ["5"])
@example(["1-0:1.7.0(*kW)"], ["5"])
@example(["0-0:1.0.0(250114150410W)", "1-0:1.7.0(1*kW)", "0-0:1.0.0(250114150420)", "1-0:2.7.0(2*kW)"], ["5"])
@example(["0-0:1.0.0(250114150410W)", "1-0:1.7.0(1*kW)"], list("259914"))
@example(["1-0:1.7.0(-001.2*A)"], ["0"])
def test_a_plan_gives_what_reading_row_by_row_gives_or_nothing(sent: list[str], others: list[str]) -> None:
    first = telegram(*sent)
    assert planned(first, first)
    characters = cycle(others)

    def replaced(octets: re.Match[bytes]) -> bytes:
        return bytes(ord(next(characters)) if chr(octet).isdigit() else octet for octet in octets[0])

    assert planned(first, re.sub(rb"\d", lambda _: next(characters).encode("latin-1"), first))
    assert planned(first, re.sub(rb"\([^*)]*", replaced, first))  # codes, units and the checksum stay


@pytest.mark.parametrize(
    "digits",
    ["00_1.234", "+001.234", "0E+1.234", "0e01.234", " 001.234", "0001.23 ", "0001.2_4", "-001.234", "--01.234",
     "0001:234",
     "00\xb21.234", "0001.23\xb2", "NaN1.234", "0x01.234", "   1.234", "0001..34", "0001,234", "Infinity", "1e+9.234"],
)  # fmt: skip
@pytest.mark.parametrize("sent", ["0001.234", "-001.234"])
def test_in_the_place_of_digits_a_plan_takes_digits_alone(sent: str, digits: str) -> None:
    first, second = (
        f"/TST5\r\n\r\n1-0:1.7.0({number}*kW)\r\n1-0:2.7.0(0000.000*kW)\r\n!ABCD".encode("latin-1")
        for number in (sent, digits)
    )
    assert planned(first, second)
    assert by_plan(first) is not None


def test_a_number_with_other_decimals_than_its_unit_asks_for_has_a_plan_too() -> None:
    for digits in ("01.2*kW", "0001.2345*kW", "0000.001234*MW", "0001.234*MW", "12*kW"):
        row, later = f"1-0:1.7.0({digits})", f"1-0:1.7.0({digits.replace('2', '7')})"
        first, second = telegram(row, "1-0:2.7.0(2*W)"), telegram(later, "1-0:2.7.0(3*W)")
        learn(first)
        assert by_plan(second) == p1.decode_telegram(second.decode()) != p1.decode_telegram(first.decode())


def test_a_row_in_the_place_of_the_identification_is_a_row() -> None:
    first = telegram("1-0:1.7.0(1*W)", "1-0:2.7.0(2*W)", identification="/TST5 A METER OF THAT SIZE")
    for inner in ("\n1-0:32.7.0(230*V)", "\r1-0:32.7.0(230*V)"):
        second = telegram("1-0:1.7.0(1*W)", "1-0:2.7.0(2*W)", identification="/TST5" + inner.ljust(21))
        assert len(first) == len(second)
        assert planned(first, second)
        assert len(p1.decode_telegram(second.decode()).registers) == 3


def test_swedish_telegrams_have_a_plan() -> None:
    first = octets("v2")
    later = (
        first.replace(b"250114150410W", b"250114150420W").replace(b"0001.234", b"0009.876").replace(b"!365C", b"!ABCD")
    )
    learn(first)
    assert by_plan(first) == p1.decode_telegram(first.decode())
    found = by_plan(later)
    assert found is not None
    assert found == p1.decode_telegram(later.decode())
    assert said(found)["1-0:1.7.0"] == "9876 W"


def test_a_negative_current_has_a_plan_too() -> None:
    first, later = (telegram(f"1-0:51.7.0(-{digits}*A)", "1-0:1.8.0(5*Wh)") for digits in ("001.2", "000.0"))
    learn(first)
    found = by_plan(later)
    assert found is not None
    assert [format(row.value, "f") for row in found.registers] == ["-0.0", "5"]


def test_plans_are_few_however_many_shapes_there_are() -> None:
    for size in range(1, 200):
        data = telegram(f"1-0:1.7.0({'1' * size}*W)")
        learn(data)
    assert count() <= 64 * 8
