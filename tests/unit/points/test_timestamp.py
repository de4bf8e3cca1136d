from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanlogger.model import Civil, ClockRule, Meter, Obis, Reading, Register
from hanlogger.points.timestamp import convert_meter_clock, convert_register_clock, read_fixed_offset, resolve_timestamp

OSLO = ZoneInfo("Europe/Oslo")
OFF = Meter(clock_limit=None)

seconds = st.integers(1_262_400_000, 2_840_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
dst_nights = st.sampled_from([datetime(2024, 3, 31, 1, tzinfo=UTC), datetime(2024, 10, 27, 1, tzinfo=UTC)]).flatmap(
    lambda change: st.integers(-4 * 3600, 4 * 3600).map(lambda second: change + timedelta(seconds=second))
)
moments = seconds | dst_nights
late = st.timedeltas(timedelta(seconds=-60), timedelta(seconds=60))


def said(local: str, rule: ClockRule = "normal-time", *, flag: str = "", deviation: int | None = None) -> Reading:
    return Reading((), Civil(datetime.fromisoformat(local), deviation, flag), rule)


def reading_of(local: datetime, rule: ClockRule, flag: str = "", deviation: int | None = None) -> Reading:
    return Reading((), Civil(local.replace(tzinfo=None, fold=0), deviation, flag), rule)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# --- what `auto` means


@pytest.mark.parametrize("flag", ["S", "W", ""])
def test_a_swedish_meter_is_an_hour_before_utc_all_year_whatever_its_letter_says(flag: str) -> None:
    assert convert_meter_clock(said("2025-05-25T18:42:05", flag=flag), Meter()) == utc("2025-05-25T17:42:05")


@pytest.mark.parametrize(("flag", "want"), [("S", "2020-09-24T13:14:52"), ("W", "2020-09-24T14:14:52")])
def test_the_letter_of_a_dutch_meter_counts(flag: str, want: str) -> None:
    assert convert_meter_clock(said("2020-09-24T15:14:52", "flag", flag=flag), Meter()) == utc(want)


def test_a_norwegian_kaifa_keeps_legal_time() -> None:
    assert convert_meter_clock(said("2017-09-12T23:18:42", "local"), Meter()) == utc("2017-09-12T21:18:42")
    assert convert_meter_clock(said("2022-10-30T12:00:10", "local"), Meter()) == utc("2022-10-30T11:00:10")


def test_a_stated_deviation_is_added_to_local_time() -> None:
    assert convert_meter_clock(said("2022-10-15T15:08:15", "stated", deviation=-60), Meter()) == utc(
        "2022-10-15T14:08:15"
    )
    assert convert_meter_clock(said("2025-09-04T10:00:10", "stated", deviation=-120), Meter()) == utc(
        "2025-09-04T08:00:10"
    )


def test_a_deviation_that_is_not_to_be_believed_is_not() -> None:
    assert convert_meter_clock(said("2020-07-21T21:00:00", "normal-time", deviation=0), Meter()) == utc(
        "2020-07-21T20:00:00"
    )


# --- what a setting means


@pytest.mark.parametrize(
    ("clock", "want"),
    [
        ("auto", "2024-07-01T10:00:00"),
        ("normal-time", "2024-07-01T11:00:00"),
        ("flag", "2024-07-01T11:00:00"),
        ("local", "2024-07-01T10:00:00"),
        ("utc", "2024-07-01T12:00:00"),
        ("+02:00", "2024-07-01T10:00:00"),
        ("-03:30", "2024-07-01T15:30:00"),
    ],
)
def test_a_setting_wins_over_what_the_message_states(clock: str, want: str) -> None:
    reading = said("2024-07-01T12:00:00", "stated", flag="W", deviation=-120)
    assert convert_meter_clock(reading, Meter(clock=clock)) == utc(want)


def test_a_finnish_zone_moves_legal_time() -> None:
    meter = Meter(clock="local", zone="Europe/Helsinki")
    assert convert_meter_clock(said("2024-07-01T12:00:00"), meter) == utc("2024-07-01T09:00:00")


def test_a_clock_without_a_letter_under_flag_is_legal_time() -> None:
    assert convert_meter_clock(said("2024-07-01T12:00:00", "flag"), Meter()) == utc("2024-07-01T10:00:00")


@pytest.mark.parametrize("clock", ["summer", "+2", "+02:60", "+15:00", "02:00", ""])
def test_another_word_is_no_clock(clock: str) -> None:
    with pytest.raises(ValueError, match="allowed: auto, normal-time"):
        read_fixed_offset(clock)


# --- the time of receipt


def test_receive_takes_the_time_of_receipt() -> None:
    received = utc("2025-01-01T00:00:00")
    assert resolve_timestamp(said("2024-07-01T12:00:00"), Meter(clock="receive"), received)[:3] == (received, None, "")
    assert convert_meter_clock(said("2024-07-01T12:00:00"), Meter(clock="receive")) is None


def test_a_message_without_a_clock_takes_the_time_of_receipt() -> None:
    received = utc("2025-01-01T00:00:00")
    assert resolve_timestamp(Reading(()), Meter(), received)[:3] == (received, None, "none")
    assert resolve_timestamp(Reading(()), Meter(), None)[:3] == (None, None, "none")


@pytest.mark.parametrize("local", ["2000-01-01T01:00:00", "2009-12-31T23:59:59", "2100-01-01T00:00:00"])
def test_a_clock_that_was_never_set_is_replaced(local: str) -> None:
    received = utc("2025-01-01T00:00:00")
    assert resolve_timestamp(said(local), OFF, received)[:3] == (received, None, "impossible")
    assert convert_meter_clock(said(local), OFF) is None


@pytest.mark.parametrize("local", ["0001-01-01T00:00:00", "9999-12-31T23:59:59"])
@pytest.mark.parametrize("clock", ["local", "+14:00", "-14:00", "utc"])
def test_the_ends_of_the_calendar_are_impossible_and_no_error(local: str, clock: str) -> None:
    assert convert_meter_clock(said(local), Meter(clock=clock)) is None


def test_a_clock_further_off_than_the_limit_is_replaced_and_its_offset_told() -> None:
    received = utc("2025-01-03T00:00:01")
    found = resolve_timestamp(said("2025-01-02T01:00:00"), Meter(), received)
    assert found[:3] == (received, -timedelta(days=1, seconds=1), "limit")


def test_a_clock_at_the_limit_stands() -> None:
    received = utc("2025-01-03T00:00:00")
    assert resolve_timestamp(said("2025-01-02T01:00:00"), Meter(), received)[:3] == (
        utc("2025-01-02T00:00:00"),
        -timedelta(days=1),
        "",
    )


def test_without_a_limit_years_are_no_reason() -> None:
    found = resolve_timestamp(said("2022-01-02T01:00:00"), OFF, utc("2025-01-03T00:00:00"))
    assert (found.time, found.replaced) == (utc("2022-01-02T00:00:00"), "")


def test_a_time_of_receipt_that_is_not_to_judge_gives_no_offset() -> None:
    found = resolve_timestamp(said("2022-01-02T01:00:00"), Meter(), utc("2025-01-03T00:00:00"), judge=False)
    assert found[:3] == (utc("2022-01-02T00:00:00"), None, "")


@pytest.mark.parametrize("local", ["2010-01-01T01:00:00", "2099-12-31T23:59:59"])
@pytest.mark.parametrize("clock", ["auto", "local", "utc"])
def test_the_first_and_the_last_year_that_are_possible_stand(local: str, clock: str) -> None:
    assert (
        resolve_timestamp(said(local), Meter(clock=clock, clock_limit=None), utc("2025-01-01T00:00:00")).replaced == ""
    )


@pytest.mark.parametrize(
    ("clock", "minutes"),
    [("+02:00", 120), ("-00:30", -30), ("+00:00", 0), ("+14:59", 899), ("-14:59", -899), ("+09:05", 545), ("utc", 0)],
)
def test_an_offset_is_hours_and_minutes_before_or_behind_utc(clock: str, minutes: int) -> None:
    assert read_fixed_offset(clock) == timedelta(minutes=minutes)


@pytest.mark.parametrize("clock", ["auto", "normal-time", "flag", "local", "receive"])
def test_a_word_is_no_offset(clock: str) -> None:
    assert read_fixed_offset(clock) is None


@pytest.mark.parametrize("clock", ["+15:00", "-15:00", "+1:00", "+01:60", "01:00", "+01:00 ", "+0100", "+24:00", ""])
def test_what_is_no_offset_of_any_place_is_refused(clock: str) -> None:
    with pytest.raises(ValueError, match="not a clock"):
        read_fixed_offset(clock)


# --- whole years and both nights


@given(moments, late, st.sampled_from("SW"))
def test_normal_time_is_exact_at_any_second_of_any_year(time: datetime, delay: timedelta, flag: str) -> None:
    reading = reading_of(time.astimezone(timezone(timedelta(hours=1))), "normal-time", flag)
    assert resolve_timestamp(reading, Meter(), time + delay)[:3] == (time, -delay, "")


@given(moments)
def test_a_true_letter_is_exact_at_any_second_of_any_year(time: datetime) -> None:
    local = time.astimezone(OSLO)
    assert convert_meter_clock(reading_of(local, "flag", "S" if local.dst() else "W"), Meter()) == time


@given(moments, late)
def test_legal_time_is_exact_at_any_second_with_the_time_of_receipt(time: datetime, delay: timedelta) -> None:
    found = resolve_timestamp(reading_of(time.astimezone(OSLO), "local"), Meter(), time + delay)
    assert found[:3] == (time, -delay, "")


@given(moments, st.integers(-720, 720))
def test_any_stated_deviation_is_exact(time: datetime, deviation: int) -> None:
    local = time.astimezone(timezone(-timedelta(minutes=deviation)))
    assert convert_meter_clock(reading_of(local, "stated", "", deviation), Meter()) == time


@pytest.mark.parametrize("year", [2015, 2024, 2038])
def test_every_quarter_of_a_year_of_legal_time_comes_in_order_and_is_exact(year: int) -> None:
    time, previous = datetime(year, 1, 1, tzinfo=UTC), None
    while time.year == year:
        previous = convert_meter_clock(reading_of(time.astimezone(OSLO), "local"), Meter(), after=previous)
        assert previous == time
        time += timedelta(minutes=15)


# --- the doubled hour


@pytest.mark.parametrize("hour", [0, 1])
def test_the_doubled_hour_is_settled_by_the_time_of_receipt(hour: int) -> None:
    received = utc(f"2024-10-27T{hour:02}:30:02")
    assert resolve_timestamp(said("2024-10-27T02:30:00", "local"), Meter(), received).time == received - timedelta(
        seconds=2
    )


def test_without_a_time_of_receipt_the_doubled_hour_is_settled_by_order_else_the_first() -> None:
    reading = said("2024-10-27T02:30:00", "local")
    assert convert_meter_clock(reading, Meter()) == utc("2024-10-27T00:30:00")
    assert convert_meter_clock(reading, Meter(), after=utc("2024-10-27T00:20:00")) == utc("2024-10-27T00:30:00")
    assert convert_meter_clock(reading, Meter(), after=utc("2024-10-27T00:30:00")) == utc("2024-10-27T00:30:00")
    assert convert_meter_clock(reading, Meter(), after=utc("2024-10-27T00:50:00")) == utc("2024-10-27T01:30:00")
    assert convert_meter_clock(reading, Meter(), after=utc("2024-10-27T01:30:00")) == utc("2024-10-27T01:30:00")
    assert convert_meter_clock(reading, Meter(), after=utc("2024-10-27T01:30:01")) == utc("2024-10-27T00:30:00")
    assert convert_meter_clock(reading, Meter(), after=utc("2025-01-01T00:00:00")) == utc("2024-10-27T00:30:00")


def test_a_file_read_later_does_not_settle_the_doubled_hour() -> None:
    reading, read_at = said("2024-10-27T02:30:00", "local"), utc("2025-06-01T00:00:00")
    assert resolve_timestamp(reading, Meter(), read_at, judge=False).time == utc("2024-10-27T00:30:00")


def test_the_hour_that_spring_skips_is_read_as_normal_time() -> None:
    assert convert_meter_clock(said("2024-03-31T02:30:00", "local"), Meter()) == utc("2024-03-31T01:30:00")


# --- rows with a time of their own


def gas(local: str, flag: str) -> Register:
    return Register(Obis.parse("0-1:24.2.1"), "", "m3", Civil(datetime.fromisoformat(local), None, flag))


def test_a_row_runs_on_the_telegram_s_clock_where_the_letters_agree() -> None:
    dutch, swedish = said("2024-07-01T12:00:00", "flag", flag="S"), said("2024-07-01T12:00:00", flag="S")
    assert convert_register_clock(gas("2024-07-01T11:55:00", "S"), dutch, Meter()) == utc("2024-07-01T09:55:00")
    assert convert_register_clock(gas("2024-07-01T11:55:00", "S"), swedish, Meter()) == utc("2024-07-01T10:55:00")
    assert convert_register_clock(gas("2024-07-01T11:55:00", "S"), swedish, Meter(clock="+02:00")) == utc(
        "2024-07-01T09:55:00"
    )


def test_a_row_of_the_other_season_is_read_by_its_own_letter() -> None:
    reading = said("2024-11-01T12:00:00", flag="W")
    assert convert_register_clock(gas("2024-07-01T12:00:00", "S"), reading, Meter()) == utc("2024-07-01T10:00:00")


def test_a_row_of_a_telegram_without_a_letter_runs_on_its_clock() -> None:
    assert convert_register_clock(gas("2024-07-01T12:00:00", "S"), said("2024-07-01T12:00:00"), Meter()) == utc(
        "2024-07-01T11:00:00"
    )


def test_a_row_keeps_its_time_where_the_telegram_s_clock_is_not_to_be_used() -> None:
    reading = said("2024-07-01T12:00:00", "flag", flag="S")
    assert convert_register_clock(gas("2024-07-01T12:00:00", "S"), reading, Meter(clock="receive")) == utc(
        "2024-07-01T10:00:00"
    )


@pytest.mark.parametrize("year", [1970, 2000, 2009])
def test_a_row_of_an_impossible_year_has_no_time(year: int) -> None:
    for flag in "SW":
        assert (
            convert_register_clock(gas(f"{year}-07-01T12:00:00", flag), said("2024-07-01T12:00:00", flag="W"), Meter())
            is None
        )


def test_a_row_that_states_its_own_deviation_keeps_it_and_one_that_states_none_has_the_telegrams() -> None:
    reading = said("2024-07-01T12:00:00", "stated", deviation=-120)
    stated = gas("2024-07-01T12:00:00", "")._replace(time=Civil(datetime.fromisoformat("2024-07-01T12:00:00"), -60))
    assert convert_register_clock(stated, reading, Meter()) == utc("2024-07-01T11:00:00")
    assert convert_register_clock(gas("2024-07-01T12:00:00", ""), reading, Meter()) == utc("2024-07-01T10:00:00")
    assert convert_register_clock(stated, Reading((), None, "stated"), Meter()) == utc("2024-07-01T11:00:00")


def test_a_row_without_a_time_has_none() -> None:
    assert convert_register_clock(Register(Obis.parse("1-0:1.7.0"), ""), said("2024-07-01T12:00:00"), Meter()) is None


@pytest.mark.parametrize(
    ("local", "ambiguous"),
    [
        ("2026-01-14T15:04:11", False),
        ("2026-03-29T02:30:00", False),  # the hour that is skipped
        ("2026-10-25T01:59:59", False),
        ("2026-10-25T02:00:00", True),
        ("2026-10-25T02:59:59", True),
        ("2026-10-25T03:00:00", False),
    ],
)
def test_legal_time_is_ambiguous_in_the_doubled_hour_alone(local: str, ambiguous: bool) -> None:
    assert resolve_timestamp(said(local, "local"), OFF, None).ambiguous is ambiguous
