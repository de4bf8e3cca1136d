"""Energy by interval of what the journal keeps: as a table, and up to now."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hanlogger.archive.energy import Form, write_energy
from hanlogger.archive.recent import Recent
from hanlogger.intervals import Period
from hanlogger.journal import Journal
from tests.support.web import frames_of, record

START = datetime(2026, 10, 3, 10, 50, tzinfo=UTC)
END = START + timedelta(hours=2)


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("energy") / "journal.sqlite3"
    times = [START + timedelta(minutes=number) for number in range(121)]
    record(path, "home", frames_of("p1-aidon", times))
    return path


@pytest.mark.parametrize(
    ("by", "starts"),
    [
        ("quarter", ["10:45", "11:00", "11:15", "11:30", "11:45", "12:00", "12:15", "12:30", "12:45"]),
        ("hour", ["10:00", "11:00", "12:00"]),
        ("day", ["00:00"]),
        ("month", ["00:00"]),
    ],
)
def test_a_table_of_all_that_is_kept_ends_with_the_period_of_the_last_telegram(
    journal: Path, by: Period, starts: list[str]
) -> None:
    text = io.StringIO()
    with Journal.open(journal, read_only=True) as opened:
        write_energy(opened, "home", None, None, Form(by, "UTC"), text)
    rows = list(csv.DictReader(io.StringIO(text.getvalue())))
    assert [row["start"][-5:] for row in rows] == starts
    assert {row["quality"] for row in rows} <= {"measured", "partial"}


@pytest.mark.parametrize(("since", "known"), [(START, None), (START - timedelta(minutes=1), START)])
def test_an_energy_is_known_since_the_first_telegram_or_from_the_beginning_on(
    journal: Path, since: datetime, known: datetime | None
) -> None:
    with Journal.open(journal, read_only=True) as opened:
        so_far = Recent(opened, {}).measure_since("home", since, END)
    assert so_far.since == known
    assert so_far.whole is (known is None)
