"""A signal stops a command at whatever moment it comes."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from hanlogger.journal import Journal
from tests.support.ports import bridge, telegram
from tests.support.waiting import PATIENCE, until

ROOT = Path(__file__).parents[2]
COMES = """
import os, signal, sys
from hanlogger.cli.shared.signals import stop_on
stop = stop_on()
with stop._cond:  # as in the middle of stop.wait()
    os.kill(os.getpid(), int(sys.argv[1]))
sys.exit(0 if stop.wait(10) else "the event is not set")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_middle_of_waiting_for_it_does_not_hang(number: signal.Signals) -> None:
    command = [sys.executable, "-c", COMES, str(int(number))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr


def test_other_signals_mean_what_they_always_mean() -> None:
    command = [sys.executable, "-c", COMES, str(int(signal.SIGALRM))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == -signal.SIGALRM


WHILE_LOADING = """
import os, signal, sys
class Finder:
    def find_spec(self, name, *_, loading=sys.argv[1]):
        if name == loading:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
sys.argv[1:] = ["decode", "/dev/null"]
from hanlogger.__main__ import main
main()
"""


@pytest.mark.parametrize(("loading", "status"), [("typer", -signal.SIGINT), ("hanlogger.framing", 130)])
def test_ctrl_c_while_the_program_is_loaded_prints_no_traceback(loading: str, status: int) -> None:
    heeded = "import signal; signal.signal(2, signal.default_int_handler)\n"  # also where a shell has it ignored
    command = [sys.executable, "-c", heeded + WHILE_LOADING, loading]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr.strip()) == (status, "")


def test_ctrl_c_that_a_shell_has_the_program_ignore_is_ignored_while_it_is_loaded() -> None:
    command = [sys.executable, "-c", f"import signal; signal.signal(2, signal.SIG_IGN)\n{WHILE_LOADING}", "typer"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert "error" in done.stdout  # nothing is in the file


def test_the_command_is_installed_as_the_program_that_loads_quietly() -> None:
    assert 'hanlogger = "hanlogger.__main__:main"' in (ROOT / "pyproject.toml").read_text()


WAITS_FOR_EVER = """
import hanlogger.journal.database as database
database.BUSY_SECONDS = 1e9
from hanlogger.__main__ import main
main()
"""


def test_a_stop_does_not_wait_for_a_process_that_holds_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    with bridge(lambda _: None) as line:
        command = [sys.executable, "-c", WAITS_FOR_EVER, "run", "--port", line.url, "--journal", str(path)]
        logger = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        until(lambda: line.connections)
        line.connections[0].sendall(telegram(0))
        with Journal.open(path, read_only=True) as journal:
            until(lambda: journal.records.get_last("home"))
        with closing(sqlite3.connect(path, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            line.connections[0].sendall(telegram(1))
            logger.send_signal(signal.SIGTERM)
            _, words = logger.communicate(timeout=PATIENCE)
    assert logger.returncode in (0, 1)
    assert "Traceback" not in words
