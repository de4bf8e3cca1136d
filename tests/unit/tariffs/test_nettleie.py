"""Tariffs in the form of fri-nettleie: what they become, what is asked of the user, and what is refused."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from hanlogger.errors import ConfigError
from hanlogger.humanize import round_to
from hanlogger.tariffs.bill import make_bill
from hanlogger.tariffs.model import Tariff
from hanlogger.tariffs.reading import read_tariff
from tests.support.tariffing import hours

BILLION = "a: &a [x]\n" + "".join(
    f"{key}: &{key} [{', '.join(['*' + of] * 10)}]\n" for of, key in pairwise("abcdefghij")
)
BILLION += "tariffer: *j\n"
"""A list of ten lists, of which each holds ten, and so on: a billion texts on ten lines."""

FILE = """---
netteier: Prøve Nett AS
gln:
  - '7080000000001'
sist_oppdatert: '2026-11-01'
kilder:
  - https://nett.example/priser
tariffer:
  - gyldig_fra: '2026-01-01'
    gyldig_til: '2026-07-01'
    kundegrupper: [husholdning, fritid]
    energiledd:
      grunnpris: 15
    fastledd: &steps
      metode: TRE_DØGNMAX_MND
      terskel_inkludert: true
      terskler:
        - {terskel: 0, pris: 1440}
        - {terskel: 2, pris: 2400}
        - {terskel: 5, pris: 4032}
  - gyldig_fra: 2026-07-01
    kundegrupper: [husholdning, fritid]
    energiledd:
      grunnpris: 16.99
      unntak:
        - navn: dag
          timer: 6-21
          dager: [virkedag]
          pris: 28.99
    fastledd: *steps
"""
TAXES = "vat = 25\nconsumption_tax = 0.0713\nenova = 0.01\n"
OWN = TAXES + "on = 2026-11-29\n"
NOW = FILE.split("fastledd: *steps", maxsplit=1)[0]


def read(text: str = FILE, base: str = OWN, own: str = "") -> Tariff:
    return read_tariff(f'{own}\n[base]\nfile = "prove.yml"\n{base}', "own.toml", lambda _: text)


def power(steps: str, method: str = "MND_MAX", included: str = "true") -> str:
    return f"{NOW}fastledd:\n      metode: {method}\n      terskel_inkludert: {included}\n      terskler:\n{steps}"


def rows(*pairs: tuple[int, float]) -> str:
    return "".join(f"        - {{terskel: {start}, pris: {price}}}\n" for start, price in pairs)


def rate_at(tariff: Tariff, text: str) -> Decimal:
    """The price in øre with all taxes at a time, as the network's page has it."""
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Oslo"))
    minute = local.hour * 60 + local.minute
    total = Fraction(0)
    for line in tariff.energy:
        for rate in line.rates:
            when = rate.when
            if not when or any(each.covers_day(local.date()) and each.covers_minute(minute) for each in when):
                total += rate.price.gross
                break
    return round_to(total * 100, 2)


@pytest.mark.parametrize(
    ("time", "ore"),
    [
        ("2026-11-30 05:45", "31.40"),
        ("2026-11-30 06:00", "46.40"),
        ("2026-11-30 21:45", "46.40"),  # the last hour is in it
        ("2026-11-30 22:00", "31.40"),
        ("2026-11-28 12:00", "31.40"),  # a Saturday
        ("2026-12-25 12:00", "31.40"),  # a Friday that is a holiday
    ],
)
def test_an_exception_has_the_whole_price_and_its_last_hour_in_it(time: str, ore: str) -> None:
    assert str(rate_at(read(), time)) == ore


def test_the_head_is_that_of_the_file_and_nothing_differs_from_its_form() -> None:
    tariff = read()
    assert tariff.deviations == ()
    assert (tariff.name, tariff.currency, tariff.clock.zone, tariff.part) == (
        "Prøve Nett AS",
        "NOK",
        "Europe/Oslo",
        "grid",
    )
    assert (tariff.valid.start, tariff.valid.end, tariff.source_date) == (date(2026, 7, 1), None, date(2026, 11, 1))
    assert tariff.source == "fri-nettleie: https://nett.example/priser"


def test_the_tariff_of_a_day_is_chosen_and_its_end_is_not_in_it() -> None:
    assert read(base=TAXES + "on = 2026-06-30\n").valid.end == date(2026, 7, 1)
    assert read(base=TAXES + "on = 2026-07-01\n").valid.end is None


def fee(tariff: Tariff, peaks: dict[str, str]) -> str:
    spans = hours("2026-11-01", "2026-12-01", "0.1", peaks)
    (line,) = [line for line in make_bill([tariff], spans, {}, date(2026, 11, 1)).lines if line.line == "Fastledd"]
    return str(line.amount)


def test_three_days_of_a_month_choose_the_step_of_a_year_without_tax() -> None:
    peaks = {"2026-11-02 17:00": "4.0", "2026-11-03 17:00": "5.0", "2026-11-04 17:00": "6.0", "2026-11-04 18:00": "5.9"}
    assert fee(read(), peaks) == "420.00"  # the mean is 5: 4032 x 1.25 / 12
    assert fee(read(FILE.replace("inkludert: true", "inkludert: false")), peaks) == "250.00"


def test_the_greatest_hour_of_a_month_chooses_the_step() -> None:
    text = power(rows((0, 1200), (5, 2400)))
    assert fee(read(text), {"2026-11-02 17:00": "4.999"}) == "125.00"
    assert fee(read(text), {"2026-11-02 17:00": "5"}) == "250.00"


@pytest.mark.parametrize(
    ("fuse", "included", "sum_"),
    [("63", "true", "562.50"), ("50", "true", "468.75"), ("63", "false", "468.75"), ("80", "false", "562.50")],
)
def test_the_main_fuse_chooses_the_step(fuse: str, included: str, sum_: str) -> None:
    text = power(rows((0, 3500), (25, 4500), (63, 5400)), "OV_TREFASE", included)
    assert fee(read(text, OWN + f"fuse = {fuse}\n"), {}) == sum_


def test_one_price_for_every_fuse_needs_no_fuse() -> None:
    assert fee(read(power(rows((0, 3600)), "OV_TREFASE", "null")), {}) == "375.00"


def test_weeks_weighted_by_the_users_own_factors_are_a_line() -> None:
    text = power(rows((0, 2000), (1, 2524.8), (2, 3049.6)), "FEM_VEKTET_ÅR")
    (line,) = read(text, OWN + 'weights = [{ factor = 1, months = "11-3" }, { factor = 0.25 }]\n').power
    (component,) = line.components
    assert (component.count, component.one_per, component.weigh_by, line.over) == (5, "week", "monday", "12 months")
    assert line.base is not None
    assert (line.base.value, line.prices[0].price.value, line.per) == (Decimal(2000), Decimal("524.8"), "year")
    assert [weight.factor for weight in component.weights] == [Decimal(1), Decimal("0.25")]


def test_the_later_of_two_exceptions_holds() -> None:
    more = "        - {navn: jul, dager: [fredag, helligdager], timer: [7, 12-13], måneder: [desember], pris: 1.99}\n"
    tariff = read(FILE.replace("          pris: 28.99\n", "          pris: 28.99\n" + more))
    assert [str(rate_at(tariff, f"2026-12-{day} 12:30")) for day in ("03", "04", "25", "26", "27")] == [
        "46.40", "12.65", "12.65", "12.65", "31.40",
    ]  # fmt: skip
    assert [str(rate_at(tariff, f"2026-12-04 {time}")) for time in ("07:45", "08:00", "13:45", "14:00")] == [
        "12.65", "46.40", "12.65", "46.40",
    ]  # fmt: skip
    assert str(rate_at(tariff, "2026-11-27 12:30")) == "46.40"


@pytest.mark.parametrize(
    ("timer", "night", "noon"), [("22-5", True, False), ("0-23", True, True), ("10-9", True, True)]
)
def test_hours_over_midnight_and_all_hours(timer: str, night: bool, noon: bool) -> None:
    tariff = read(FILE.replace("timer: 6-21", f"timer: {timer}"))
    expected = {True: "46.40", False: "31.40"}
    times = {"00:00": night, "05:45": night, "12:00": noon, "22:00": night, "23:45": night}
    assert {time: str(rate_at(tariff, f"2026-11-30 {time}")) for time in times} == {
        time: expected[day] for time, day in times.items()
    }


def test_without_value_added_tax_a_price_is_as_it_stands() -> None:
    tariff = read(base="vat = 0\nconsumption_tax = 0\nenova = 0.01\non = 2026-11-29\n")
    assert [line.name for line in tariff.energy] == ["Energiledd", "Enova"]
    assert str(rate_at(tariff, "2026-11-30 12:00")) == "29.99"
    assert fee(tariff, {}) == "120.00"


def test_lines_of_ones_own_are_added_and_keys_of_ones_own_hold() -> None:
    own = 'name = "Mine"\nprices = "with VAT"\n[[fixed]]\nname = "Supplier"\nprice = 39\n'
    tariff = read(own=own)
    assert tariff.name == "Mine"
    assert [line.name for line in tariff.list_all_lines()] == [
        "Supplier",
        "Energiledd",
        "Forbruksavgift",
        "Enova",
        "Fastledd",
    ]
    with pytest.raises(ConfigError, match=r"own\.toml: prices is missing; give it: say whether"):
        read(own=own.replace('prices = "with VAT"\n', ""))


def test_what_differs_from_the_form_is_told_with_its_place() -> None:
    text = FILE.replace("grunnpris: 16.99", "grunnpris: 16.99\n      tillegg: 3").replace("fritid]", "hytte]")
    assert read(text).deviations == (
        'tariffer 2: kundegrupper: "hytte" is none of husholdning, fritid, liten_næring',
        "tariffer 2: energiledd: tillegg is no field of the specification: 3",
    )


@pytest.mark.parametrize(
    ("text", "base", "words"),
    [
        (
            FILE,
            TAXES,
            "several tariffs are chosen; choose one by customers, on or name: customers husholdning, fritid, 2026-",
        ),
        (FILE, OWN + 'customers = "liten_næring"\n', "no tariff is chosen; choose one by customers, on or name"),
        (FILE, "on = 2026-11-29\n", "say which there are in a file of your own: [base] vat, consumption_tax, enova"),
        (FILE, "on = 2026-11-29\nvat = 25\nenova = 0\n", "[base] consumption_tax"),
        (FILE.replace("6-21", "6-24"), OWN, 'timer: found "6-24"; allowed: hours from 0 to 23'),
        (FILE.replace("virkedag", "[virkedag]"), OWN, "dager: found ['virkedag']; known are mandag, "),
        (FILE.replace("virkedag", "hverdag"), OWN, 'dager: found "hverdag"; known are mandag, '),
        (FILE.replace("timer: 6-21", "måneder: [juli, jul]"), OWN, 'måneder: found "jul"; known are januar'),
        (FILE.replace("grunnpris: 16.99", "grunnpris: '16,99'"), OWN, 'grunnpris: found "16,99"; allowed: a number'),
        (FILE.replace("grunnpris: 16.99", "grunnpris:"), OWN, "energiledd: grunnpris is missing"),
        (
            FILE.replace("grunnpris: 16.99", "grunnpris: 1\n      grunnpris: 2"),
            OWN,
            '"grunnpris" stands twice in one table',
        ),
        (FILE.replace("inkludert: true", "inkludert: null"), OWN, 'say it: [base] equal = "upper", or "lower"'),
        (FILE.replace("terskel: 0,", "terskel: 1,"), OWN, "terskler must begin at 0 and rise: found 1, 2, 5"),
        (FILE.replace("terskel: 5,", "terskel: 2,"), OWN, "terskler must begin at 0 and rise: found 0, 2, 2"),
        (
            power(rows((0, 3156), (5, 4956)), "UKJENT"),
            OWN,
            'metode "UKJENT" does not say which power is paid for (0: 3156, 5: 4956',
        ),
        (
            power(rows((0, 1), (63, 2)), "OV_TREFASE"),
            OWN,
            "by the main fuse, from 0 A, 63 A; say yours: [base] fuse = 63",
        ),
        (
            power(rows((0, 1700), (2, 2168.8), (3, 2637.6)), "FEM_VEKTET_ÅR"),
            OWN,
            "not on one line, kr a kW: found 234.4, 468.8",
        ),
        (power(rows((0, 2000), (1, 2500)), "FEM_VEKTET_ÅR"), OWN, "what a week counts as by its month is not told"),
        ("netteier: [", OWN, "not YAML: "),
        ("netteier: A\n", OWN, "no file of fri-nettleie: tariffer is not in it"),
        ("tariffer: 5\n", OWN, "tariffer: found 5; allowed: a list"),
        (BILLION, OWN, "tariffer 1: found [[[[[["),
        (FILE, OWN + "fuze = 5\n", "own.toml: base: fuze is no key; did you mean fuse?"),
        (FILE, OWN + "vat = 125\n", ""),
        ('name = "x"', OWN, "base: prove.yml is neither JSON of an Eltariff API nor YAML of fri-nettleie"),
    ],
)
def test_what_would_be_guessed_or_is_wrong_is_refused_in_one_line(text: str, base: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(text, base)
    assert words in str(refused.value)
    assert str(refused.value).startswith("own.toml: ")
    assert "\n" not in str(refused.value)


def test_the_step_of_a_threshold_that_is_not_told_is_the_users() -> None:
    text = FILE.replace("inkludert: true", "inkludert: null")
    assert [read(text, OWN + f'equal = "{each}"\n').power[0].equal for each in ("upper", "lower")] == ["upper", "lower"]


def test_the_file_alone_is_told_from_others_by_its_content_and_what_it_needs_is_said() -> None:
    with pytest.raises(ConfigError, match=r"^prove\.yml: several tariffs are chosen"):
        read_tariff(FILE, "prove.yml")
