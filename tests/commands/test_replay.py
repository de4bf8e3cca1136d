"""`hanlogger replay`; and the way round: simulated, captured and replayed, the same points come out of `run`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hanlogger.cli import app
from hanlogger.journal import Journal, Record
from hanlogger.simulate import DIALECTS
from tests.support.logger import command, environment, logger, playing
from tests.support.waiting import PATIENCE, until


def run(*arguments: str) -> tuple[int, str]:
    """In this process, for what ends before anything is played."""
    done = CliRunner().invoke(app, ["replay", *arguments])
    return done.exit_code, done.stderr


def simulated(folder: Path, *arguments: str) -> Path:
    done = command(folder, "simulate", *arguments, "--file", "house.capture")
    assert done.returncode == 0, done.stderr
    return folder / "house.capture"


def exported(folder: Path, environ: dict[str, str]) -> list[str]:
    """The points that are delivered, those left out that tell when a replay was."""
    done = CliRunner().invoke(app, ["export", "--format", "lines"], env=environment(folder, environ))
    assert done.exit_code == 0, done.stderr
    assert len(done.stdout.splitlines()) > 100
    return [line for line in done.stdout.splitlines() if not line.startswith("clock_offset")]


def settings(dialect: str) -> dict[str, str]:
    key = DIALECTS[dialect].key
    keys = {"HANLOGGER_KEYS": ":".join(part.hex() for part in key if part)} if key else {}
    return {"HANLOGGER_PORT": "/dev/none", "HANLOGGER_CLOCK_LIMIT": "off", "HANLOGGER_METER": "home", **keys}


@pytest.mark.parametrize("dialect", ["kaifa-se", "luxembourg"])
def test_what_was_simulated_captured_and_replayed_gives_the_same_points(dialect: str, tmp_path: Path) -> None:
    """From the file itself; and over a serial line in small pieces, captured there, and read from that capture."""
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    for folder in (first, second, third):
        folder.mkdir()
    start = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    capture = simulated(tmp_path, dialect, "--seconds", "120", "--start", start, "--fault", "cut-reads")
    environ = settings(dialect)
    assert command(first, "run", "--port", f"file:{capture}", environ=environ).returncode == 0
    with (
        playing("replay", tmp_path, str(capture), "--speed", "0", "--pty", "meter") as (process, port),
        logger(second, "--port", str(tmp_path / port), "--serial", "115200 8N1", environ=environ) as running,
    ):
        until(lambda: running.frames("home") >= len(frames(first)), "all telegrams")
        assert process.wait(PATIENCE) == 0
    assert [frame.data for frame in frames(second)] == [frame.data for frame in frames(first)]
    assert exported(second, environ) == exported(first, environ)
    done = command(second, "capture", "--from-journal", str(third / "again.capture"))
    assert done.returncode == 0, done.stderr
    assert command(third, "run", "--port", "file:again.capture", environ=environ).returncode == 0
    assert exported(third, environ) == exported(first, environ)


def frames(folder: Path) -> list[Record]:
    with Journal.open(folder / "journal.sqlite3", read_only=True) as journal:
        return list(journal.records.read_frames())


def test_clocks_moved_to_now_are_taken_for_right_by_a_logger(tmp_path: Path) -> None:
    capture = simulated(tmp_path, "p1-sagemcom", "--seconds", "60", "--start", "2026-01-31T12:00Z")
    with (
        playing("replay", tmp_path, str(capture), "--now", "--speed", "20", "--tcp", "127.0.0.1:0") as (process, port),
        logger(tmp_path, "--port", port) as running,
    ):
        until(lambda: running.frames("home") == 6, "all telegrams")
        meter = running.state.meters[0] if running.state else None
        assert process.wait(PATIENCE) == 0
    assert meter is not None
    assert meter.clock_offset is not None
    assert abs(meter.clock_offset) < 5
    said = (tmp_path / "said").read_text()
    assert "the clocks of 6 messages are moved to now\n" in said
    assert "played 4 kB\n" in said


def test_what_is_not_moved_is_said(tmp_path: Path) -> None:
    capture = simulated(tmp_path, "austria", "--seconds", "12", "--start", "2026-01-01T12:00Z")
    with playing("replay", tmp_path, str(capture), "--now", "--speed", "100", "--tcp", "127.0.0.1:0") as (
        process,
        port,
    ):
        done = command(tmp_path, "capture", port, "file", "--seconds", "0.5")
        assert done.returncode == 0
        assert process.wait(PATIENCE) == 0
    assert "3 keep theirs: they are enciphered, or cannot be decoded" in (tmp_path / "said").read_text()


def test_a_logger_that_reads_a_damaged_capture_records_what_is_whole_and_fails(tmp_path: Path) -> None:
    capture = simulated(tmp_path, "p1-sagemcom", "--seconds", "30", "--start", "2026-01-01T12:00Z")
    text = capture.read_text()
    capture.write_text(text[: text.rindex("!")])
    done = command(tmp_path, "run", "--port", f"file:{capture}")
    assert done.returncode == 1
    assert "the capture was cut off within this read" in done.stderr
    assert len(frames(tmp_path)) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none"], "none cannot be read: No such file"),
        (["file", "--now", "--speed", "0"], "--now cannot be reached as fast as possible: give a --speed above 0"),
        (["file", "--tcp", "nonsense"], "--tcp nonsense: found no address; allowed: HOST:PORT"),
        (["file", "--pty", "file"], "file cannot name the pseudo-terminal: File exists; give another name"),
        (["empty"], "empty has no octets in it: nothing can be played"),
        (["damaged"], "damaged, line 2: the capture was cut off within this read"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_bytes(b"octets")
    Path("empty").touch()
    Path("damaged").write_text("# hanlogger capture 1\n@2026-01-14T14:04:10Z 4 text abc\n")
    status, error = run(*arguments)
    assert status == 2
    (line,) = [line for line in error.splitlines() if line.strip()]
    assert words in line
