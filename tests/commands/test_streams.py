"""Standard input and output that are closed, full or slow: one line that says so, and an exit status."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from hanlogger.journal import Entry, Journal
from hanlogger.model import Frame, Meter
from tests.support.journals import START, set_undecoded
from tests.support.logger import command, environment
from tests.support.ports import telegram
from tests.support.programs import COMMAND, ForkedCommand
from tests.support.waiting import PATIENCE

JOURNAL = "journal.sqlite3"
FULL = Path("/dev/full")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "one.p1").write_bytes(telegram(0))
    with Journal.open(tmp_path / JOURNAL) as journal:
        journal.records.append([Entry(Frame("p1", telegram(0).rstrip(), START), Meter("home"))])
        journal.destinations.confirm("influxdb", 1)
    return tmp_path


def shell(folder: Path, words: str) -> subprocess.CompletedProcess[str]:
    """Run `hanlogger` with these words of a shell's, redirections among them."""
    line = f"exec {' '.join(COMMAND)} {words}"
    return subprocess.run(
        ["sh", "-c", line],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize(
    "words",
    [
        "decode one.p1",
        "decode --table one.p1",
        "decode --lines one.p1",
        "export",
        "export --format capture",
        "status --json",
        "refused",
        "config example",
        "config check",
        "grafana rules",
        "capture file:one.p1 -",
        "capture --from-journal -",
        "doctor --port file:one.p1",
        "--help",
        "--version",
        "decode --help",
    ],
)
def test_a_full_standard_output_is_one_line_and_status_1(home: Path, words: str) -> None:
    if words == "refused":
        with Journal.open(home / JOURNAL) as journal:
            set_undecoded(journal, 1, "odd")
    with FULL.open("wb") as full, (home / "told").open("wb") as told:
        status = ForkedCommand((*words.split(),), home, environment(home), stdout=full, stderr=told).wait(PATIENCE)
    check_that_no_space_is_told(status, (home / "told").read_text())


def test_what_a_shell_redirects_to_a_full_disk_is_told_likewise(home: Path) -> None:
    done = shell(home, f"export >{FULL}")
    check_that_no_space_is_told(done.returncode, done.stderr)


def check_that_no_space_is_told(status: int, told: str) -> None:
    assert status == 1
    assert "hanlogger: the output cannot be written: No space left on device" in told.splitlines()
    assert "Traceback" not in told
    assert "Exception" not in told


def test_a_reader_that_leaves_is_no_error(home: Path) -> None:
    done = shell(home, "export | head -c 1")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("form", ["csv", "lines", "capture"])
def test_a_file_on_a_full_disk_is_one_line_and_status_1(home: Path, form: str) -> None:
    script = (
        "import builtins, pathlib, sys; from hanlogger.cli import app; import hanlogger.cli.shared.new_file as shared; "
        "shared.refuse_existing = lambda path: type('P', (), {'open': lambda *a, **k: open('/dev/full', 'w')})(); "
        f"sys.argv = ['hanlogger', 'export', 'new', '--format', '{form}']; app()"
    )
    done = subprocess.run(
        [COMMAND[0], "-c", script], cwd=home, env=environment(home), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (
        1,
        "hanlogger: new could not be written to its end: No space left on device\n",
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("decode - <&-", "standard input is closed"),
        ("run --port - <&-", "standard input cannot be read: it is closed"),
        ("forget home <&-", "There is no terminal to ask on"),
        ("export >&-", "standard output is closed: name a file"),
    ],
)
def test_a_closed_stream_is_one_line_and_status_2(home: Path, words: str, said: str) -> None:
    done = shell(home, words)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr


def test_a_file_without_a_telegram_is_said_and_status_1(tmp_path: Path) -> None:
    (tmp_path / "none").write_bytes(bytes(3000))
    done = command(tmp_path, "run", "--port", "file:none")
    assert done.returncode == 1
    assert "home: file:none: found no whole telegram; allowed: a capture, raw octets or hex text" in done.stderr
    assert "a damaged telegram" not in done.stderr


def test_hex_text_that_pauses_is_read_like_any_other(tmp_path: Path) -> None:
    text = telegram(0).hex().encode()
    with subprocess.Popen(
        [*COMMAND, "run", "--port", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(tmp_path)
    ) as process:
        assert process.stdin is not None
        os.write(process.stdin.fileno(), text[:201])
        time.sleep(3)
        _, said = process.communicate(text[201:], timeout=PATIENCE)
    assert process.returncode == 0, said
    with Journal.open(tmp_path / JOURNAL, read_only=True) as journal:
        assert [record.data for record in journal.records.read_frames()] == [telegram(0).rstrip()]
