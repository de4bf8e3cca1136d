"""Did I lose anything? Any order of faults, against a model of what must be where.

What `append` returned for is in the database, refused, undecoded or still waiting; only what the database truly refuses
is refused; and the database holds nothing that was not recorded.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from hanlogger.deliver import Delivery, Pace, delivery, search
from hanlogger.errors import JournalUnavailable
from hanlogger.journal import Entry, Journal
from hanlogger.model import Frame, Meter
from tests.support.delivering import sent, to, until_served
from tests.support.journals import START
from tests.support.scripted_server import (
    HANG,
    NO_CONTENT,
    RESET,
    Misbehave,
    Reply,
    Request,
    influxdb_says,
    reset,
    scripted_server,
)
from tests.support.waiting import PATIENCE, until

QUICK = Pace(first=0.001, longest=0.01, slow=0.01, idle=0.02)
FAULTS: dict[str, Reply | Misbehave] = {
    "500": influxdb_says(500),
    "503": influxdb_says(503),
    "429": influxdb_says(429, **{"Retry-After": "0.02"}),
    "401": influxdb_says(401, "unauthorized access", "unauthorized"),
    "403": influxdb_says(403, "insufficient permissions for write", "forbidden"),
    "404": influxdb_says(404, 'bucket "home" not found', "not found"),
    "a proxy's 400": Reply(400, b"<html>"),
    "a proxy's 403": Reply(403),
    "a proxy's 413": Reply(413),
    "a proxy's 422": Reply(422, b'{"code":"invalid","message":"unable to parse"}'),
    "a proxy's 502": Reply(502),
    "a proxy": Reply(200, b"<html>"),
    "no answer": HANG,
    "reset": RESET,
}
MEASUREMENTS = ("active_energy", "voltage", "clock_offset")


def series(line: bytes) -> bytes:
    return line.partition(b",")[0]


class Database:
    """Stores by series and time; refuses the measurements in `poisoned`; before that gives the answers in `faults`."""

    def __init__(self) -> None:
        self.points: dict[tuple[bytes, bytes], bytes] = {}
        self.poisoned: set[bytes] = set()
        self.ever_poisoned: set[bytes] = set()
        self.faults: list[str] = []
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Reply | Misbehave:
        with self._lock:
            fault = self.faults.pop(0) if self.faults else ""
            if fault in FAULTS:
                return FAULTS[fault]
            return self._write(request.body.splitlines(), lost=fault == "204 lost")

    def _write(self, lines: list[bytes], *, lost: bool) -> Reply | Misbehave:
        good = [line for line in lines if series(line) not in self.poisoned]
        if len(good) < len(lines):
            return influxdb_says(422 if len(lines) % 2 else 400, "field type conflict", "invalid")
        for line in good:
            key, value, time = line.rsplit(b" ", 2)
            self.points[key, time] = value
        return Misbehave(reset) if lost else NO_CONTENT


class Lossless(RuleBasedStateMachine):
    """Drives a real journal and a real delivery, over real files and sockets."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.serving = scripted_server()
        self.database = Database()
        self.expected: dict[int, list[tuple[Entry, bytes]]] = {}
        self.recorded: list[Entry] = []
        self.undecodable = 0
        self.number = 0
        self.step = timedelta()
        self.tags: dict[str, str] = {}
        self.generation = 0

    @initialize()
    def begin(self) -> None:
        self.server = self.serving.__enter__()
        self.server.answer = self.database.answer
        self.open(self.folder / "journal0.sqlite3")

    def open(self, path: Path) -> None:
        self.journal = Journal.open(path)
        self.stop = threading.Event()
        destination = to(self.server, read_timeout=0.1)
        self.delivery = Delivery(self.journal, destination, {}, self.stop, "test", pace=QUICK)
        self.delivery.start()

    def leave(self) -> None:
        self.stop.set()
        self.delivery.join(PATIENCE)
        assert not self.delivery.is_alive()

    def append(self, entries: list[Entry]) -> bool:
        try:
            self.journal.records.append(entries)
        except JournalUnavailable:
            return False
        self.recorded += entries
        return True

    def entry(self, name: str) -> Entry:
        self.number += 1
        made = sent(self.number, Meter(name, clock="normal-time", clock_limit=None, tags=dict(self.tags)))
        frame = made.frame._replace(received_at=made.frame.received_at + self.step)
        return made._replace(frame=frame)

    @rule(
        name=st.sampled_from(["home", "cabin"]),
        number=st.integers(1, 12),
        faults=st.lists(st.sampled_from([*FAULTS, "204 lost", "204 lost"]), max_size=4),
    )
    def telegrams_come(self, name: str, number: int, faults: list[str]) -> None:
        """While the database has all kinds of trouble, or none."""
        self.database.faults += faults
        self.append([self.entry(name) for _ in range(number)])

    @rule()
    def a_frame_comes_that_cannot_be_decoded(self) -> None:
        frame = Frame("hdlc", b"\x7e\xa0", START + timedelta(seconds=self.number))
        try:
            self.journal.records.append([Entry(frame, Meter("home"))])
        except JournalUnavailable:
            return
        self.undecodable += 1

    @rule(seconds=st.sampled_from([-86_400, -1, 0, 1, 3600]))
    def the_clock_is_set(self, seconds: int) -> None:
        self.step = timedelta(seconds=seconds)

    @rule(flat=st.sampled_from(["", "12", "7 b"]))
    def a_setting_changes(self, flat: str) -> None:
        self.tags = {"flat": flat} if flat else {}

    @rule(measurement=st.sampled_from(MEASUREMENTS))
    def the_database_refuses_a_measurement(self, measurement: str) -> None:
        self.database.poisoned.add(measurement.encode())
        self.database.ever_poisoned.add(measurement.encode())

    @precondition(lambda self: self.database.poisoned)
    @rule()
    def what_was_refused_is_tried_again(self) -> None:
        self.database.poisoned.clear()
        self.journal.refused.retry()

    @rule()
    def the_disk_is_full_for_a_while(self) -> None:
        self.journal._database.write(lambda connection: connection.execute("PRAGMA max_page_count = 1").fetchall())
        while self.append([self.entry("home") for _ in range(5)]):
            pass
        self.journal._database.write(
            lambda connection: connection.execute("PRAGMA max_page_count = 1000000").fetchall()
        )

    @rule()
    def hanlogger_is_started_again(self) -> None:
        self.leave()
        self.journal.close()
        self.open(self.journal.path)

    @rule()
    def hanlogger_is_killed(self) -> None:
        """As on the disk at this moment: nothing is closed, no log goes into the file."""
        self.leave()
        self.generation += 1
        path = self.folder / f"journal{self.generation}.sqlite3"
        for suffix in ("", "-wal"):
            shutil.copy(f"{self.journal.path}{suffix}", f"{path}{suffix}")
        self.journal.close()
        self.open(path)

    @rule()
    def all_is_quiet_for_a_while(self) -> None:
        until(lambda: not self.database.faults or self.journal.destinations.count_waiting("influxdb").frames == 0)
        until_served(self.journal)
        self.check()

    def check(self) -> None:
        refused = [entry.refusal for entry in self.journal.refused.list_newest(limit=10**6)]
        assert all(refusal.line is not None for refusal in refused)
        lines = {refusal.line for refusal in refused if refusal.line is not None}
        assert {series(line) for line in lines} <= self.database.ever_poisoned
        refused_points = {(key, time) for key, _, time in (line.rsplit(b" ", 2) for line in lines)}
        expected = self.expected_points()
        stored = self.database.points
        assert expected.keys() <= stored.keys() | refused_points
        assert stored.keys() <= expected.keys()
        assert all(stored[key] == expected[key] for key in stored if not key[0].startswith(b"clock_offset"))
        assert len(self.journal.undecoded.list_newest(limit=10**6)) == self.undecodable

    def expected_points(self) -> dict[tuple[bytes, bytes], bytes]:
        """Written out here, not made by what is tested."""
        points = {}
        for entry in self.recorded:
            number = int(entry.frame.data.split(b"1-0:1.8.0(")[1][:12].replace(b".", b"")) - 1_000_000
            tags = b"".join(
                b",%s=%s" % (k.encode(), v.replace(" ", "\\ ").encode()) for k, v in entry.meter.tags.items()
            )
            name = entry.meter.name.encode()
            time = b"%d" % ((START.timestamp() + number) * 1000)
            energy = b"active_energy,direction=import%s,meter=%s,obis=1-0:1.8.0,phase=total" % (tags, name)
            points[energy, time] = b"value=%d" % (1_000_000 + number)
            points[b"voltage%s,meter=%s,obis=1-0:32.7.0,phase=L1" % (tags, name), time] = b"value=230.1"
            points[b"clock_offset%s,meter=%s" % (tags, name), time] = b""
        return points

    def teardown(self) -> None:
        if not hasattr(self, "journal"):
            return
        try:
            self.all_is_quiet_for_a_while()
        finally:
            self.leave()
            self.journal.close()
            self.serving.__exit__(None, None, None)
            shutil.rmtree(self.folder)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "JOURNAL_SECONDS", 0.02)
    monkeypatch.setattr(search, "BUDGET", 10**6)  # each line told: what is refused as a range is tested elsewhere


TestLossless = pytest.mark.usefixtures("impatient")(Lossless.TestCase)
Lossless.TestCase.settings = settings(
    max_examples=20,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    report_multiple_bugs=False,
)
