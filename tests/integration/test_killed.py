"""The real program is killed at random moments while a meter sends that repeats nothing, and the database too.

What must not be missing: a telegram that stood in the journal for another process to see before the kill. SQLite shows
a transaction to others when it is on the disk and not before, so these are the telegrams that `append` returned for.
"""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from hanlogger.errors import JournalUnavailable
from hanlogger.journal import Journal
from tests.support.logger import logger, start
from tests.support.ports import bridge
from tests.support.sending import SOAK, Meter, delivered, expected, recorded, stored, to
from tests.support.servers import Bucket, OwnInfluxdb
from tests.support.waiting import until

KILLS = SOAK or 5
LONGEST = 1.5  # seconds that the program lives from its first telegram on, however long it took to start
SEED = 1

Moment = tuple[float, Callable[[], None]]
"""Seconds after the first telegram, and what is done then."""


def seen(path: Path) -> int:
    """How many telegrams another process sees now."""
    try:
        with Journal.open(path, read_only=True) as journal:
            return journal.newest
    except JournalUnavailable:
        return 0


def new(journal: Journal, after: int) -> list[int]:
    return [record.id for record in journal.records.read_after(after, 1000)]


def live(folder: Path, port: str, meter: Meter, environ: dict[str, str], moments: list[Moment]) -> int:
    """Let the program run, do at each moment what is to be done, and kill it at the last; what was seen just before."""
    before = len(meter.sent)
    process = start(folder, "--port", port, environ=environ)
    try:
        until(lambda: len(meter.sent) > before, "the first telegram")
        began = time.monotonic()
        for at, do in sorted(moments, key=lambda moment: moment[0]):
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, began + at - time.monotonic()))
                pytest.fail(f"it ended by itself: {(folder / 'log').read_text()[-2000:]}")
            do()
        return seen(folder / "journal.sqlite3")
    finally:
        process.kill()
        process.wait()


@pytest.mark.timeout(900 + 10 * KILLS)
def test_nothing_that_was_recorded_is_missing_and_nothing_is_wrong_after_kills_at_any_moment(
    own_influxdb: OwnInfluxdb, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    print(f"seed {SEED}, {KILLS} kills")
    token, path, meter = tmp_path / "token", tmp_path / "journal.sqlite3", Meter(pause=0.02)
    token.write_text(own_influxdb.admin_token)
    token.chmod(0o600)
    environ = to(own_influxdb.url, token, path)
    with bridge(meter.serve) as port:
        for kill in range(KILLS):
            before = seen(path)
            moments: list[Moment] = [(chance.uniform(0, LONGEST), lambda: None)]
            if kill % 2:
                moments = [(chance.uniform(0, LONGEST), own_influxdb.kill), (LONGEST, lambda: None)]
            promised = live(tmp_path, port.url, meter, environ, moments)
            assert promised >= before, f"kill {kill}: {before} were there before it"
            assert seen(path) >= promised, f"kill {kill}"
            if kill % 2:
                own_influxdb.start()
        with logger(tmp_path, "--port", port.url, environ=environ) as running:
            until(lambda: running.frames("home") > promised + 10)
            meter.silent.set()
            until(lambda: recorded(path)[-1] == meter.sent[-1], "the last one is recorded")
            until(lambda: delivered(path, running), "all is delivered")
            assert running.stop() == 0
    check(path, meter, Bucket(own_influxdb, "hanlogger", ""))


def check(path: Path, meter: Meter, bucket: Bucket) -> None:
    kept = recorded(path)
    assert len(kept) == len(set(kept)) > 10 * KILLS
    assert set(kept) <= set(meter.sent)
    assert stored(bucket) == expected(kept)
    with Journal.open(path, read_only=True) as journal:
        assert journal.refused.list_newest() == []
        assert journal.undecoded.list_newest() == []
        assert "dropped" not in journal.counters.get_all()["home"]


def test_a_kill_takes_back_no_telegram_that_others_have_seen(tmp_path: Path) -> None:
    """Looked at all the time, to the last millisecond before the kill, without any database."""
    path, meter = tmp_path / "journal.sqlite3", Meter(pause=0.001)
    with bridge(meter.serve) as port:
        for number in range(2 if not SOAK else SOAK // 10 + 2):
            with logger(tmp_path, "--port", port.url) as running, Journal.open(path, read_only=True) as journal:
                first = journal.newest
                newest = until(partial(new, journal, first))
                deadline = time.monotonic() + 0.5 + number / 100
                while time.monotonic() < deadline:
                    newest += new(journal, newest[-1])
                running.process.kill()
                running.process.wait()
            with Journal.open(path, read_only=True) as journal:
                assert journal.newest >= newest[-1] > first
