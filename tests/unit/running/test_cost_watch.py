"""The thread that works out costs: it tells them, announces what a new tariff changes, and outlives a wrong one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hanlogger.costs import Contracts, NowCosts
from hanlogger.costs.months import read_no_prices
from hanlogger.costs.names import from_texts
from hanlogger.journal import Journal
from hanlogger.model import Frame, Meter
from hanlogger.running.cost_watch import CostWatch
from tests.support.composefile import ROOT
from tests.support.waiting import until
from tests.support.web import frames_of, meter_state, record, state_of

RULE = (ROOT / "hanlogger" / "tariffs" / "examples" / "three-days.toml").read_text("utf-8")


@pytest.fixture
def frames() -> list[Frame]:
    now = datetime.now(UTC).replace(microsecond=0)
    return frames_of("p1-aidon", [now - timedelta(minutes=number) for number in range(90, -1, -1)])


@pytest.fixture
def journal(tmp_path: Path, frames: list[Frame]) -> Iterator[Journal]:
    record(tmp_path / "journal.sqlite3", "home", frames)
    (tmp_path / "grid.toml").write_text(RULE, "utf-8")
    with Journal.open(tmp_path / "journal.sqlite3") as opened:
        yield opened


@contextmanager
def watching(journal: Journal, folder: Path, frames: list[Frame]) -> Iterator[CostWatch]:
    stop = threading.Event()
    contracts = Contracts({"home": [folder / "grid.toml"]})
    costs = NowCosts(journal, contracts, {}, read_no_prices)
    watch = CostWatch(journal, contracts, costs, {"home": Meter("home")}, stop, every=0.02)
    watch.update(state_of(meter_state("home", frames[-1:])))
    watch.start()
    try:
        yield watch
    finally:
        stop.set()
        watch.join()


def announcements(journal: Journal) -> int:
    return sum(each.kind == "intervals" for each in journal.records.read_after(0, 10_000))


def test_costs_are_told_and_a_tariff_is_announced_once(tmp_path: Path, journal: Journal, frames: list[Frame]) -> None:
    before = announcements(journal)
    for _ in range(2):  # a logger that is started again with the same files announces nothing
        with watching(journal, tmp_path, frames) as watch:
            until(lambda: (watch.get("home") is not None and journal.learnt.get("tariff of home")) or None)
            assert watch.get("nobody") is None
    assert announcements(journal) == before + 1


def test_a_tariff_that_is_changed_has_everything_delivered_once_more(
    tmp_path: Path, journal: Journal, frames: list[Frame]
) -> None:
    with watching(journal, tmp_path, frames):
        until(lambda: journal.learnt.get("tariff of home") or None)
        once = announcements(journal)
        (tmp_path / "grid.toml").write_text(RULE.replace("peaks = 3", "peaks = 2"), "utf-8")
        until(lambda: announcements(journal) == once + 1)
        peaks = {name[-1] for name in from_texts(journal.learnt.get("tariff of home")).peaks}
    assert peaks == {"1", "2", "3"}  # also those that no rule counts any more, for their points


def test_a_tariff_that_becomes_wrong_is_told_and_one_that_is_right_again_counts(
    tmp_path: Path, journal: Journal, frames: list[Frame], caplog: pytest.LogCaptureFixture
) -> None:
    def words() -> str | None:
        found = watch.get("home")
        return found.words if found else None

    with watching(journal, tmp_path, frames) as watch:
        until(lambda: words() == "")
        (tmp_path / "grid.toml").write_text("nonsense = 1", "utf-8")
        until(lambda: "grid.toml" in (words() or ""))
        (tmp_path / "grid.toml").write_text(RULE, "utf-8")
        until(lambda: words() == "")
    assert sum("grid.toml" in record.getMessage() for record in caplog.records) == 1
