"""Peaks and fees worked by hand; the numbers are those of the cases in docs/tariffs.md."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from hanlogger.humanize import round_to
from hanlogger.intervals import Quality, Span
from hanlogger.tariffs.bill import make_bill
from hanlogger.tariffs.model import Tariff
from hanlogger.tariffs.power import PowerCost
from hanlogger.tariffs.running import find_limit, find_next_kw, look_ahead
from tests.support.tariffing import HEAD, at, cost_of, hours, power, split, tariff

SERIES_A = hours(
    "2027-01-01",
    "2027-02-01",
    "1.0",
    {
        "2027-01-04 17:00": "6.0",
        "2027-01-04 18:00": "7.0",
        "2027-01-05 08:00": "5.0",
        "2027-01-06 12:00": "9.0",  # Epiphany
        "2027-01-09 10:00": "8.0",  # a Saturday
    },
)
THREE_DAYS = 'peaks = 3\none_per = "day"\n'
WINTER = 'months = "11-3"\ndays = "workdays"\n'


def fee(rule: Tariff, spans: list[Span], month: str, until: str | None = None) -> str:
    found = cost_of(rule, spans, month, until)
    return f"{'' if found.quality == 'measured' else 'at least '}{round_to(found.fee, 2)}"


def test_case_1_peaks_are_of_different_days() -> None:
    assert fee(power(THREE_DAYS + "price = 45"), SERIES_A, "2027-01") == "360.00"


def test_case_2_hours_of_one_day_count_while_holidays_and_weekends_do_not() -> None:
    rule = power('peaks = 3\ndays = "workdays"\nhours = "07-19"\nprice = 135')
    assert fee(rule, SERIES_A, "2027-01") == "810.00"


def test_case_3_ordinary_days_fill_up() -> None:
    rule = power(THREE_DAYS + WINTER + 'hours = "07-20"\nprice = 92.50')
    assert fee(rule, SERIES_A, "2027-01") == "400.83"
    assert cost_of(rule, SERIES_A, "2027-01").kw == Fraction(13, 3)


def test_case_4_a_second_line_adds_to_the_first_and_a_window_ends_before_its_end() -> None:
    rule = tariff(
        f'[[power]]\nname = "Base"\nprice = 51.45\n[[power]]\nname = "High"\nprice = 87.54\nhours = "06-18"\n{WINTER}'
    )
    bill = make_bill([rule], SERIES_A, {}, date(2027, 1, 1))
    assert [(line.name, line.amount) for line in bill.lines] == [
        ("Base", Decimal("463.05")),
        ("High", Decimal("525.24")),
    ]
    assert bill.total == Decimal("988.29")


CASE_5 = hours(
    "2027-02-01",
    "2027-03-01",
    "0.5",
    {
        "2027-02-01 17:00": "4.0",
        "2027-02-01 23:00": "10.0",
        "2027-02-02 18:00": "6.0",
        "2027-02-03 05:00": "9.0",
        "2027-02-03 20:00": "4.4",
        "2027-02-04 06:00": "5.2",
    },
)


def test_case_5_hours_of_the_night_count_half() -> None:
    rule = power(THREE_DAYS + 'price = 81.25\nweights = [{ factor = 0.5, hours = "22-06" }]')
    found = cost_of(rule, CASE_5, "2027-02")
    assert fee(rule, CASE_5, "2027-02") == "438.75"
    assert [peak.weighted for peak in found.peaks[0].chosen] == [6, Fraction("5.2"), 5]
    assert found.peaks[0].chosen[2].kw == 10
    assert fee(power(THREE_DAYS + "price = 81.25"), CASE_5, "2027-02") == "677.08"


CASE_6 = hours(
    "2027-02-01",
    "2027-03-01",
    "0",
    {
        "2027-02-01 08:00": "6.0",
        "2027-02-01 18:00": "6.0",
        "2027-02-02 07:00": "6.0",
        "2027-02-03 09:00": "3.0",
    },
)


def test_case_6_of_equal_peaks_the_earliest_is_told() -> None:
    days, single = power(THREE_DAYS + "price = 45"), power("peaks = 3\nprice = 45")
    assert (fee(days, CASE_6, "2027-02"), fee(single, CASE_6, "2027-02")) == ("225.00", "270.00")
    starts = [peak.start for peak in cost_of(days, CASE_6, "2027-02").peaks[0].chosen]
    assert starts == [at("2027-02-01 08:00"), at("2027-02-02 07:00"), at("2027-02-03 09:00")]


CASE_7 = hours("2027-01-30", "2027-02-01", "1.0", {"2027-01-30 12:00": "6.0", "2027-01-31 12:00": "3.0"})


@pytest.mark.parametrize(("fewer", "expected"), [("found", "202.50"), ("count", "135.00")])
def test_case_7_a_month_with_fewer_days_than_peaks_is_divided_as_the_tariff_says(fewer: str, expected: str) -> None:
    rule = power(f'{THREE_DAYS}price = 45\nfewer = "{fewer}"', HEAD + "valid_from = 2027-01-30\n")
    assert fee(rule, CASE_7, "2027-01") == expected


def test_case_7_is_marked_with_how_many_peaks_there_are() -> None:
    rule = power(THREE_DAYS + "price = 45", HEAD + "valid_from = 2027-01-30\n")
    (line,) = make_bill([rule], CASE_7, {}, date(2027, 1, 1)).lines
    assert "2 of 3 peaks" in line.how.en


@pytest.mark.parametrize(("time", "expected"), [("legal", "268.00"), ("standard", "301.50")])
def test_case_8_a_window_is_in_the_tariffs_time_and_not_in_the_meters(time: str, expected: str) -> None:
    spans = hours("2026-03-30", "2026-03-31", "0.5", {"2026-03-30 06:00+01:00": "8.0", "2026-03-30 19:00+01:00": "9.0"})
    rule = power(
        'days = "workdays"\nhours = "07-20"\nprice = 33.50',
        f'{HEAD}time = "{time}"\nvalid_to = 2026-03-31\nvalid_from = 2026-03-30\n',
    )
    found = fee(rule, [span._replace(imported=span.imported) for span in spans], "2026-03")
    assert found.removeprefix("at least ") == expected


def test_case_10_a_month_ends_in_legal_time() -> None:
    spans = hours(
        "2026-04-01",
        "2026-05-02",
        "0.5",
        {
            "2026-04-07 12:00": "4.0",
            "2026-04-08 12:00": "4.0",
            "2026-04-09 12:00": "4.0",
            "2026-04-30 23:00+01:00": "12.0",
        },
    )
    assert fee(power(THREE_DAYS + "price = 45"), spans, "2026-04") == "180.00"
    assert fee(power(THREE_DAYS + "price = 45", HEAD + 'time = "standard"\n'), spans, "2026-04") == "300.00"


def test_case_11_the_doubled_hour_is_two_hours() -> None:
    spans = hours("2026-10-25", "2026-10-26", "1.0", {"2026-10-25 02:00+02:00": "5.0", "2026-10-25 02:00+01:00": "4.0"})
    assert len(spans) == 25
    assert sum(span.imported or 0 for span in spans) == 32_000
    rule = power("price = 33.50", HEAD + "valid_from = 2026-10-25\nvalid_to = 2026-10-26\n")
    assert fee(rule, spans, "2026-10") == "167.50"


CASE_12 = hours(
    "2027-02-01",
    "2027-02-04",
    "0",
    {"2027-02-01 12:00": "5", "2027-02-02 12:00": "7", "2027-02-03 12:00": "6"},
)


def test_case_12_each_days_peak_is_billed_or_the_mean_of_three() -> None:
    head = HEAD + "valid_from = 2027-02-01\nvalid_to = 2027-02-04\n"
    assert fee(power('billing = "each"\none_per = "day"\nprice = 2.00', head), CASE_12, "2027-02") == "36.00"
    assert fee(power(THREE_DAYS + "price = 2.00", head), CASE_12, "2027-02") == "12.00"


@pytest.mark.parametrize(("low", "expected"), [("8", "325.00"), ("12", "390.00")])
def test_case_14_the_greater_of_the_high_peak_and_half_the_low_one(low: str, expected: str) -> None:
    spans = hours("2027-02-01", "2027-03-01", "0", {"2027-02-01 12:00": "5", "2027-02-01 23:00": low})
    rule = power(
        'price = 65\ncombine = "max"\n'
        'component = [{ name = "high", hours = "06-22" }, { name = "low", hours = "22-06", factor = 0.5 }]'
    )
    assert fee(rule, spans, "2027-02") == expected


def case_15(gap: Decimal | None) -> list[Span]:
    spans = hours(
        "2027-02-01",
        "2027-02-05",
        "1.0",
        {"2027-02-01 18:00": "6", "2027-02-02 08:00": "3", "2027-02-03 18:00": "5", "2027-02-04 18:00": "2"},
    )
    start, end = at("2027-02-02 14:00"), at("2027-02-02 20:00")
    kept = [span for span in spans if not start <= span.start < end]
    return [*kept, *([Span(start, end, gap, None, "bounded")] if gap is not None else [])]


def test_case_15_a_gaps_mean_is_the_least_that_its_greatest_hour_can_be() -> None:
    rule = power(THREE_DAYS + "price = 45", HEAD + "valid_from = 2027-02-01\nvalid_to = 2027-02-05\n")
    assert fee(rule, case_15(None), "2027-02") == "at least 210.00"
    assert fee(rule, case_15(Decimal(24_000)), "2027-02") == "at least 225.00"


@pytest.mark.parametrize(("month", "expected"), [("2027-01", "258.00"), ("2027-04", "132.00")])
def test_case_17_the_price_of_the_season_for_the_mean_of_five_days(month: str, expected: str) -> None:
    days = {f"{month}-{day:02} 12:00": kw for day, kw in zip(range(10, 16), "876543", strict=True)}
    last = {"2027-01": "2027-02-01", "2027-04": "2027-05-01"}[month]
    spans = hours(f"{month}-01", last, "0.5", days)
    rule = power('peaks = 5\none_per = "day"\nrates = [{ price = 43, months = "11-3" }, { price = 22 }]')
    assert fee(rule, spans, month) == expected


def test_case_18_the_mean_of_twelve_months_each_at_least_the_floor() -> None:
    months = [f"2026-{number:02}" for number in range(1, 13)]
    greatest = dict(zip(months, ["4", "3", "2", "2", "2", "2", "2", "2", "3", "4", "5", "5"], strict=True))
    peaks = {f"{month}-05 12:00": kw for month, kw in greatest.items()}
    spans = split(hours("2026-01-01", "2027-01-01", "0.1", peaks))
    rule = power('minutes = 15\none_per = "month"\nover = "mean of 12 months"\nfloor = 2.5\nprice = 50\nper = "year"')
    found = cost_of(rule, spans, "2026-12")
    assert (found.kw, found.fee * 12, found.quality) == (Fraction("3.25"), Fraction("162.5"), "measured")
    bare = power('minutes = 15\none_per = "month"\nover = "mean of 12 months"\nprice = 50')
    assert fee(bare, spans, "2026-12") == "150.00"


CASE_19 = [
    Span(
        at("2027-02-01 17:00") + number * timedelta(minutes=15),
        at("2027-02-01 17:15") + number * timedelta(minutes=15),
        Decimal(kwh) * 1000,
        None,
        "measured",
    )
    for number, kwh in enumerate(["1.0", "1.0", "2.0", "2.0", "2.0", "2.0", "0.5", "0.5"])
]


@pytest.mark.parametrize(
    ("keys", "kw", "start"),
    [
        ("minutes = 60", 6, "2027-02-01 17:00"),
        ("rolling = true", 8, "2027-02-01 17:30"),
        ("minutes = 15", 8, "2027-02-01 17:30"),
    ],
)
def test_case_19_a_peak_is_of_a_full_hour_a_rolling_hour_or_a_quarter(keys: str, kw: int, start: str) -> None:
    (peak,) = cost_of(power(f"{keys}\nprice = 1"), CASE_19, "2027-02").peaks[0].chosen
    assert peak.kw == kw
    assert peak.start == at(start)


def case_21() -> list[Span]:
    peaks = {
        "2026-01-07 12:00": "6.0",
        "2026-01-14 12:00": "5.0",
        "2026-01-21 12:00": "4.0",
        "2026-02-01 12:00": "5.0",  # its week begins on 2026-01-26
        "2026-06-03 12:00": "8.0",
    }
    return hours("2026-01-01", "2026-07-01", "0", peaks)


def test_case_21_weeks_are_weighted_by_their_monday_before_the_five_greatest_are_taken() -> None:
    rule = power(
        'over = "12 months"\none_per = "week"\npeaks = 5\nweigh_by = "monday"\nper = "year"\nvat = 0\n'
        "weights = [{ factor = 1.00, months = [1] }, { factor = 0.25, months = [6] }, { factor = 0 }]\n"
        "base = 2000\nprice = 524.8",
        HEAD + "customer_since = 2026-01-01\n",
    )
    found = cost_of(rule, case_21(), "2026-06")
    assert [peak.weighted for peak in found.peaks[0].chosen] == [6, 5, 5, 4, 2]
    assert (found.kw, fee(rule, case_21(), "2026-06")) == (Fraction("4.4"), "359.09")


def test_case_22_sold_energy_is_not_taken_off_a_peak() -> None:
    spans = [Span(at("2027-02-01 12:00"), at("2027-02-01 13:00"), Decimal(3000), Decimal(2000), "measured")]
    assert cost_of(power("price = 1"), spans, "2027-02").kw == 3
    assert cost_of(power('price = 1\ndirection = "export"'), spans, "2027-02").kw == 2


def test_case_23_the_running_hour_has_a_forecast_a_least_and_a_power_that_keeps_it_under_the_limit() -> None:
    spans = hours("2027-02-01", "2027-02-10", "1", {f"2027-02-0{day} 12:00": "7" for day in (1, 2, 3)})
    rule = power(THREE_DAYS + "price = 45")
    month = cost_of(rule, spans, "2027-02", "2027-02-10 17:00")
    found = look_ahead(month, 0, at("2027-02-10 17:20"), Decimal(4000), Decimal(6000))
    assert found is not None
    assert [found.forecast, found.least, found.limit, found.allowed] == [8, 4, 7, Fraction("4.5")]
    assert found.extra == 15  # one of three peaks goes from 7 to 8 kW


def test_case_24_an_hour_that_is_covered_in_half_is_excluded_and_marked() -> None:
    spans = [
        Span(at("2027-02-01 17:40"), at("2027-02-01 17:45"), Decimal(250), None, "partial"),
        Span(at("2027-02-01 17:45"), at("2027-02-01 18:00"), Decimal(750), None, "measured"),
        *hours("2027-02-01 18:00", "2027-02-02", "0.5", {}),
    ]
    found = cost_of(power("price = 10"), spans, "2027-02", "2027-02-02")
    assert (found.kw, found.quality) == (Fraction("0.5"), "at least")
    assert found.peaks[0].excluded == (at("2027-02-01 17:00"),)


def test_case_c7_the_mean_picks_the_step() -> None:
    steps = ", ".join(
        f"{{ from = {start}, price = {price} }}"
        for start, price in [(0, 155), (2, 250), (5, 415), (10, 600), (15, 770), (20, 940), (25, 1800), (50, 2650),
                             (75, 3500), (100, 6900)]
    )  # fmt: skip
    rule = power(f'{THREE_DAYS}billing = "steps"\nsteps = [{steps}]')
    for kwh, expected in [("4.999", "250.00"), ("5.001", "415.00"), ("5", "415.00"), ("120", "6900.00")]:
        assert fee(rule, hours("2027-02-01", "2027-03-01", kwh, {}), "2027-02") == expected
    lower = power(f'{THREE_DAYS}billing = "steps"\nequal = "lower"\nsteps = [{steps}]')
    assert fee(lower, hours("2027-02-01", "2027-03-01", "5", {}), "2027-02") == "250.00"


# --- gaps


def with_gap(start: str, end: str, wh: int, rule: str) -> PowerCost:
    """The one known hour has 1 kWh; over the gap only the sum is known."""
    first, last = at(start), at(end)
    known = [span for span in hours("2027-02-01", "2027-02-04", "1", {}) if not first <= span.start < last]
    spans = [*known, Span(first, last, Decimal(wh), None, "bounded")]
    return cost_of(power(rule, HEAD + "valid_from = 2027-02-01\nvalid_to = 2027-02-04\n"), spans, "2027-02")


def test_a_gap_into_the_night_counts_with_the_least_of_its_weights() -> None:
    rule = 'price = 1\nweights = [{ factor = 0.5, hours = "22-06" }]'
    assert with_gap("2027-02-01 20:00", "2027-02-01 22:00", 8000, rule).kw == 4
    assert with_gap("2027-02-01 20:00", "2027-02-02 00:00", 16_000, rule).kw == 2


def test_a_gap_that_reaches_out_of_the_window_may_have_been_outside() -> None:
    rule = 'price = 1\nhours = "07-20"'
    assert with_gap("2027-02-01 18:00", "2027-02-01 20:00", 8000, rule).kw == 4
    found = with_gap("2027-02-01 18:00", "2027-02-01 21:00", 12_000, rule)
    assert [found.kw, found.quality] == [1, "at least"]


def test_of_a_gap_over_two_days_the_peak_is_in_the_day_where_it_changes_least() -> None:
    spans = hours("2027-02-01", "2027-02-04", "1", {"2027-02-01 12:00": "5", "2027-02-03 12:00": "2"})
    first, last = at("2027-02-01 22:00"), at("2027-02-02 04:00")
    known = [span for span in spans if not first <= span.start < last]
    gap = Span(first, last, Decimal(24_000), None, "bounded")
    rule = power('price = 1\npeaks = 2\none_per = "day"', HEAD + "valid_from = 2027-02-01\nvalid_to = 2027-02-04\n")
    assert cost_of(rule, [*known, gap], "2027-02").kw == Fraction(7, 2)  # 5 and 2: its 4 kW may be of the first day


def test_a_gap_within_an_hour_leaves_the_hour_known() -> None:
    first = at("2027-02-02 12:00")
    known = [span for span in hours("2027-02-01", "2027-02-04", "1", {}) if span.start != first]
    parts = [
        Span(first, first + timedelta(minutes=15), Decimal(1000), None, "measured"),
        Span(first + timedelta(minutes=15), first + timedelta(hours=1), Decimal(3000), None, "bounded"),
    ]
    rule = power("price = 1", HEAD + "valid_from = 2027-02-01\nvalid_to = 2027-02-04\n")
    found = cost_of(rule, [*known, *parts], "2027-02")
    assert [found.kw, found.quality] == [4, "measured"]


def test_a_gap_over_the_end_of_a_month_is_in_neither() -> None:
    spans = hours("2027-02-27", "2027-03-03", "1", {})
    first, last = at("2027-02-28 20:00"), at("2027-03-01 04:00")
    known = [span for span in spans if not first <= span.start < last]
    gap = Span(first, last, Decimal(80_000), None, "bounded")
    for month in ("2027-02", "2027-03"):
        found = cost_of(power("price = 1"), [*known, gap], month)
        assert [found.kw, found.quality] == [1, "at least"]


def test_free_power_never_makes_a_fee_that_is_paid_out() -> None:
    spans = hours("2027-02-01", "2027-03-01", "1", {"2027-02-03 12:00": "6"})
    assert fee(power("price = 10\ndeduct = 4"), spans, "2027-02") == "20.00"
    assert fee(power("price = 10\ndeduct = 9"), spans, "2027-02") == "0.00"


def test_the_fee_of_a_part_of_a_month_is_whole_or_by_its_days() -> None:
    spans = hours("2027-02-01", "2027-03-01", "4", {})
    head = HEAD + "valid_from = 2027-02-15\n"
    assert fee(power("price = 10", head), spans, "2027-02") == "40.00"
    assert fee(power('price = 10\npart_month = "days"', head), spans, "2027-02") == "20.00"


def test_a_higher_step_further_on_is_the_limit_and_on_the_highest_there_is_none() -> None:
    spans = hours("2027-02-01", "2027-02-04", "3", {})
    steps = 'billing = "steps"\nsteps = [{ from = 0, price = 1 }, { from = 5, price = 9 }]'
    found = cost_of(power(steps), spans, "2027-02", "2027-02-04")
    assert find_limit(found, 0, at("2027-02-04 12:00")) == 5
    assert find_next_kw(found, 0, at("2027-02-04 12:00")) == 8
    above = cost_of(power(steps), hours("2027-02-01", "2027-02-04", "6", {}), "2027-02", "2027-02-04")
    assert find_limit(above, 0, at("2027-02-04 12:00")) is None


def test_one_more_kw_costs_its_part_of_the_mean() -> None:
    spans = hours("2027-02-01", "2027-02-10", "1", {f"2027-02-0{day} 12:00": str(6 + day) for day in (1, 2, 3)})
    found = cost_of(power(THREE_DAYS + "price = 45"), spans, "2027-02", "2027-02-10")
    assert find_limit(found, 0, at("2027-02-10 12:00")) == 7
    assert find_next_kw(found, 0, at("2027-02-10 12:00")) == 15
    assert find_limit(found, 0, at("2027-02-03 18:00")) == 9  # of a day that has its peak already
    night = cost_of(
        power(THREE_DAYS + 'price = 45\nweights = [{ factor = 0.5, hours = "22-06" }]'), spans, "2027-02", "2027-02-10"
    )
    assert find_limit(night, 0, at("2027-02-10 23:00")) == 14


def test_an_hour_outside_the_window_has_no_limit_and_is_not_looked_at() -> None:
    spans = hours("2027-02-01", "2027-02-10", "1", {})
    found = cost_of(power('price = 45\nhours = "07-20"'), spans, "2027-02", "2027-02-10")
    assert look_ahead(found, 0, at("2027-02-10 21:20"), Decimal(4000), Decimal(6000)) is None
    over = look_ahead(found, 0, at("2027-02-10 12:30"), Decimal(4000), Decimal(0), whole=False)
    assert over is not None
    assert [over.allowed, over.extra, over.quality] == [0, 135, "at least"]


THREE = HEAD + "valid_from = 2027-02-01\nvalid_to = 2027-02-04\n"


def between(start: str, end: str, wh: int, quality: Quality = "bounded") -> Span:
    return Span(at(start), at(end), Decimal(wh), None, quality)


def around(*parts: Span, rule: str = "price = 1") -> PowerCost:
    """Three days of 1 kWh each hour, but in the hours into which the parts reach."""
    start, end = parts[0].start.replace(minute=0), parts[-1].end
    rest = [span for span in hours("2027-02-01", "2027-02-04", "1", {}) if not start <= span.start < end]
    return cost_of(power(rule, THREE), [*rest, *parts], "2027-02")


def test_two_parts_of_a_quarter_at_a_change_of_meters_do_not_make_it_known() -> None:
    found = around(
        between("2027-02-02 12:00", "2027-02-02 12:10", 4000, "partial"),
        between("2027-02-02 12:10", "2027-02-02 13:00", 4000, "partial"),
    )
    assert found.kw == 1
    assert found.peaks[0].excluded == (at("2027-02-02 12:00"),)


def test_what_is_known_in_the_hours_of_a_gap_counts_too() -> None:
    found = around(
        between("2027-02-02 12:00", "2027-02-02 12:15", 3000, "measured"),
        between("2027-02-02 12:15", "2027-02-02 13:45", 4000),
        between("2027-02-02 13:45", "2027-02-02 14:00", 1000, "measured"),
    )
    assert found.kw == 4  # 8 kWh in two hours


def test_two_gaps_one_after_the_other_are_two() -> None:
    parts = (
        between("2027-02-02 12:00", "2027-02-02 14:00", 4000),
        between("2027-02-02 14:00", "2027-02-02 16:00", 16_000),
    )
    assert around(*parts).kw == 8


def test_a_gap_is_told_of_rolling_hours_by_the_hour() -> None:
    parts = between("2027-02-02 12:00", "2027-02-02 12:30", 4000), between("2027-02-02 12:30", "2027-02-02 14:00", 4000)
    assert around(*parts, rule="price = 1\nrolling = true").kw == 4


def test_twelve_months_are_not_thirteen() -> None:
    spans = hours("2026-01-01", "2027-02-01", "1", {"2026-01-20 12:00": "9", "2026-02-03 12:00": "5"})
    rule = power('price = 1\nover = "12 months"')
    assert cost_of(rule, spans, "2027-01").kw == 5
    assert cost_of(rule, spans, "2026-12").kw == 9


def test_what_comes_after_a_tariffs_last_day_is_another_ones() -> None:
    spans = hours("2027-02-01", "2027-02-10", "1", {"2027-02-05 12:00": "9"})
    assert cost_of(power("price = 1", THREE), spans, "2027-02", "2027-02-10").kw == 1


def test_a_line_may_tell_its_hours_in_standard_time_by_itself() -> None:
    spans = hours("2026-03-30", "2026-03-31", "0.5", {"2026-03-30 06:00+01:00": "8.0", "2026-03-30 19:00+01:00": "9.0"})
    head = HEAD + "valid_from = 2026-03-30\nvalid_to = 2026-03-31\n"
    assert cost_of(power('hours = "07-20"\nprice = 1', head), spans, "2026-03").kw == 8
    assert cost_of(power('hours = "07-20"\nprice = 1\ntime = "standard"', head), spans, "2026-03").kw == 9


def test_a_bill_names_every_peak_and_says_of_how_many_only_where_some_lack() -> None:
    (line,) = make_bill([power(THREE_DAYS + "price = 45")], SERIES_A, {}, date(2027, 1, 1)).lines
    assert line.how.en == "mean of 9 (2027-01-06 12:00), 8 (2027-01-09 10:00), 7 (2027-01-04 18:00)"


def test_of_the_greater_of_two_the_lower_one_may_rise_to_the_higher() -> None:
    spans = hours("2027-02-01", "2027-02-10", "1", {"2027-02-02 12:00": "6", "2027-02-02 23:00": "4"})
    rule = power('price = 1\ncombine = "max"\ncomponent = [{ hours = "06-22" }, { hours = "22-06", factor = 0.5 }]')
    found = cost_of(rule, spans, "2027-02", "2027-02-10")
    assert found.kw == 6
    assert find_limit(found, 1, at("2027-02-10 23:00")) == 12
    assert find_limit(found, 0, at("2027-02-10 12:00")) == 6
