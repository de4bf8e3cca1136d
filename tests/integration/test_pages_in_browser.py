"""The pages in a real Chromium: for everybody, at every width, in light and dark, and live."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from hanlogger.status.state import RegisterState
from tests.support.browser import browser, fetch_axe, find_violations, shape
from tests.support.composefile import ROOT
from tests.support.waiting import until
from tests.support.web import Asked, frames_of, meter_state, record, serving, settings_of, state_of

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # selenium's own connection to the driver
    pytest.mark.xdist_group("browser"),  # one browser for all
]
TARIFF = ROOT / "hanlogger" / "tariffs" / "examples" / "three-days.toml"
PAGES = ("", "?hours=24", "energy", "costs", "health", "nothing")


@pytest.fixture(scope="module")
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory, now: datetime) -> Iterator[Asked]:
    journal = tmp_path_factory.mktemp("journal") / "journal.sqlite3"
    frames = frames_of("p1-aidon", [now - timedelta(minutes=number) for number in range(26 * 60, -1, -1)])
    record(journal, "home", frames)
    with serving(
        settings_of(journal, "home", text=f'tariff = ["{TARIFF}"]'), state_of(meter_state("home", frames[-1:]))
    ) as served:
        yield served


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    return fetch_axe(tmp_path_factory.mktemp("axe"))


@pytest.fixture(scope="module")
def opened() -> Iterator[webdriver.Chrome]:
    with browser() as window:
        yield window


@pytest.fixture
def window(opened: webdriver.Chrome) -> webdriver.Chrome:
    """The window of all tests, in the light."""
    shape(opened)
    return opened


def explain(violations: list[dict[str, Any]]) -> list[str]:
    return [f"{one['id']}: {node['html'][:120]}" for one in violations for node in one["nodes"]]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nobody_is_kept_out_of_a_page(asked: Asked, axe: str, dark: bool) -> None:
    with browser("sv") as swedish:
        shape(swedish, dark=dark)
        for page in PAGES:
            swedish.get(asked.pages.address + page)
            assert explain(find_violations(swedish, axe)) == [], page


@pytest.mark.parametrize("width", [390, 1440, 3840])
def test_a_page_fits_its_window(asked: Asked, window: webdriver.Chrome, width: int) -> None:
    shape(window, width)
    for page in PAGES:
        window.get(asked.pages.address + page)
        assert window.execute_script("return document.documentElement.scrollWidth") <= width, page


def test_the_browser_refuses_nothing_of_a_page(asked: Asked, window: webdriver.Chrome) -> None:
    window.get_log("browser")  # type: ignore[no-untyped-call]  # of other tests
    for page in PAGES[:-1]:
        window.get(asked.pages.address + page)
        told = window.get_log("browser")  # type: ignore[no-untyped-call]
        assert [one["message"] for one in told] == [], page


def test_a_new_telegram_shows_without_the_page_being_loaded_anew(
    asked: Asked, window: webdriver.Chrome, now: datetime
) -> None:
    window.get(asked.pages.address)
    window.execute_script("document.querySelector('details').open = true; window.mine = 1")
    registers = meter_state("home", frames_of("p1-aidon", [now])).registers
    changed = {code: RegisterState("123456", "W", now) for code in ("1-0:1.7.0", "1-0:16.7.0")}
    asked.pages.publish(state_of(meter_state("home", last=datetime.now(UTC), registers={**registers, **changed})))
    until(lambda: "123" in window.find_element(By.CSS_SELECTOR, ".figure").text, "the new power is shown")
    assert window.execute_script("return window.mine && document.querySelector('details').open")


def test_a_page_says_when_hanlogger_is_gone(tmp_path: Path, window: webdriver.Chrome, now: datetime) -> None:
    frames = frames_of("p1-aidon", [now])
    with serving(settings_of(tmp_path / "j.sqlite3", "home"), state_of(meter_state("home", frames))) as served:
        window.get(served.pages.address)
        assert not window.find_element(By.ID, "lost").is_displayed()
    until(lambda: window.find_element(By.ID, "lost").is_displayed(), "the page says that it is not live")


def test_the_keyboard_leads_first_to_the_contents(asked: Asked, window: webdriver.Chrome) -> None:
    window.get(asked.pages.address)
    window.switch_to.active_element.send_keys(Keys.TAB)
    skip = window.switch_to.active_element
    assert skip.get_attribute("class") == "skip"
    skip.send_keys(Keys.ENTER)
    until(lambda: window.execute_script("return document.activeElement.id") == "contents", "the contents")
