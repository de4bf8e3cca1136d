"""Tariffs of an Eltariff API: what is read, which deviations are reported, and what is refused."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hanlogger.errors import ConfigError
from hanlogger.tariffs.bill import make_bill
from hanlogger.tariffs.model import Tariff
from hanlogger.tariffs.reading import read_tariff
from tests.support import eltariffs
from tests.support.eltariffs import Change, active, change, drop, read, recurring, settings
from tests.support.tariffing import hours

JANUARY = hours(
    "2027-01-01",
    "2027-02-01",
    "1.0",
    {
        "2027-01-04 17:00": "6.0",
        "2027-01-04 18:00": "7.0",
        "2027-01-05 08:00": "5.0",
        "2027-01-06 12:00": "9.0",  # Epiphany, in the list of holidays
        "2027-01-09 10:00": "8.0",  # a Saturday
    },
)
PEAK = "powerPrice.components.0"
RULE = f"{PEAK}.peakIdentificationSettings"
PERIODS = f"{PEAK}.recurringPeriods"


def bill(tariff: Tariff) -> dict[str, str]:
    return {line.line: str(line.amount) for line in make_bill([tariff], JANUARY, {}, date(2027, 1, 1)).lines}


def test_a_right_answer_is_read_without_a_deviation() -> None:
    tariff = read()
    assert tariff.deviations == ()
    # 744 h, 1 kWh each, and 30 kWh more in the five hours
    assert bill(tariff) == {"Abonnemang": "300.00", "Överföring": "193.50", "Hög": "400.83"}
    assert (tariff.valid.start, tariff.valid.end) == (date(2027, 1, 1), date(2028, 1, 1))
    assert (tariff.clock.zone, tariff.part, tariff.source_date) == ("Europe/Stockholm", "grid", date(2026, 11, 20))


@pytest.mark.parametrize("days", [[[1]], [{}], [True], [1, "x" * 500]])
def test_weekdays_are_numbers(days: list[object]) -> None:
    answer = eltariffs.make_answer()
    answer["calendarPatterns"][0]["days"] = days
    with pytest.raises(ConfigError, match=r"known are \"P1W\" with days 1 to 7") as refused:
        eltariffs.read_answer(answer)
    assert len(str(refused.value)) < 400


def test_the_answer_for_one_tariff_is_read_too() -> None:
    answer = eltariffs.make_answer()
    one = {"tariff": answer["tariffs"][0], "calendarPatterns": answer["calendarPatterns"]}
    assert bill(eltariffs.read_answer(one)) == bill(read())
    assert eltariffs.read_answer(one).deviations == ()


HOG = 'tariffs "Villa 20 A": powerPrice: components "Hög"'


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (change(f"{PEAK}.url", None), f"{HOG}: url is null"),
        (change(f"{PEAK}.extra", 5), f"{HOG}: extra is no field of the specification: 5"),
        (drop("companyOrgNo"), 'tariffs "Villa 20 A": companyOrgNo is missing'),
        (change("id", "???"), 'tariffs "Villa 20 A": id "???" is no UUID'),
        (change("published", "2026-11-20T08:00:00"), 'published: "2026-11-20T08:00:00" has no offset from UTC'),
        (change("published", "soon"), 'published: "soon" is no time'),
        (change("validPeriod", None), "without validPeriod that of its components is taken, 2027-01-01 to 2028-01-01"),
        (
            change("fixedPrice.components.0.type", "fixed"),
            'type "fixed" of a fixed price is neither public nor specific',
        ),
        (change("energyPrice.unit", "kWh"), 'energyPrice: unit "kWh" stands on the group'),
        (change(f"{PEAK}.validPeriod.toExcluding", "2027-02-27"), ""),
        (
            change(f"{PEAK}.validPeriod.toExcluding", "2027-02-28"),
            f"{HOG}: validPeriod: toExcluding 2027-02-28 leaves the last day of the month out",
        ),
        (
            change(f"{PEAK}.validPeriod.toExcluding", "2028-11-01"),
            f"{HOG}: validPeriod 2027-01-01 to 2028-11-01 is not within the tariff's, which limits it",
        ),
        (
            change(f"{PERIODS}.0.activePeriods.0.calendarPatternReferences.exclude", ["holidays", "2027-01-05"]),
            "exclude: 2027-01-05 is a date in the place of a calendar pattern",
        ),
        (drop(f"{PERIODS}.0.activePeriods.0.calendarPatternReferences"), "calendarPatternReferences is missing"),
        (change(f"{PERIODS}.0.activePeriods.0.fromIncluding", "07:00"), '"07:00" is not of the form HH:MM:SS'),
        (change(f"{PERIODS}.0.activePeriods.0.toExcluding", "24:00:00"), '"24:00:00" is not of the form HH:MM:SS'),
        (change(f"{PERIODS}.0.activePeriods.0.calendarPatternReferences", {}), "include is empty; every day is taken"),
        (change(f"{PEAK}.price.priceIncVat", "92.5"), 'priceIncVat: "92.5" is a text in the place of a number'),
        (drop(f"{PEAK}.price.priceExVat"), "price: priceExVat is missing"),
        (
            change(f"{PEAK}.price", eltariffs.price(372.73, 465.92)),
            "priceExVat 372.73 and 25 % are 465.9125, not 465.92; priceIncVat is taken",
        ),
        (drop("powerPrice"), "without powerPrice nothing is asked by it"),
    ],
)
def test_a_deviation_is_reported_by_name_and_place_and_the_tariff_read(what: Change, words: str) -> None:
    told = read(what).deviations
    assert any(each.endswith(words) or words in each for each in told) if words else told == ()


def test_last_updated_in_the_place_of_published_is_reported_and_taken() -> None:
    def rename(tariff: dict[str, Any]) -> None:
        tariff["lastUpdated"] = tariff.pop("published")

    tariff = read(rename)
    assert tariff.deviations == ('tariffs "Villa 20 A": lastUpdated stands in the place of published',)
    assert tariff.source_date == date(2026, 11, 20)


def test_a_group_with_the_price_itself_is_one_component() -> None:
    def flatten(tariff: dict[str, Any]) -> None:
        (tariff["fixedPrice"],) = tariff["fixedPrice"]["components"]
        del tariff["fixedPrice"]["reference"], tariff["fixedPrice"]["type"]

    tariff = read(flatten)
    assert bill(tariff) == bill(read())
    assert tariff.deviations == ('tariffs "Villa 20 A": fixedPrice: the group has the price itself, and no components',)


def test_the_unit_of_a_group_is_that_of_its_components() -> None:
    def move(tariff: dict[str, Any]) -> None:
        tariff["powerPrice"]["unit"] = tariff["powerPrice"]["components"][0].pop("unit")

    tariff = read(move)
    assert bill(tariff) == bill(read())
    assert tariff.deviations == ('tariffs "Villa 20 A": powerPrice: unit "kW" stands on the group',)


def test_an_answer_without_patterns_is_reported_and_read_where_none_is_needed() -> None:
    answer = eltariffs.make_answer()
    del answer["calendarPatterns"], answer["tariffs"][0]["powerPrice"]
    told = eltariffs.read_answer(answer).deviations
    assert told[0] == "calendarPatterns is missing"


def test_a_pattern_with_a_name_in_the_place_of_a_reference_is_reported_and_read() -> None:
    answer = eltariffs.make_answer()
    answer["calendarPatterns"][0]["name"] = answer["calendarPatterns"][0].pop("reference")
    tariff = eltariffs.read_answer(answer)
    assert tariff.deviations == ('calendarPatterns "weekdays": name stands in the place of reference',)
    assert bill(tariff) == bill(read())


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (change("powerPrice.costFunction", "max(peak(c))"), 'costFunction "max(peak(c))" is not known; known are sum('),
        (drop("powerPrice.costFunction"), "costFunction None is not known"),
        (change("energyPrice.costFunction", "sum(energy(base))"), "does not say what main are to it"),
        (
            change(f"{RULE}.peakFunction", "median(high)"),
            'peakFunction "median(high)" is not known; known are peak(main)',
        ),
        (change(f"{RULE}.peakFunction", "peak(low)"), 'peakFunction "peak(low)": low is not one of main, high'),
        (change(f"{RULE}.peakFunction", "max(peak(high),peak(main)/0)"), "0 is no factor"),
        (change(f"{RULE}.peakDuration", "PT30M"), 'peakDuration: found "PT30M"; known are PT15M, PT1H'),
        (change(f"{RULE}.peakIdentificationPeriod", "P1Y"), 'peakIdentificationPeriod: found "P1Y"; known are PT15M'),
        (change(f"{RULE}.numberOfPeaksForAverageCalculation", 0), "found 0; allowed: a whole number from 1 to 366"),
        (change(f"{RULE}.numberOfPeaksForAverageCalculation", 10**400), "000…; allowed: a whole number from 1 to 366"),
        (
            change(f"{PERIODS}.0.activePeriods.0.calendarPatternReferences.include", [["weekdays"]]),
            "include: found ['weekdays']; allowed: a text",
        ),
        (change(RULE, settings(period="PT15M", duration="PT15M", count=1)), 'say it: [base] peaks = "each", or "mean"'),
        (change(RULE, settings(period="PT15M", count=3)), "PT15M is shorter than peakDuration"),
        (change(RULE, None), "without peakIdentificationSettings it is not told which power is paid for"),
        (change(f"{PEAK}.type", "dynamic"), "type dynamic: its prices are asked for by None"),
        (change(f"{PEAK}.unit", "kVA"), 'unit: found "kVA"; known are kW and kWh'),
        (change(f"{PEAK}.price", None), f"{HOG}: it has no price"),
        (change(f"{PEAK}.price", eltariffs.price(3, 4)), "priceExVat 3 and priceIncVat 4 agree with no rate"),
        (drop(f"{PEAK}.price.priceIncVat"), "priceIncVat is missing: which tax is on it would be guessed"),
        (change(f"{PEAK}.price.currency", "EUR"), "its prices are in several currencies: EUR, SEK"),
        (change(f"{PERIODS}.0.frequency", "P1W"), 'frequency: found "P1W"; known is "P1D"'),
        (change(f"{PERIODS}.0.activePeriods", []), "activePeriods covers no time at all"),
        (
            change(f"{PERIODS}.0.activePeriods.0", active("07:00:00", "20:00:00", ["red days"])),
            'pattern "red days", known',
        ),
        (
            change(f"{PERIODS}.0.activePeriods.0", active("07:00:00", "20:00:00", [], ["holidays"])),
            "include is empty beside",
        ),
        (
            change(f"{PERIODS}.0.activePeriods.0", active("07:00:00", "20:00:00", ["weekdays"], ["weekdays"])),
            "no day is left of include",
        ),
        (change(f"{PERIODS}.0.activePeriods.0", active("22:00:00", "06:00:00")), "22:00:00 to 06:00:00: of which day"),
        (change(f"{PERIODS}.0.activePeriods.0.fromIncluding", "07:05:00"), "allowed: a time on a quarter of an hour"),
        (change(f"{PERIODS}.0.activePeriods.0.toExcluding", "19:59:59"), 'found "19:59:59"; allowed'),
        (change("direction", "production"), 'direction: found "production"; only consumption can be read'),
        (change("billingPeriod", "P3M"), 'billingPeriod: found "P3M"; known is P1M'),
        (drop("timeZone"), "timeZone is missing"),
        (change("timeZone", "Europe/Falun"), 'zone: found "Europe/Falun"; allowed'),
        (change("fixedPrice.components.0.pricedPeriod", "P3M"), 'pricedPeriod: found "P3M"; known are P1M, P1Y, P1D'),
        (change("energyPrice.components.0.type", "spot"), "type spot without spotPriceSettings"),
        (change("energyPrice.components.0.type", "free"), 'type: found "free"; known are fixed and spot'),
        (change("energyPrice.components.0.unit", "MWh"), 'unit: found "MWh"; known is kWh'),
        (change("energyPrice.components.0.price.priceIncVat", True), "found True; allowed: a number"),
        (change("energyPrice.components", "none"), 'components: found "none"; allowed: a list'),
        (change("energyPrice", 5), "energyPrice: found 5; allowed: an object"),
        (change("validPeriod.toExcluding", "2027-01-01"), "toExcluding 2027-01-01 is not after fromIncluding"),
        (change("validPeriod.toExcluding", "2027-02-30"), '"2027-02-30" is no day of the calendar'),
        (change("validPeriod.toExcluding", "tomorrow"), 'found "tomorrow"; allowed: a day such as 2027-01-01'),
    ],
)
def test_what_would_be_guessed_is_refused_in_one_line_with_its_text(what: Change, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(what)
    assert words in str(refused.value)
    assert str(refused.value).startswith("eltariff.json: ")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON: "),
        ('{"a": 1}', "neither tariffs nor tariff is in it"),
        ('{"tariffs": [NaN]}', "NaN is no number of JSON"),
        ('{"tariffs": [], "tariffs": []}', '"tariffs" stands twice in one object'),
        ('{"tariffs": []}', "it has 0 tariffs; choose one by id, product, name or on: none"),
        ('{"tariffs": [5]}', "tariffs 1: found 5; allowed: an object"),
        ('{"tariffs": ' + "[" * 100_000, "nested without an end"),
    ],
)
def test_what_is_no_answer_is_refused_in_one_line(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_tariff(text, "eltariff.json")
    assert words in str(refused.value)


def test_the_greater_of_high_and_half_of_low_is_halved_after_the_mean() -> None:
    low = recurring(active("00:00:00", "07:00:00", ["weekdays", "weekends"]), reference="low")
    for kwh, fee in (("8", "325.00"), ("12", "390.00")):
        tariff = read(
            change(RULE, settings("max(peak(high),peak(low)/2)", count=1)),
            change(PERIODS, [eltariffs.DAYTIME, low]),
            change(f"{PEAK}.price", eltariffs.price(52, 65)),
        )
        spans = hours("2027-01-01", "2027-02-01", "0", {"2027-01-05 12:00": "5", "2027-01-07 03:00": kwh})
        (line,) = [line for line in make_bill([tariff], spans, {}, date(2027, 1, 1)).lines if line.line == "Hög"]
        assert str(line.amount) == fee


def test_what_is_above_a_power_is_paid_where_one_peak_counts() -> None:
    tariff = read(change(RULE, settings("max(avg(high) - 4, 0)", "P1M", count=1)))
    assert bill(tariff)["Hög"] == "277.50"  # (7 - 4) x 92.50


def test_peaks_that_are_each_paid_by_themselves_are_where_the_user_says_so() -> None:
    rule = change(RULE, settings(period="PT1H", count=1))
    # 19 workdays of January without the 1st and the 6th, 13 h of 1 kWh each, and 15 kWh more
    assert bill(read(rule, base='peaks = "each"'))["Hög"] == str(Decimal("92.50") * (19 * 13 + 15))
    assert bill(read(rule, base='peaks = "mean"'))["Hög"] == "647.50"


def test_kwh_of_a_quarter_are_a_fourth_of_its_kw() -> None:
    rule = settings(period="P1D", duration="PT15M")
    per_kw, per_kwh = (read(change(RULE, rule), change(f"{PEAK}.unit", unit)) for unit in ("kW", "kWh"))
    assert per_kwh.power[0].components[0].factor == per_kw.power[0].components[0].factor / 4


def test_a_share_of_the_spot_price_has_the_tax_of_the_other_prices() -> None:
    spot = {"multiplier": 0.06, "currency": "SEK"}
    energy = "energyPrice.components.0"
    tariff = read(
        change(f"{energy}.type", "spot"), change(f"{energy}.price", None), change(f"{energy}.spotPriceSettings", spot)
    )
    (rate,) = tariff.energy[0].rates
    assert (rate.spot, rate.price.value, rate.price.vat) == (Decimal("0.06"), Decimal(0), Decimal(25))


def test_all_hours_and_the_hours_until_midnight_are_told_from_an_empty_period() -> None:
    def minutes(start: str, end: str) -> set[int]:
        (window,) = read(change(PERIODS, [recurring(active(start, end))])).power[0].components[0].when
        return {minute for minute in range(0, 1440, 15) if window.covers_minute(minute)}

    assert minutes("00:00:00", "00:00:00") == set(range(0, 1440, 15))
    assert minutes("20:00:00", "00:00:00") == set(range(1200, 1440, 15))


DAYS = [date(2027, 1, day) for day in range(1, 32)]


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        (["weekdays"], [], lambda day: day.isoweekday() < 6),
        (["weekends"], [], lambda day: day.isoweekday() > 5),
        (["weekdays"], ["holidays"], lambda day: day.isoweekday() < 6 and day.day not in (1, 6)),
        (["weekdays", "weekends"], ["holidays"], lambda day: day.day not in (1, 6)),
        (["weekends", "holidays"], [], lambda day: day.isoweekday() > 5 or day.day in (1, 6)),
        (["weekends", "holidays"], ["2027-01-06"], lambda day: day.isoweekday() > 5 or day.day == 1),
        (
            ["weekends", "holidays"],
            ["2027-01-09"],
            lambda day: (day.isoweekday() > 5 or day.day in (1, 6)) and day.day != 9,
        ),
        (["holidays"], [], lambda day: day.day in (1, 6)),
        (["holidays", "2027-01-09"], ["weekends"], lambda day: day.day in (1, 6)),
        (["weekdays", "weekends"], ["weekends"], lambda day: day.isoweekday() < 6),
        (["weekdays", "weekends", "holidays"], [], lambda _: True),
    ],
)
def test_a_day_counts_that_is_in_an_included_pattern_and_in_no_excluded_one(
    include: list[str], exclude: list[str], expected: Any
) -> None:
    when = (
        read(change(PERIODS, [recurring(active("07:00:00", "20:00:00", include, exclude))])).power[0].components[0].when
    )
    assert [day.day for day in DAYS if any(window.covers_day(day) for window in when)] == [
        day.day for day in DAYS if expected(day)
    ]


def test_two_components_of_one_name_at_one_time_get_names_of_their_own() -> None:
    def double(tariff: dict[str, Any]) -> None:
        energy = tariff["energyPrice"]["components"]
        energy.append(json.loads(json.dumps(energy[0])))

    tariff = read(double)
    assert [line.name for line in tariff.energy] == ["Överföring", "Överföring 2"]
    assert any('two components are called "Överföring"' in each for each in tariff.deviations)


PATTERNS = 'patterns = { weekdays = ["sat", "sun"], holidays = ["SE", "2027-01-05"] }\n'


def test_patterns_of_the_users_own_hold_and_may_name_public_holidays() -> None:
    def days(include: list[str], exclude: list[str]) -> list[int]:
        window = change(PERIODS, [recurring(active("07:00:00", "20:00:00", include, exclude))])
        when = read(window, base=PATTERNS).power[0].components[0].when
        return [day.day for day in DAYS[:10] if any(each.covers_day(day) for each in when)]

    assert days(["weekdays"], []) == [2, 3, 9, 10]
    assert days(["holidays"], []) == [1, 5, 6]
    assert days(["holidays"], ["2027-01-06"]) == [1, 5]


def test_a_price_of_a_year_goes_by_the_days_of_a_month_where_the_user_says_so() -> None:
    assert bill(read(base='year_by = "days"'))["Abonnemang"] == "305.75"


def test_a_tariff_without_validity_is_valid_while_one_of_its_components_is() -> None:
    tariff = read(
        change("validPeriod", None),
        change(f"{PEAK}.validPeriod", {"fromIncluding": "2027-02-01", "toExcluding": "2029-01-01"}),
    )
    assert (tariff.valid.start, tariff.valid.end) == (date(2027, 1, 1), date(2029, 1, 1))
