"""The form of a tariff file: its examples are right, what is wrong is told in one line, the manual has every key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from hanlogger.errors import ConfigError
from hanlogger.tariffs import base, schema
from hanlogger.tariffs.reading import read_tariff
from tests.support.composefile import ROOT
from tests.support.tariffing import HEAD, power, tariff

EXAMPLES = sorted((ROOT / "hanlogger" / "tariffs" / "examples").glob("*.toml"))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_every_example_is_right_and_says_that_its_prices_are_examples(file: Path) -> None:
    text = file.read_text("utf-8")
    assert list(read_tariff(text, file.name).list_all_lines())
    assert re.search(r"^#.*\bexamples\.$", text, re.MULTILINE)
    assert "no claim about today's prices" in text


def test_there_are_a_dozen_examples() -> None:
    assert len(EXAMPLES) >= 12


def tables() -> list[type[BaseModel]]:
    every = [each for room in (schema, base) for each in vars(room).values() if isinstance(each, type)]
    return [
        each for each in every if issubclass(each, BaseModel) and each.__module__ in (schema.__name__, base.__name__)
    ]


def test_the_manual_has_every_key() -> None:
    manual = (ROOT / "docs" / "tariffs.md").read_text("utf-8")
    keys = {field.alias or key for table in tables() for key, field in table.model_fields.items()}
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", manual)] == []


NO_REGION = 'price_by.region: found nothing as region in [customer]; allowed: "north"'


def test_the_manuals_own_file_is_right() -> None:
    manual = (ROOT / "docs" / "tariffs.md").read_text("utf-8")
    (text,) = re.findall(r'```toml title="grid.toml"\n(.*?)```', manual, re.DOTALL)
    assert [line.name for line in read_tariff(text, "grid.toml").list_all_lines()] == [
        "Subscription",
        "Transfer",
        "Power fee",
    ]


SPOT = '[[energy]]\nname = "Spot"\nspot = 1\n'
POWER = '[[power]]\nname = "Effekt"\nprice = 45\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name =", "test.toml: is not TOML: "),
        (f"name = {'[' * 5000}", "test.toml: is nested without an end"),
        (POWER + "peeks = 3", 'test.toml: power "Effekt": peeks is no key; did you mean peaks?'),
        (POWER + 'hours = "7-20:10"', 'power "Effekt": hours: found "7-20:10"; allowed: a text such as "07-20"'),
        (POWER + "hours = 7", 'power "Effekt": hours: found 7; allowed: a text such as "07-20"'),
        (POWER + "months = [true]", 'power "Effekt": months: found [true]; allowed: a list of numbers from 1 to 12'),
        (POWER.replace("Effekt", "E" * 500) + "hours = 7", f'power "{"E" * 120}…": hours: found 7'),
        (POWER + 'hours = "20-20"', 'power "Effekt": hours: found "20-20"; allowed'),
        (POWER + 'hours = "24-06"', 'power "Effekt": hours: found "24-06"; allowed'),
        (POWER + 'days = "weekdays"', 'power "Effekt": days: found "weekdays"; allowed: "all", "mon-fri", "workdays"'),
        (POWER + 'months = "0-3"', 'power "Effekt": months: found "0-3"; allowed: a list of numbers from 1 to 12'),
        (POWER + "months = []", "months: found []; allowed"),
        (POWER + "minutes = 30", 'power "Effekt": minutes: found 30; allowed: 15 or 60'),
        (POWER + "peaks = 0", "peaks: found 0; allowed: greater than or equal to 1"),
        (POWER + "peaks = 1.5", "peaks: found 1.5; allowed: a"),
        (POWER + 'days_off = ["christmas"]', 'days_off: found ["christmas"]; allowed: "SE" or "NO"'),
        (POWER + 'one_per = "quarter"', 'power "Effekt": one_per "quarter" needs minutes = 15'),
        (POWER + "rolling = true\npeaks = 2", "rolling needs minutes = 60, and one_per"),
        (POWER + "rolling = true\nminutes = 15", "rolling needs minutes = 60, and one_per"),
        (POWER + 'billing = "steps"', 'billing = "steps" and steps belong together'),
        (POWER + 'billing = "steps"\nsteps = [{ from = 0, price = 1 }]', "with steps the steps have the prices"),
        ('[[power]]\nname = "E"\nbilling = "steps"\nsteps = [{ from = 2, price = 1 }]', "must begin at 0 and rise"),
        (POWER + "rates = [{ price = 3 }]", "give price or rates, not both"),
        ('[[power]]\nname = "E"', "give price, or price_by with one table, not both and not neither"),
        (POWER + "floor = 2.5", 'floor belongs to over = "mean of 12 months"'),
        (POWER + 'combine = "max"', "combine belongs to several tables component"),
        (POWER + 'peaks = 3\ncomponent = [{ name = "a" }]', "peaks stands beside tables component; put it into them"),
        (POWER + 'billing = "each"\npeaks = 3', 'billing = "each" bills every peak by itself; take peaks away'),
        (POWER + 'billing = "each"\ndeduct = 2\nfactor = 0.5', "take deduct, factor away"),
        (SPOT + 'spot_by = "month"', 'spot_by = "month" and month_prices belong together; give both, or neither'),
        (SPOT + 'month_prices = { "2026-10" = 0.5 }', "belong together"),
        (SPOT + 'spot_by = "month"\nmonth_prices = { "2026-13" = 0.5 }', 'allowed: a month such as "2026-10"'),
        (POWER + 'hours = "07-20"\nwindows = [{ months = [1] }]', "stand beside windows; put them into windows"),
        (POWER + "valid_from = 2027-01-01\nvalid_to = 2027-01-01", "valid_to 2027-01-01 is not after valid_from"),
        (POWER + 'valid_from = "2027-01-01"', "allowed: a day without quotes, such as 2027-01-01"),
        (POWER + "vat = true", "vat: found True; allowed: a number"),
        (POWER + "vat = 125", "vat: found 125; allowed: less than or equal to 100"),
        (POWER + POWER, 'two lines are called "Effekt" and valid at one time'),
        ('[[energy]]\nname = "E"', "give price, price_by or spot, or a list of rates, not both and not neither"),
        ('[[energy]]\nname = "E"\nprice = 1\nrates = [{ price = 1 }]', "not both and not neither"),
        ('[[energy]]\nname = "E"\nprice_by = { region = { north = 1 } }', NO_REGION),
        ('[[energy]]\nname = "E"\nprice_by = { a = { b = 1 }, c = { d = 1 } }', "or price_by with one table"),
        ('[[support]]\nname = "S"\nscheme = "both"\nthreshold = 1', 'scheme: found "both"; allowed: "stromstotte" or'),
        ('[[support]]\nname = "S"\nscheme = "stromstotte"', 'support "S": threshold is missing'),
        (
            '[[support]]\nname = "S"\nscheme = "stromstotte"\nthreshold = 1\n'
            '[[support]]\nname = "N"\nscheme = "norgespris"\nthreshold = 1\n',
            "Norgespris shuts strømstøtte out",
        ),
        ('[tariffs]\nname = "x"', "tariffs is no key; known are company, currency"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_one_line(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        tariff(text + "\n")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("test.toml: ")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("prices", 'prices is missing; give it: say whether the prices in it are "with VAT" or "without VAT"'),
        ("source", "source is missing; give it: say where the figures are from"),
        ("currency", "currency is missing; give it: three letters"),
    ],
)
def test_what_must_be_said_is_asked_for(key: str, words: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)):
        tariff(POWER, re.sub(rf"^{key} = .*\n", "", HEAD, flags=re.MULTILINE))


def test_days_off_must_be_named_where_the_zone_does_not_tell_them() -> None:
    head = HEAD + 'zone = "Europe/Helsinki"\n'
    with pytest.raises(ConfigError, match="which days are off"):
        power('price = 1\ndays = "workdays"', head)
    assert power('price = 1\ndays = "workdays"\ndays_off = ["12-06"]', head)


def test_a_number_with_decimals_stays_exact() -> None:
    (line,) = tariff('[[energy]]\nname = "E"\nprice = 0.1\n').energy
    assert str(line.rates[0].price.value) == "0.1"


def test_two_lines_of_one_name_may_follow_each_other() -> None:
    assert tariff(POWER + "valid_to = 2027-01-01\n" + POWER + "valid_from = 2027-01-01\n")
