"""Ten thousand telegrams as fast as a pseudo-terminal takes them, while the database is down: memory stays flat."""

from __future__ import annotations

import os
import threading
from collections import deque
from itertools import islice
from pathlib import Path

import pytest

from hanlogger.simulate import simulate_telegrams
from tests.support.logger import logger
from tests.support.ports import plugged_in
from tests.support.sending import EVERY, SOAK, START, recorded
from tests.support.waiting import PATIENCE, until

TELEGRAMS = 10_000 * (10 if SOAK else 1)
GROWTH = 16_000  # kB: the page caches of the journal's connections, and the one request that waits for the database
FLAT = 3_000  # kB in the second half
NOBODY = {"HANLOGGER_INFLUXDB_URL": "http://127.0.0.1:9", "HANLOGGER_INFLUXDB_TOKEN": "token"}


@pytest.mark.timeout(3600 if SOAK else 900)
def test_memory_stays_flat_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "line"
    sent = [octets for _, octets in islice(simulate_telegrams(1, START, every=EVERY), TELEGRAMS)]
    with plugged_in(path) as line, logger(tmp_path, "--port", str(path), environ=NOBODY, alone=True) as running:
        until(lambda: running.reads("home"), "the port is open")
        line.send(sent[0])
        until(lambda: running.frames("home") == 1 and running.state and running.state.destinations[0].answer)
        before = running.resident()
        flood = threading.Thread(target=deque, args=(map(line.send, sent[1:]), 0))
        flood.start()
        highest = {False: 0, True: 0}  # kB, in the first half and in the second
        while flood.is_alive():
            late = running.frames("home") > TELEGRAMS // 2
            highest[late] = max(highest[late], running.resident())
            flood.join(0.05)
        until(lambda: running.frames("home") == TELEGRAMS, "all are recorded")
        highest[True] = max(highest[True], running.resident())
        until(lambda: running.state and running.state.destinations[0].waiting == TELEGRAMS, "all of them wait")
        assert running.stop() == 0
    print(f"{before} kB before, {highest[False]} kB in the first half, {highest[True]} kB in the second")
    assert highest[True] < before + GROWTH
    assert highest[True] < highest[False] + FLAT
    assert recorded(tmp_path / "journal.sqlite3") == [octets.rstrip() for octets in sent]


def test_a_line_that_nobody_reads_is_no_test(tmp_path: Path) -> None:
    """A pseudo-terminal holds back who writes: nothing in this file can be lost before it was read."""
    with plugged_in(tmp_path / "line") as line:
        reader = os.open(line.path, os.O_RDONLY | os.O_NOCTTY)
        writer = threading.Thread(target=line.send, args=(bytes(100_000),), daemon=True)
        writer.start()
        got = 0
        while got < 100_000:
            got += len(os.read(reader, 65536))
        os.close(reader)
        writer.join(PATIENCE)
        assert got == 100_000
