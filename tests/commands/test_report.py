"""`hanlogger report`, as a user calls it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.logger import call, command
from tests.support.web import frames_of, record


@pytest.fixture
def config(tmp_path: Path) -> Path:
    start = datetime(2026, 10, 3, tzinfo=UTC)
    times = [start + timedelta(minutes=15 * number) for number in range(200)]
    record(tmp_path / "journal.sqlite3", "home", frames_of("p1-aidon", times))
    file = tmp_path / "hanlogger.toml"
    file.write_text(
        f'journal = "{tmp_path / "journal.sqlite3"}"\n[[meter]]\nname = "home"\nport = "/dev/home"\n', "utf-8"
    )
    return file


def test_a_report_is_written_to_its_file(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "october.html"
    done = command(tmp_path, "report", "2026-10", "--html", str(file), "--language", "sv", "--config", str(config))
    assert done.returncode == 0, done.stderr
    assert "Oktober 2026" in file.read_text("utf-8")
    assert str(file) in done.stdout


@pytest.mark.parametrize(("lang", "title"), [("sv_SE.UTF-8", "Oktober 2026"), ("nb_NO.UTF-8", "October 2026")])
def test_a_report_is_in_the_language_of_the_locale(config: Path, tmp_path: Path, lang: str, title: str) -> None:
    file, environ = tmp_path / "october.html", {"LANG": lang, "LC_ALL": "", "LC_MESSAGES": ""}
    done = call(tmp_path, "report", "2026-10", "--html", str(file), "--config", str(config), environ=environ)
    assert done.returncode == 0, done.stderr
    assert title in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["October"], "for a year give --year"), (["26", "--year"], "a year such as 2026"), (["2026"], "--year")],
)
def test_a_wrong_period_says_what_is_allowed(config: Path, tmp_path: Path, arguments: list[str], told: str) -> None:
    done = call(tmp_path, "report", *arguments, "--html", str(tmp_path / "x.html"), "--config", str(config))
    assert done.returncode == 2
    assert told in done.stderr
    assert not (tmp_path / "x.html").exists()


def test_a_file_that_cannot_be_written_says_so(config: Path, tmp_path: Path) -> None:
    done = call(tmp_path, "report", "2026-10", "--html", str(tmp_path / "no" / "x.html"), "--config", str(config))
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
