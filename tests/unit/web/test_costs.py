"""What a month costs: by the tariffs of the settings, with its peaks, and with what is not known said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hanlogger.costs import Contracts, NowCosts
from hanlogger.costs.months import read_no_prices
from hanlogger.journal import Journal
from hanlogger.status.costs import RunningState
from hanlogger.tariffs.spot import list_quarters
from hanlogger.web.costs import say_running
from hanlogger.web.language import PageSpeech
from tests.support.composefile import ROOT
from tests.support.tariffing import HEAD
from tests.support.web import Asked, frames_of, meter_state, record, serving, settings_of, state_of

SAY = PageSpeech("en", ZoneInfo("Europe/Stockholm"))
RULE = ROOT / "hanlogger" / "tariffs" / "examples" / "three-days.toml"


@pytest.fixture(scope="module")
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def tariff(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tariff") / "grid.toml"
    file.write_text(RULE.read_text("utf-8"), "utf-8")
    return file


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory, tariff: Path, now: datetime) -> Iterator[Asked]:
    journal = tmp_path_factory.mktemp("journal") / "journal.sqlite3"
    frames = frames_of("p1-aidon", [now - timedelta(minutes=number) for number in range(6 * 60, -1, -1)])
    record(journal, "home", frames)
    settings = settings_of(journal, "home", text=f'tariff = ["{tariff}"]')
    state = meter_state("home", frames[-1:])
    with Journal.open(journal, read_only=True) as opened:
        costs = NowCosts(opened, Contracts(settings.tariffs), {}, read_no_prices).compute(state, now)
    with serving(settings, state_of(replace(state, costs=costs))) as served:
        yield served


def cells(html: str, name: str) -> list[str]:
    """The cells of a row, without its heading, as plain numbers."""
    row = re.search(rf'<tr><th scope="row">{re.escape(name)}<br>.*?</tr>', html, re.DOTALL)
    assert row is not None, name
    texts = (re.sub(r"<br>.*|<[^>]*>", "", cell) for cell in re.findall(r"<td>(.*?)</td>", row[0], re.DOTALL))
    return [text.replace("\u00a0", "").rstrip("kWhSEKmontday").strip() for text in texts]


def test_each_line_of_the_bill_is_quantity_times_price(asked: Asked) -> None:
    html = asked.get("/costs?lang=en").text
    quantity, amount = map(float, cells(html, "Transfer"))
    assert quantity > 0
    assert amount == pytest.approx(0.25 * quantity, abs=0.02)
    assert float(cells(html, "Subscription")[1]) == 185


def test_the_peaks_of_a_fee_are_listed_with_the_hour_that_runs(asked: Asked) -> None:
    html = asked.get("/costs?lang=en").text
    assert "The peaks that count" in html
    assert "If the power stays as it is" in html
    assert "no energy is known" in html  # the beginning of the month is missing, and that is said


def test_the_page_is_there_only_where_a_tariff_is_set(asked: Asked, tmp_path: Path) -> None:
    assert "/costs" in asked.get("/").text
    with serving(settings_of(tmp_path / "journal.sqlite3", "home")) as without:
        assert "/costs" not in without.get("/").text
        answer = without.get("/costs")
        assert (answer.status, "No tariff is set" in answer.text) == (404, True)


def test_a_tariff_that_has_become_wrong_says_so_on_the_page_alone(asked: Asked, tariff: Path) -> None:
    right = tariff.read_text("utf-8")
    tariff.write_text("nonsense = 1", "utf-8")
    try:
        answer = asked.get("/costs")
        assert (answer.status, "grid.toml" in answer.text, asked.get("/").status) == (409, True, 200)
    finally:
        tariff.write_text(right, "utf-8")


def test_the_bill_is_told_in_swedish_too(asked: Asked) -> None:
    html = asked.get("/costs?lang=sv").text
    assert "Topparna som räknas" in html
    assert re.search(r"\d,\d\d\u00a0SEK", html)


@pytest.mark.parametrize(("least", "told"), [(2, "costs.allowed"), (4, "costs.too_much")])
def test_the_running_hour_says_what_it_may_still_be(least: int, told: str) -> None:
    now = datetime(2026, 6, 1, 12, tzinfo=UTC)
    numbers = Decimal(least), Decimal(least), Decimal(5), Decimal(3), Decimal(7), Decimal(0)
    hour = RunningState(now, now + timedelta(hours=1), *numbers)
    words = say_running(hour, SAY)
    expected = SAY(told, until="15:00", power=SAY.amount(7, "kW", 1)) if told.endswith("allowed") else SAY(told)
    assert words.endswith(expected)


def test_energy_by_the_spot_price_costs_what_the_journal_knows_of_it(tmp_path: Path, now: datetime) -> None:
    (tmp_path / "spot.toml").write_text(HEAD + '[[energy]]\nname = "Spot"\nspot = 1\n')
    path = tmp_path / "journal.sqlite3"
    frames = frames_of("p1-aidon", [now - timedelta(minutes=number) for number in range(6 * 60, -1, -1)])
    record(path, "home", frames)
    with Journal.open(path) as journal:
        known = list_quarters(now - timedelta(hours=7), now + timedelta(hours=1))
        journal.prices.merge("SE3", "SEK", dict.fromkeys(known, Decimal("0.40")), final=True)
    settings = settings_of(path, "home", text=f'tariff = ["{tmp_path / "spot.toml"}"]\n[price]\narea = "SE3"')
    with serving(settings, state_of(meter_state("home", frames[-1:]))) as served:
        quantity, amount = map(float, cells(served.get("/costs?lang=en").text, "Spot"))
    assert quantity > 0
    assert amount == pytest.approx(0.4 * 1.25 * quantity, abs=0.02)
