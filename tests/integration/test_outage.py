"""All is killed while 20 meters send: afterwards each telegram recorded is in the database, each register of it."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from hanlogger.decoding import decode
from hanlogger.journal import Journal, make_frame
from hanlogger.simulate import simulate_telegrams
from tests.support.points import points
from tests.support.servers import Bucket, OwnInfluxdb
from tests.support.waiting import PATIENCE, until

METERS = [f"flat{number}" for number in range(20)]
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TELEGRAMS = 40  # of each meter

Sent = tuple[str, str]  # meter, octets in hex


class Logger:
    """The process that records and delivers; it knows what it has promised."""

    def __init__(self, *arguments: object) -> None:
        command = [sys.executable, "-m", "tests.support.logger_process", *map(str, arguments)]
        folder = Path(__file__).parents[2]
        self._process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._sent: list[Sent] = []
        self._promised = 0
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def promised(self) -> list[Sent]:
        return self._sent[: self._promised]

    def send(self, second: list[tuple[str, datetime, bytes]]) -> None:
        """A telegram of each meter."""
        assert self._process.stdin is not None
        self._sent += [(meter, octets.hex()) for meter, _, octets in second]
        lines = (f"{meter} {time.isoformat()} {octets.hex()}\n" for meter, time, octets in second)
        self._process.stdin.write("".join(lines).encode())
        self._process.stdin.flush()

    def until_recorded(self) -> None:
        until(lambda: self._promised == len(self._sent), "all that was sent is recorded")

    def kill(self) -> None:
        self._process.kill()
        self._end()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._end()
        assert self._process.returncode == 0

    def _end(self) -> None:
        self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith(b"\n"):
                self._promised = int(line)


def seconds() -> Iterator[list[tuple[str, datetime, bytes]]]:
    """What all meters send in one second after the other."""
    houses = [simulate_telegrams(seed, START, every=SECOND) for seed, _ in enumerate(METERS)]
    for each in islice(zip(*houses, strict=True), TELEGRAMS):
        yield [(meter, time, octets) for meter, (time, octets) in zip(METERS, each, strict=True)]


def test_nothing_recorded_is_missing_after_all_has_been_killed(own_influxdb: OwnInfluxdb, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(own_influxdb.admin_token)
    bucket = Bucket(own_influxdb, "hanlogger", "")
    path = tmp_path / "journal.sqlite3"
    arguments = (path, own_influxdb.url, token)
    logger = Logger(*arguments)
    promised: list[Sent] = []
    for number, second in enumerate(seconds()):
        logger.send(second)
        if number == 5:
            until(lambda: bucket.count("voltage") > 0, "delivery has begun")
            own_influxdb.stop()
        if number == 10:
            own_influxdb.start()
        if number == 15:
            own_influxdb.kill()
        if number == 20:
            logger.until_recorded()
            own_influxdb.start()
        if number in (12, 21, 22, 30, 36):
            logger.kill()
            promised += logger.promised
            logger = Logger(*arguments)
    logger.until_recorded()
    with Journal.open(path, read_only=True) as journal:
        until(
            lambda: journal.destinations.get_cursor("influxdb") == len(list(journal.records.read_frames())),
            "all is delivered",
        )
    logger.close()
    promised += logger.promised
    assert len(promised) >= len(METERS) * TELEGRAMS // 2
    check(path, promised, bucket)


def check(path: Path, promised: list[Sent], bucket: Bucket) -> None:
    """What was promised is in the journal, and what is in the journal is in the database, and nothing else."""
    with Journal.open(path, read_only=True) as journal:
        records = list(journal.records.read_frames())
        assert journal.refused.list_newest() == []
        assert journal.undecoded.list_newest() == []
    kept = {(record.meter.name, record.data.hex()) for record in records}
    assert set(promised) <= kept
    expected = {}
    for record in records:
        for point in points(decode(make_frame(record), record.meter), record.meter, record.received_at):
            assert point.time is not None
            milliseconds = (point.time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
            ((name, value),) = point.fields
            expected[point.measurement, point.tags, milliseconds] = value if name == "text" else float(value)
    assert stored(bucket) == expected


def stored(bucket: Bucket) -> dict[tuple[str, tuple[tuple[str, str], ...], int], object]:
    """Every point of telegrams in the database."""
    found: dict[tuple[str, tuple[tuple[str, str], ...], int], object] = {}
    for row in bucket.query("SHOW MEASUREMENTS"):
        if row["name"] == "energy_interval":
            continue
        for point in bucket.query(f'SELECT * FROM "{row["name"]}"'):
            time, value = point.pop("time"), point.pop("value", None)
            text = point.pop("text", None)
            tags = tuple(sorted((key, tag) for key, tag in point.items() if tag is not None))
            found[row["name"], tags, time] = value if text is None else text
    return found
