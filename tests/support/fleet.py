"""Three workers in processes of their own behind one broker, 200 meters, and what of them is in the database."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.brokers import Producer, device
from tests.support.collecting import locked
from tests.support.delivering import sent as made
from tests.support.logger import Logger, start
from tests.support.servers import Bucket, OwnInfluxdb
from tests.support.waiting import until

METERS = 200
WORKERS = 3

Sent = set[tuple[str, int]]
"""Each telegram by its meter and its number."""

Publish = Callable[[Sequence[tuple[str, bytes]]], None]
"""Publish telegrams, each with its meter, and return when the broker has taken all of them."""


@dataclass
class Worker:
    """One `hanlogger run` with a folder of its own, which is killed, and started again."""

    folder: Path
    environ: dict[str, str]
    running: Logger | None = None

    @property
    def journal(self) -> Path:
        return self.folder / "journal.sqlite3"

    @property
    def held(self) -> int:
        """Messages that it has received, and not acknowledged."""
        assert self.running is not None
        assert self.running.process.poll() is None, f"it ended by itself: {self.running.log[-2000:]}"
        return self.running.state.brokers[0].unacknowledged if self.running.state else 0

    @property
    def is_open(self) -> bool:
        return bool(
            self.running and self.running.state and [one.state for one in self.running.state.brokers] == ["open"]
        )

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.running = Logger(self.folder, start(self.folder, environ=self.environ))

    def kill(self) -> None:
        if self.running is not None:
            self.running.process.kill()
            self.running.process.wait()

    def lose_disk(self) -> None:
        shutil.rmtree(self.folder)


@dataclass
class Fleet:
    """The workers, what they were sent, and the database that all of it must be in."""

    workers: list[Worker]
    database: OwnInfluxdb
    publish: Publish
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    sent: Sent = field(default_factory=set)
    rounds: int = 0

    def send(self) -> Sent:
        """Publish the next telegram of each meter; return what was published."""
        data, number = made(self.rounds).frame.data, self.rounds
        names = [f"flat{meter}" for meter in range(METERS)]
        self.publish([(name, data) for name in names])
        new = {(name, number) for name in names}
        self.sent |= new
        self.rounds += 1
        return new

    def find_holder(self) -> Worker | None:
        """One of the workers that have received what they have not acknowledged."""
        holders = [worker for worker in self.workers if worker.held]
        return self.chance.choice(holders) if holders else None

    @contextmanager
    def journals_locked(self) -> Iterator[None]:
        """Nothing that is received can be committed."""
        with ExitStack() as held:
            for worker in self.workers:
                held.enter_context(locked(worker.journal))
            yield

    def stored(self) -> Sent:
        rows = Bucket(self.database, "hanlogger", "").query('SELECT value FROM "active_energy" GROUP BY meter')
        return {(row["meter"], round(row["value"]) - 1_000_000) for row in rows}

    def missing(self) -> Sent:
        return self.sent - self.stored()

    def wait_until_stored(self) -> None:
        """Wait until every message is in the database; AssertionError naming how many of each round are missing."""
        try:
            until(lambda: not self.missing())
        except AssertionError:
            rounds = Counter(number for _, number in self.missing())
            raise AssertionError(f"of {METERS} a round these are missing: {dict(rounds)}") from None

    def wait_until_open(self) -> None:
        for worker in self.workers:
            until(lambda: worker.is_open, f"{worker.folder.name} reads")  # noqa: B023 done before the next


@contextmanager
def fleet(
    folder: Path, database: OwnInfluxdb, urls: Sequence[str], publish: Publish, **settings: str
) -> Iterator[Fleet]:
    """Start a worker for each URL. settings: those of a broker's port, such as ack="delivered"."""
    token = folder / "token"
    token.write_text(database.admin_token)
    token.chmod(0o600)
    workers = [
        Worker(folder / f"worker{number}", _environ(folder / f"worker{number}", url, database, token, settings))
        for number, url in enumerate(urls)
    ]
    made = Fleet(workers, database, publish)
    try:
        for worker in workers:
            worker.start()
        made.wait_until_open()
        yield made
    finally:
        for worker in workers:
            worker.kill()


def _environ(folder: Path, url: str, database: OwnInfluxdb, token: Path, settings: dict[str, str]) -> dict[str, str]:
    broker = {"client_id": folder.name, "new_meters": str(METERS), "most": "1000", **settings}
    return {
        "HANLOGGER_PORT": url,
        "HANLOGGER_METER": "flats",
        "HANLOGGER_JOURNAL": str(folder / "journal.sqlite3"),
        "HANLOGGER_CLOCK_LIMIT": "off",  # the simulated clock is not that of today
        "HANLOGGER_INFLUXDB_URL": database.url,
        "HANLOGGER_INFLUXDB_TOKEN_FILE": str(token),
        **{f"HANLOGGER_BROKER_{name.upper()}": value for name, value in broker.items()},
    }


def by_mqtt(port: int, shards: Sequence[str], qos: int = 1) -> Publish:
    """Publish under han/SHARD/METER/raw, the meters dealt out to the shards, by a new connection each time."""

    def publish(telegrams: Sequence[tuple[str, bytes]]) -> None:
        with device(port) as meters:
            meters.publish_all(
                (
                    (f"han/{shards[number % len(shards)]}/{name}/raw", data)
                    for number, (name, data) in enumerate(telegrams)
                ),
                qos,
            )

    return publish


def by_kafka(ports: Sequence[int], topic: str) -> Publish:
    """Publish to a topic, with the meter's name as the key."""
    producer = Producer(*ports)
    return lambda telegrams: producer.publish(topic, telegrams)
