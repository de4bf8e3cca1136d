"""`hanlogger bill`, as a user calls it, from a journal with real intervals."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hanlogger.cli import app
from hanlogger.intervals.levels import Level
from hanlogger.journal import Journal
from hanlogger.journal.model import EXPORT, IMPORT, to_ms
from hanlogger.model import Meter
from hanlogger.tariffs.spot import find_beginning
from tests.support.tariffing import HEAD, at, every

QUARTER = timedelta(minutes=15)
RULE = (
    HEAD
    + '[[fixed]]\nname = "Fee"\nprice = 185\n[[energy]]\nname = "Transfer"\nprice = 0.25\n'
    + '[[power]]\nname = "Power"\nprice = 45\npeaks = 3\none_per = "day"\n'
)
PEAKS = {"2026-02-03 17": 9, "2026-02-10 08": 7, "2026-02-20 18": 8}  # kWh of an hour; 1 kWh in all others


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder with a month in a journal, a tariff and settings."""
    with Journal.open(tmp_path / "journal.sqlite3") as journal:
        journal.intervals.merge([(Meter("home"), {IMPORT: list(levels(PEAKS)), EXPORT: []})])
    (tmp_path / "grid.toml").write_text(RULE)
    (tmp_path / "hanlogger.toml").write_text(
        'journal = "journal.sqlite3"\ntariff = "grid.toml"\n[[meter]]\nname = "home"\nport = "/dev/null"\n'
    )
    return tmp_path


def levels(peaks: Mapping[str, int]) -> list[Level]:
    register, found = 1_000_000, []
    for start in every(QUARTER, at("2026-02-01"), at("2026-03-01") + QUARTER):
        found.append(Level(to_ms(start), Decimal(register)))
        register += 250 * peaks.get(f"{start + timedelta(hours=1):%Y-%m-%d %H}", 1)
    return found


def bill(house: Path, *arguments: str, **environ: str) -> Result:
    environment = {"COLUMNS": "120", "NO_COLOR": "1", "LANG": "C", "LC_ALL": "", "LC_MESSAGES": "", **environ}
    command = ["bill", *arguments, "--config", str(house / "hanlogger.toml")]
    return CliRunner().invoke(app, command, env=environment, catch_exceptions=False)


def test_a_month_is_billed_line_by_line(house: Path) -> None:
    said = bill(house, "2026-02")
    assert said.exit_code == 0
    lines = said.stdout.splitlines()
    assert lines[0] == "home, 2026-02, SEK with VAT"
    assert lines[1].split() == ["Fee", "1", "month", "×", "185", "185.00"]
    assert lines[3].split() == ["Transfer", "693", "kWh", "×", "0.25", "173.25"]
    assert lines[5].split() == ["Power", "8", "kW", "×", "45", "360.00"]
    assert lines[6].strip() == "mean of 9 (2026-02-03 17:00), 8 (2026-02-20 18:00), 7 (2026-02-10 08:00)"
    assert lines[7].split() == ["Total", "718.25"]


def test_it_is_said_in_swedish_too(house: Path) -> None:
    said = bill(house, "2026-02", "--language", "sv").stdout
    assert said.startswith("home, 2026-02, SEK med moms\n")
    assert "medel av 9 (2026-02-03 17:00), 8" in said
    assert "693 kWh × 0,25" in said
    assert bill(house, "2026-02", LC_MESSAGES="sv_SE.UTF-8").stdout == said


def test_a_month_without_energy_says_so(house: Path) -> None:
    said = bill(house, "2026-01").stdout
    assert "0.00 of the energy that is known" in said
    assert "no energy is known from 2025-12-31 23:00 to 2026-01-31 23:00 UTC" in said


def test_it_can_be_csv_json_or_a_page(house: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(bill(house, "2026-02", "--format", "csv").stdout)))
    assert [(row["line"], row["amount"]) for row in rows] == [
        ("Fee", "185.00"),
        ("Transfer", "173.25"),
        ("Power", "360.00"),
        ("total", "718.25"),
    ]
    tree = json.loads(bill(house, "2026-02", "--format", "json").stdout)
    assert (tree["total"], tree["quality"], tree["lines"][2]["quantity"]) == ("718.25", "measured", "8")
    page = bill(house, "2026-02", "--format", "html").stdout
    assert page.startswith("<!doctype html>")
    assert "<td>Power</td>" in page


def test_an_invoice_agrees_or_the_line_that_does_not_is_named(house: Path) -> None:
    invoice = house / "invoice.toml"
    text = 'month = "2026-02"\ntotal = 718.25\n'
    for name, amount in (("Fee", "185"), ("Transfer", "173.25"), ("Power", "360")):
        text += f'[[line]]\nname = "{name}"\namount = {amount}\n'
    invoice.write_text(text)
    right = bill(house, "2026-02", "--against", str(invoice))
    assert right.exit_code == 0
    assert right.stdout.endswith("Invoice: total: agrees\n")
    invoice.write_text(text.replace("amount = 360", "amount = 405").replace("718.25", "763.25"))
    wrong = bill(house, "2026-02", "--against", str(invoice))
    assert wrong.exit_code == 1
    assert "Invoice: Power: differs (bill 360.00, invoice 405, +45.00)\n" in wrong.stdout
    tree = json.loads(bill(house, "2026-02", "--against", str(invoice), "--format", "json").stdout)
    assert tree["agrees"] is False
    assert [each["verdict"] for each in tree["invoice"]] == ["agrees", "agrees", "differs", "differs"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["2026-13"], 'found "2026-13"; allowed: a month such as "2026-10"'),
        (["2026-02", "--against", "nowhere.toml"], "nowhere.toml: cannot be read (No such file or directory)"),
        (["2026-02", "--meter", "barn"], "barn"),
    ],
)
def test_what_is_wrong_ends_with_one_line(house: Path, arguments: list[str], words: str) -> None:
    said = bill(house, *arguments)
    assert said.exit_code == 2
    assert words in said.stderr
    assert said.stderr.count("\n") == 1


def test_a_meter_without_a_tariff_is_told(house: Path) -> None:
    (house / "hanlogger.toml").write_text('journal = "journal.sqlite3"\n')
    said = bill(house, "2026-02")
    assert said.exit_code == 2
    assert 'meter home has no tariff: give tariff = "FILE" in hanlogger.toml' in said.stderr


def test_a_running_month_is_billed_up_to_the_last_interval(house: Path) -> None:
    now = datetime.now(UTC)
    if now.day == 1:
        pytest.skip("the month has only begun")
    last = find_beginning(now, 15) - QUARTER
    with Journal.open(house / "journal.sqlite3") as journal:
        register = [Level(to_ms(last - number * QUARTER), Decimal(9000 - number * 250)) for number in range(5)]
        journal.intervals.merge([(Meter("home"), {IMPORT: register, EXPORT: []})])
    said = bill(house, f"{now:%Y-%m}").stdout
    assert f"so far, up to {last:%Y-%m-%d %H:%M} UTC" in said.splitlines()[0]


def test_energy_by_the_spot_price_costs_what_the_journal_knows_of_it(house: Path) -> None:
    (house / "grid.toml").write_text(HEAD + '[[energy]]\nname = "Spot"\nspot = 1\n')
    with (house / "hanlogger.toml").open("a") as file:
        file.write('[price]\narea = "SE3"\n')
    month = list(every(QUARTER, at("2026-02-01"), at("2026-03-01")))
    assert "unknown" in bill(house, "2026-02").stdout
    with Journal.open(house / "journal.sqlite3") as journal:
        journal.prices.merge("SE3", "SEK", dict.fromkeys(month[1:], Decimal("0.40")), final=True)
    assert "unknown" in bill(house, "2026-02").stdout  # of one quarter no price is known
    with Journal.open(house / "journal.sqlite3") as journal:
        journal.prices.merge("SE3", "SEK", {month[0]: Decimal("0.40")}, final=True)
    assert bill(house, "2026-02").stdout.splitlines()[-1].split() == ["Total", "346.50"]  # 693 kWh × 0.40 × 1.25


def test_a_seller_that_bills_the_months_own_price_is_unknown_until_it_is_told(house: Path) -> None:
    line = '[[energy]]\nname = "Spot"\nspot = 1\nprice = 0.05\nspot_by = "month"\n'
    rule = f'{HEAD}{line}month_prices = {{{{ "{{}}" = 0.40 }}}}\n'
    (house / "grid.toml").write_text(rule.format("2026-01"))
    assert bill(house, "2026-02").stdout.splitlines()[-1].split()[1:] == ["unknown,", "0.00", "of", "it", "known"]
    (house / "grid.toml").write_text(rule.format("2026-02"))
    assert bill(house, "2026-02").stdout.splitlines()[-1].split() == ["Total", "381.15"]  # 693 × (0.40 × 1.25 + 0.05)
