"""What runs beside a logger, or within it, leaves it its locks on the journal, and so its write-ahead log."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import typer

from hanlogger.cli import app
from hanlogger.journal import Journal, check_location, get_holder, refuse_foreign
from hanlogger.status.lookup import look_up
from tests.support.journals import append
from tests.support.logger import Logger, command, environment, logger
from tests.support.ports import plugged_in, telegram
from tests.support.programs import ForkedCommand
from tests.support.waiting import PATIENCE, until

pytestmark = pytest.mark.skipif(not Path("/proc/locks").exists(), reason="no /proc/locks: not Linux")

CAPTURE = "capture.p1"
NOWHERE = {
    "HANLOGGER_INFLUXDB_URL": "http://127.0.0.1:9",
    "HANLOGGER_INFLUXDB_TOKEN": "t",
    "HANLOGGER_INFLUXDB_BUCKET": "b",
    "TERM": "xterm",
}
BESIDE: dict[str, tuple[tuple[str, ...], ...]] = {
    "run": (("run", "--port", "demo:"),),  # which is refused
    "status": (("status",), ("status", "--json")),
    "refused": (("refused",), ("refused", "--retry")),
    "decode": (("decode", CAPTURE), ("decode", "journal.sqlite3")),
    "detect": (("detect", "file:/dev/null", "--listen", "0.1"),),
    "doctor": (("doctor", "--wait", "0.1", "--listen", "0.1"), ("doctor", "--port", "file:/dev/null")),
    "capture": (("capture", "--from-journal", "new.txt"),),
    "replay": (("replay", CAPTURE, "--pty", "new-line"),),
    "simulate": (("simulate", "--seconds", "60", "--file", "-"),),
    "live": (("live",),),
    "export": (("export", "new.csv"), ("export", "new.capture")),
    "import": (("import", CAPTURE, "--meter", "other"), ("import", "journal.sqlite3", "--meter", "third")),
    "backfill": (("backfill",),),
    "forget": (("forget", "other", "--yes"),),
    "bill": (("bill", "2026-01"),),
    "report": (("report", "2026-01", "--html", "new-report.html"),),
    "price show": (("price", "show"),),
    "tariff show": (("tariff", "show"),),
    "tariff check": (("tariff", "check"),),
    "tariff examples": (("tariff", "examples"),),
    "tariff fetch": (("tariff", "fetch", "http://127.0.0.1:9"),),
    "conformance": (("conformance", CAPTURE), ("conformance", "journal.sqlite3")),
    "config check": (("config", "check"),),
    "config example": (("config", "example"),),
    "setup": (("setup", "--help"),),  # asks a database for long
    "credentials": (("credentials", "new-credentials"),),
    "grafana provision": (("grafana", "provision", "--directory", "new-grafana", "--password-file", CAPTURE),),
    "grafana rules": (("grafana", "rules"),),
    "service install": (("service", "install", "--print"),),
    "service uninstall": (("service", "uninstall", "--help"),),  # acts on the computer itself
}
"""Arguments of every command there is, as they come nearest to the journal."""

LASTING = ("live", "backfill", "replay")
"""End when they are told to."""


def locked(path: Path) -> set[int]:
    """The processes that have POSIX locks on the file."""
    inode = str(path.stat().st_ino)
    locks = (line.split() for line in Path("/proc/locks").read_text().splitlines() if "->" not in line)
    return {int(lock[4]) for lock in locks if lock[1] == "POSIX" and lock[5].split(":")[2] == inode}


def commands(group: typer.core.TyperGroup, before: str = "") -> Iterator[str]:
    context = typer.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, typer.core.TyperGroup):
            yield from commands(found, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def records(path: Path) -> dict[str, int]:
    """By meter."""
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT meter, count(*) FROM record WHERE kind = 0 GROUP BY meter").fetchall())


def until_counted(running: Logger, number: int) -> None:
    until(lambda: running.frames("home") == number, f"{number} are counted")


def beside(running: Logger, path: Path, *arguments: str) -> None:
    """A command to its end; one that lasts until it has the journal open, if it opens it."""
    screen, terminal = os.openpty() if arguments[0] == "live" else (None, None)
    environ = environment(running.folder, NOWHERE)
    process = ForkedCommand(arguments, running.folder, environ, stdin=terminal, stdout=terminal, stderr=terminal)
    try:
        if arguments[0] in LASTING:
            until(
                lambda: (
                    process.poll() is not None or process.pid in locked(path) or (running.folder / "new-line").exists()
                ),
            )
            process.terminate()
        process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()
        for number in (screen, terminal):
            if number is not None:
                os.close(number)


def test_every_command_is_tried_beside_a_logger() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    assert set(commands(group)) == set(BESIDE)


def test_whatever_runs_beside_a_logger_leaves_it_its_locks_and_every_telegram(tmp_path: Path) -> None:
    path, port, sent = tmp_path / "journal.sqlite3", tmp_path / "line", 0
    (tmp_path / CAPTURE).write_bytes(b"".join(telegram(number) for number in range(1000, 1020)))
    with plugged_in(port) as line, logger(tmp_path, "--port", str(port), environ=NOWHERE) as running:
        until(lambda: running.reads("home"))
        for name, calls in BESIDE.items():
            for arguments in calls:
                for _ in range(5):
                    line.send(telegram(sent))
                    sent += 1
                if name in LASTING:
                    beside(running, path, *arguments)
                else:
                    command(tmp_path, *arguments, environ=NOWHERE)
                assert running.process.pid in locked(path), name
                until_counted(running, sent)
        running.stop(signal.SIGKILL)
    assert path.with_name("journal.sqlite3-wal").stat().st_size > 0
    assert records(path) == {"home": sent}  # what was imported has been forgotten
    assert (tmp_path / "new.capture").exists()


def test_what_is_imported_beside_a_logger_outlasts_its_kill_and_its_stop(tmp_path: Path) -> None:
    path, port = tmp_path / "journal.sqlite3", tmp_path / "line"
    for number, end in enumerate((signal.SIGKILL, signal.SIGTERM), 1):
        (tmp_path / CAPTURE).write_bytes(b"".join(telegram(1000 * number + one) for one in range(50)))
        with plugged_in(port) as line, logger(tmp_path, "--port", str(port)) as running:
            until(lambda: running.reads("home"))
            line.send(telegram(number))
            until_counted(running, number)
            beside(running, path, "refused", "--retry")
            beside(running, path, "import", CAPTURE, "--meter", "other")
            running.stop(end)
        assert records(path) == {"home": number, "other": 50 * number}


def test_nothing_in_the_same_process_takes_the_locks_away(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    with Journal.open(path) as journal:
        append(journal, 3)
        for look in (
            lambda: Journal.open(path, read_only=True).close(),
            lambda: Journal.open(path, exclusive=False).close(),
            lambda: get_holder(path),
            lambda: look_up(path),
            lambda: check_location(path),
            lambda: refuse_foreign(path),
            lambda: journal.size,
            journal.records.count_frames,
            journal.space.keep_reserve,
            lambda: journal.retention.clean(timedelta(days=9999), 10**9, ["influxdb"]),
            lambda: journal.space.free(1000, ["influxdb"]),
        ):
            look()
            assert locked(path) == {os.getpid()}


@pytest.mark.parametrize("name", ["journal.sqlite3", "link", "./journal.sqlite3"])
def test_the_journal_itself_is_no_port(tmp_path: Path, name: str) -> None:
    """Closing it would take the locks away."""
    (tmp_path / "link").symlink_to("journal.sqlite3")
    Journal.open(tmp_path / "journal.sqlite3").close()
    done = command(tmp_path, "run", "--port", f"file:{name}")
    assert done.returncode == 2
    assert done.stderr.endswith("is the journal itself: hanlogger import takes in what another journal exports\n")
