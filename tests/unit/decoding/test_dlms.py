"""Notifications of any shape, known meter or not: found by their codes, bounded in every direction."""

from __future__ import annotations

import struct
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanlogger import decoding
from hanlogger.decoding import axdr, decode, dlms
from hanlogger.decoding.clock import IMPOSSIBLE, read_packed
from hanlogger.errors import DecodeError
from hanlogger.framing import find_all
from hanlogger.model import Civil, Frame, Key, Meter, Reading, Scale
from tests.support.axdr import (
    NULL,
    array,
    bcd,
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
from tests.support.octets import RECEIVED_AT, even_parity
from tests.support.plans import by_plan, count, learn, planned, with_care
from tests.support.readings import bare, said, when
from tests.support.vectors import FRAMED
from tests.support.vectors import octets as octets_of

SUMMER = datetime(2024, 7, 1, 12, 0, 10)  # noqa: DTZ001
POWER = (code("1-0:1.7.0"), u32(1234))
WATTS = scaler_unit(0, 27)


def reading(apdu: bytes) -> Reading:
    return decode(bare(apdu))


def body(*values: bytes) -> dict[str, str]:
    return said(reading(notification(structure(*values))))


# --- A-XDR


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ("00", None),
        ("0301", 1),
        ("05fffffffe", -2),
        ("06fffffffe", 4294967294),
        ("0ffe", -2),
        ("10fffe", -2),
        ("11fe", 254),
        ("12fffe", 65534),
        ("14fffffffffffffffe", -2),
        ("15fffffffffffffffe", 2**64 - 2),
        ("1607", 7),
        ("0d42", 42),
        ("17" + struct.pack(">f", 0.1).hex(), Decimal("0.1")),
        ("07" + struct.pack(">f", 230.25).hex(), Decimal("230.25")),
        ("18" + struct.pack(">d", 0.1).hex(), Decimal("0.1")),
        ("177fc00000", "nan"),
        ("187ff0000000000000", "inf"),
        ("0903abcdef", b"\xab\xcd\xef"),
        ("0981028080", b"\x80\x80"),
        ("0982000161", b"a"),
        ("0a024142", "AB"),
        ("0c02c3a5", "å"),
        ("040bff20", "11111111001"),
        ("1a07e80701ff", bytes.fromhex("07e80701ff")),
        ("1b0c000aff", bytes.fromhex("0c000aff")),
        ("010211011102", [1, 2]),
        ("02020900020111ff", [b"", [255]]),
    ],
)
def test_every_type_of_the_table_is_read(data: str, value: axdr.Value) -> None:
    assert axdr.decode_value(bytes.fromhex(data)) == (value, len(data) // 2)


def test_a_type_that_is_none_is_named() -> None:
    with pytest.raises(DecodeError, match="tag 13"):
        axdr.decode_value(b"\x13\x00")


@pytest.mark.parametrize(
    "data", [b"\x01" * 1000, b"\x02\x01" * 1000, b"\x01\x84\xff\xff\xff\xff", b"\x01\x85" + b"\xff" * 9]
)
def test_lists_are_bounded_in_depth_and_number(data: bytes) -> None:
    with pytest.raises((DecodeError, IndexError)):
        axdr.decode_value(data)
    with pytest.raises(DecodeError):
        reading(notification(data))


@pytest.mark.parametrize("data", ["0409", "0a05", "0602", "09820002", "02021101", "1907e8"])
def test_what_is_cut_short_is_an_error(data: str) -> None:
    with pytest.raises((DecodeError, IndexError)):
        axdr.decode_value(bytes.fromhex(data))


# --- date-time


def test_a_date_time_is_civil_with_its_deviation() -> None:
    assert read_packed(date_time(SUMMER, -120)) == Civil(SUMMER, -120)
    assert read_packed(date_time(SUMMER)) == Civil(SUMMER)
    assert read_packed(date_time(SUMMER, 721)) == Civil(SUMMER)


def test_odd_days_hundredths_and_statuses_cost_nothing() -> None:
    for weekday in (0, 7, 0xFF):
        for status in (0x00, 0x02, 0x80, 0x81, 0xFF):
            assert read_packed(date_time(SUMMER, weekday=weekday, status=status)) == Civil(SUMMER)


def test_a_date_time_that_is_not_specified_or_impossible_is_told_apart() -> None:
    whole = date_time(SUMMER)
    assert read_packed(b"\xff\xff" + whole[2:]) is None
    assert read_packed(whole[:2] + b"\xff" + whole[3:]) is None
    assert read_packed(whole[:7] + b"\xff" + whole[8:]) == Civil(SUMMER.replace(second=0))
    assert read_packed(whole[:2] + b"\x19" + whole[3:]) is IMPOSSIBLE
    assert read_packed(whole[:7] + b"\x3b" + whole[8:]) == Civil(SUMMER.replace(second=59))
    assert read_packed(whole[:7] + b"\x3c" + whole[8:]) is IMPOSSIBLE


# --- the notification


@pytest.mark.parametrize("form", [b"\x0c", b"\x09\x0c", b"\x19"])
def test_the_date_time_of_the_header_comes_in_three_forms(form: bytes) -> None:
    apdu = notification(structure(*POWER), form + date_time(SUMMER, -120))
    assert when(reading(apdu)) == "2024-07-01 10:00:10"


def test_the_time_of_the_header_wins_over_a_clock_row() -> None:
    row = (code("0-0:1.0.0"), octets(date_time(SUMMER.replace(hour=3), -60)))
    assert when(reading(notification(structure(*POWER, *row)))) == "2024-07-01 02:00:10"
    header = b"\x0c" + date_time(SUMMER, -120)
    assert when(reading(notification(structure(*POWER, *row), header))) == "2024-07-01 10:00:10"


def test_a_clock_may_come_without_a_code() -> None:
    assert when(reading(notification(structure(octets(date_time(SUMMER, -120)), *POWER)))) == "2024-07-01 10:00:10"


def test_a_clock_without_a_deviation_is_on_normal_time_unless_a_family_says_otherwise() -> None:
    assert when(reading(notification(structure(*POWER), b"\x0c" + date_time(SUMMER)))) == "2024-07-01 11:00:10"


@pytest.mark.parametrize("apdu", [b"", b"\x0f", b"\xc4\x01", b"\x0f\0\0\0\0\x42", notification(u8(1)), b"\xe6\xe7\x00"])
def test_what_is_no_notification_is_an_error(apdu: bytes) -> None:
    with pytest.raises(DecodeError):
        reading(apdu)


def test_a_notification_without_anything_readable_is_an_error() -> None:
    for empty in (structure(), structure(u8(1), u8(2)), structure(NULL, NULL)):
        with pytest.raises(DecodeError, match="register"):
            reading(notification(empty))


# --- shapes


EXPECTED = {"1-0:1.7.0": "1234 W", "1-0:32.7.0": "230.1 V", "0-0:96.1.0": "12345"}


def test_an_array_of_structures() -> None:
    items = array(
        structure(*POWER, WATTS),
        structure(code("1-0:32.7.0"), u16(2301), scaler_unit(-1, 35)),
        structure(code("0-0:96.1.0"), text("12345")),
    )
    assert said(reading(notification(items))) == EXPECTED


def test_one_structure_of_triples() -> None:
    assert body(*POWER, WATTS, code("1-0:32.7.0"), u16(2301), scaler_unit(-1, 35), octets(b"12345")) == EXPECTED


def test_structures_in_a_structure() -> None:
    inner = structure(code("1-0:32.7.0"), structure(u16(2301), scaler_unit(-1, 35)))
    assert body(octets(date_time(SUMMER)), structure(structure(*POWER, WATTS), inner), octets(b"12345")) == EXPECTED


def test_of_a_maker_nobody_knows_only_a_power_has_a_unit_without_a_scaler() -> None:
    """One maker counts in 0.01 A, another in 0.001 A; one in Wh, another in 10 Wh: what is not known is not claimed."""
    pairs = (*POWER, code("1-0:21.8.0"), u32(7), code("1-0:33.7.0"), u16(98), code("1-0:14.7.0"), u16(50))
    raw = (code("1-0:31.7.0"), u32(1369), code("1-0:32.7.0"), u32(2322))
    apdu = notification(structure(text("NEWMAKER_001"), *pairs, *raw))
    assert said(reading(apdu)) == {
        "1-1:0.2.129": "NEWMAKER_001",
        "1-0:1.7.0": "1234 W",
        "1-0:21.8.0": "7",
        "1-0:33.7.0": "98",
        "1-0:14.7.0": "50",
        "1-0:31.7.0": "1369",
        "1-0:32.7.0": "2322",
    }
    meter = Meter(scale=Scale(energy=Decimal(1), current=Decimal("0.01"), voltage=Decimal("0.1")))
    scaled = {"1-0:21.8.0": "7 Wh", "1-0:31.7.0": "13.69 A", "1-0:32.7.0": "232.2 V"}
    assert said(decode(bare(apdu), meter)) == said(reading(apdu)) | scaled


def test_null_data_gives_no_register() -> None:
    assert body(*POWER, NULL, NULL, code("1-0:51.7.0"), NULL) == {"1-0:1.7.0": "1234 W"}


def test_what_has_no_code_is_a_name_only_where_it_names_something() -> None:
    named = reading(notification(structure(text("LIST"), *POWER, octets(b"12345"))))
    assert said(named) == {"1-1:0.2.129": "LIST", "1-0:1.7.0": "1234 W", "0-0:96.1.0": "12345"}
    for nameless in (octets(b"\x15\x0b\x11\0"), octets(b""), octets(b"\0\0"), octets(b"--"), text("\x07abc")):
        result = reading(notification(structure(*POWER, nameless)))
        assert said(result) == {"1-0:1.7.0": "1234 W"}
        assert len(result.unread) == 1


def test_a_text_where_only_a_number_can_be_is_listed() -> None:
    result = reading(
        notification(structure(*POWER, WATTS, code("1-0:32.7.0"), text("230.1"), code("1-0:1.8.0"), text("")))
    )
    assert said(result) == {"1-0:1.7.0": "1234 W", "1-0:1.8.0": ""}
    assert result.unread == ("1-0:32.7.0 230.1",)


def test_numbers_without_a_code_are_listed() -> None:
    assert reading(notification(structure(*POWER, u8(7)))).unread == ("7",)


def captured(*objects: tuple[int, str, int]) -> bytes:
    return array(*[structure(u16(kind), code(name), b"\x0f" + bytes((at,)), u16(0)) for kind, name, at in objects])


def test_captured_objects_name_the_values_behind_them() -> None:
    objects = captured(
        (40, "0-8:25.9.0", 2), (1, "0-0:42.0.0", 2), (8, "0-0:1.0.0", 2), (3, "1-0:1.7.0", 2), (3, "1-0:32.7.0", 2)
    )
    values = (octets(b"LGZ1030"), octets(date_time(SUMMER)), u32(1234), u16(2301))
    apdu = notification(structure(objects, *values))
    assert said(reading(apdu)) == {"0-0:42.0.0": "LGZ1030", "1-0:1.7.0": "1234 W", "1-0:32.7.0": "230.1 V"}
    assert when(reading(apdu)) == "2024-07-01 11:00:10"


def test_a_list_of_captured_objects_need_not_list_itself() -> None:
    objects = captured((3, "1-0:1.7.0", 2), (3, "1-0:52.7.0", 2), (3, "1-0:31.7.0", 2), (3, "1-0:1.8.0", 1))
    assert body(objects, u32(1234), u16(231), u16(420), code("1-0:1.8.0")) == {
        "1-0:1.7.0": "1234 W",
        "1-0:52.7.0": "231 V",
        "1-0:31.7.0": "4.20 A",
    }


@pytest.mark.parametrize("itself", [(), ((40, "0-0:25.9.0", 2),)])
@pytest.mark.parametrize("raw", [(100, 5000000), (7, 100, 0, 5000000), (100, 0, 5000000, 1, 2)])
def test_no_value_is_given_where_there_are_fewer_or_more_than_objects(
    itself: tuple[tuple[int, str, int], ...], raw: tuple[int, ...]
) -> None:
    objects = captured(*itself, (3, "1-0:1.7.0", 2), (3, "1-0:2.7.0", 2), (3, "1-0:1.8.0", 2))
    assert body(objects, u32(100), u32(0), u32(5000000))["1-0:1.8.0"] == "5000000 Wh"
    with pytest.raises(DecodeError, match="captured objects with"):
        body(objects, *map(u32, raw))


def test_a_captured_scaler_wins() -> None:
    objects = captured((3, "1-0:31.7.0", 2), (3, "1-0:31.7.0", 3), (3, "1-0:1.7.0", 2))
    assert body(objects, u16(420), scaler_unit(-3, 33), u32(5)) == {"1-0:31.7.0": "0.420 A", "1-0:1.7.0": "5 W"}


# --- values


@pytest.mark.parametrize(
    ("raw", "scaler", "unit", "value"),
    [
        (u32(123456), 1, 30, "1234560 Wh"),
        (i16(-10), -1, 33, "-1.0 A"),
        (u16(1000), -3, 255, "1.000"),
        (u16(5), 0, 13, "5 m3"),
        (u16(215), -1, 9, "21.5 °C"),
        (u8(1), 20, 30, "100000000000000000000 Wh"),
    ],
)
def test_a_scaler_is_a_power_of_ten(raw: bytes, scaler: int, unit: int, value: str) -> None:
    assert body(code("1-0:99.99.0"), raw, scaler_unit(scaler, unit)) == {"1-0:99.99.0": value}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (octets(b"7359990000000001"), "7359990000000001"),
        (octets(b"ZFF1\0\0\0\0"), "ZFF1"),
        (octets(b"\x01\x02\xfe"), "0102fe"),
        (octets(b""), ""),
        (text("6525\0"), "6525"),
        (octets(b"a\x00b"), "610062"),
    ],
)
def test_octet_strings_are_text_if_printable_else_hex(value: bytes, shown: str) -> None:
    assert body(*POWER, code("0-0:96.1.0"), value) == {"1-0:1.7.0": "1234 W", "0-0:96.1.0": shown}


# --- plans


numbers = st.lists(
    st.tuples(
        st.sampled_from([1, 2, 31, 32]), st.integers(0, 2**32 - 1), st.integers(-3, 3), st.sampled_from([27, 33])
    ),
    min_size=1,
    max_size=5,
)
times = st.one_of(st.none(), st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)))  # noqa: DTZ001


def _list(rows: list[tuple[int, int, int, int]], clock: datetime | None, name: str) -> bytes:
    items = [structure(code(f"1-0:{c}.7.0"), u32(raw), scaler_unit(scaler, unit)) for c, raw, scaler, unit in rows]
    items.insert(0, structure(code("1-1:0.2.129"), text(name)))
    if clock:
        items.append(structure(code("0-0:1.0.0"), octets(date_time(clock, 0))))
    return notification(array(*items))


@settings(max_examples=200, deadline=None)
@given(numbers, numbers, times, times, st.sampled_from(["AIDON_V0001", "EMBRIQ_V1_1", "OTHER"]))
def test_a_plan_gives_what_reading_value_by_value_gives(
    rows: list[tuple[int, int, int, int]],
    others: list[tuple[int, int, int, int]],
    clock: datetime | None,
    later: datetime | None,
    name: str,
) -> None:
    apdu = _list(rows, clock, name)
    learn(apdu)
    assert by_plan(apdu) == dlms.decode_apdu(apdu, Meter())
    values = [(c, raw, scaler, unit) for (c, _, scaler, unit), (_, raw, _, _) in zip(rows, others * 5, strict=False)]
    changed = _list(values, later if clock else None, name)
    assert by_plan(changed) in (dlms.decode_apdu(changed, Meter()), None)


def test_a_plan_does_not_take_an_impossible_clock() -> None:
    first = _list([(1, 5, 0, 27)], SUMMER, "OTHER")
    assert planned(first, first.replace(b"\x07\xe8\x07", b"\x07\xe8\x19"))
    assert planned(first, first.replace(b"\x07\xe8\x07", b"\xff\xff\x07"))


def test_a_plan_does_not_take_one_time_for_another() -> None:
    def two(peak: datetime) -> bytes:
        rows = (code("1-0:1.6.0"), octets(date_time(peak)), code("0-0:1.0.0"), octets(date_time(SUMMER)))
        return notification(structure(*rows, *POWER, WATTS))

    assert planned(two(SUMMER), two(SUMMER.replace(hour=3)))


def test_a_plan_does_not_keep_what_could_not_be_read() -> None:
    assert planned(*[notification(structure(*POWER, WATTS, u8(octet))) for octet in (7, 8)])


@pytest.mark.parametrize("first", [0, 1, 6, 50])
def test_a_plan_does_not_take_another_number_for_one_in_bcd(first: int) -> None:
    """The number of a place among the integers may be the BCD number itself: 6 then 6 was read as 6 then 0."""

    def two(watts: int, digits: int) -> bytes:
        return notification(
            structure(POWER[0], u32(watts), WATTS, code("0-0:96.14.0"), bcd(digits), scaler_unit(0, 255))
        )

    for watts, digits in ((1000, first), (2000, first), (2000, 99)):
        assert said(reading(two(watts, digits))) == {"1-0:1.7.0": f"{watts} W", "0-0:96.14.0": str(digits)}


def test_bcd_that_has_other_digits_stays_as_sent() -> None:
    assert body(*POWER, WATTS, code("0-0:96.14.0"), b"\x0d\xff") == {"1-0:1.7.0": "1234 W", "0-0:96.14.0": "ff"}


def test_a_message_of_which_nothing_can_be_learnt_is_decoded_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Reading:
        raise RuntimeError("dictionary changed size during iteration")

    monkeypatch.setattr(decoding._apdus, "learn", fail)
    assert body(*POWER, WATTS, u8(7)) == {"1-0:1.7.0": "1234 W"}


@pytest.mark.parametrize("name", ["v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19"])
def test_lists_without_scalers_have_plans_too(name: str) -> None:
    [frame] = find_all(octets_of(name), RECEIVED_AT)
    apdu = frame.data[frame.data.index(b"\x0f") :][:-2]
    learn(apdu)
    assert by_plan(apdu) == with_care(apdu)


def test_a_number_without_a_scaler_means_in_each_message_what_the_settings_say() -> None:
    """A plan knows no settings: rows without a scaler must not get one, alone or beside rows that have one."""
    meter = Meter(scale=Scale(energy=Decimal(10)))
    for scaled in ((), (*POWER, WATTS)):
        for raw in (500, 501, 502):
            apdu = notification(structure(*scaled, code("1-0:1.8.0"), u32(raw)))
            assert said(decode(bare(apdu), meter))["1-0:1.8.0"] == f"{raw * 10} Wh"
            assert said(decode(bare(apdu)))["1-0:1.8.0"] == f"{raw}"


def test_plans_are_few_however_many_shapes_there_are() -> None:
    for size in range(1, 200):
        reading(
            notification(structure(*POWER, WATTS, code("0-0:96.1.0"), text("x" * (size % 127)), *[NULL] * (size % 90)))
        )
    assert count() <= 64 * 8


# --- whatever comes: a reading or the one error, at once


mutations = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), max_size=4)
FORMATS = st.sampled_from(["p1", "hdlc", "mbus", "dlms"])


@settings(max_examples=400, deadline=None)
@given(FORMATS, st.sampled_from(FRAMED), mutations, st.integers(0, 3000))
def test_a_mutated_or_truncated_message_gives_a_reading_or_the_one_error(
    name: str, vector: object, changes: list[tuple[int, int]], end: int
) -> None:
    data = bytearray(vector.octets)  # type: ignore[attr-defined]
    for at, octet in changes:
        data[at % len(data)] = octet
    for octets_ in (bytes(data), bytes(data[: end % (len(data) + 1)]), even_parity(bytes(data))):
        try:
            result = decode(Frame(name, octets_, RECEIVED_AT), keys=[Key(bytes(16))])  # type: ignore[arg-type]
        except DecodeError as error:
            assert str(error)
        else:
            assert isinstance(result, Reading)


@settings(max_examples=300, deadline=None)
@given(FORMATS, st.binary(max_size=200))
def test_any_octets_give_a_reading_or_the_one_error(name: str, data: bytes) -> None:
    for octets_ in (data, b"\x0f\0\0\0\0\0" + data, b"/TST5\r\n\r\n" + data, b"\xdb\x08" + data):
        try:
            decode(Frame(name, octets_, RECEIVED_AT), keys=[Key(bytes(16))])  # type: ignore[arg-type]
        except DecodeError as error:
            assert str(error)


def test_a_message_that_lost_its_last_value_is_said_to_end_too_early() -> None:
    apdu = notification(structure(*POWER, code("1-0:2.7.0"), u32(0)))
    with pytest.raises(DecodeError, match="ends too early"):
        reading(apdu[:-5])
