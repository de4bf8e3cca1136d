"""`hanlogger run` as a process whose journal cannot grow: what it says, and with which status it ends."""

from __future__ import annotations

import resource
from pathlib import Path

from tests.logger import Logger, logger
from tests.ports import plugged_in, telegram
from tests.waiting import until

ROOM_FOR_THE_STATE = 32 * 1024  # octets: less than the write-ahead log has


def fill(running: Logger) -> None:
    """No file of the process may grow beyond that; a write that would is refused by the kernel."""
    _, hard = resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (ROOM_FOR_THE_STATE, hard))


def held(running: Logger) -> int:
    return running.state.journal.held if running.state else 0


def test_telegrams_that_the_disk_never_took_are_told_at_the_end_and_by_the_status(tmp_path: Path) -> None:
    path = tmp_path / "line"
    with plugged_in(path) as line, logger(tmp_path, "--port", str(path)) as running:
        until(lambda: running.state and running.state.meters[0].state == "open")
        for number in range(12):
            line.send(telegram(number))
        until(lambda: running.frames("home") == 12)
        fill(running)
        for number in range(12, 15):
            line.send(telegram(number))
        until(lambda: held(running) == 3)
        assert running.stop() == 1
        last = running.log.splitlines()[-1]
        assert last.startswith("hanlogger: has ended; 3 telegrams are lost: ")
        assert "everything is in" not in running.log
