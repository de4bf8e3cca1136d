"""A port with a broker behind it, read in this process, and what stands in the journal of it."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from hanlogger.collect import BrokerCollector
from hanlogger.journal import Journal
from hanlogger.model import Meter
from hanlogger.sources import Broker, Port
from tests.support.brokers import Program
from tests.support.ports import telegram
from tests.support.waiting import PATIENCE

TOPIC = "han/+/raw"

Recorded = Counter[tuple[str, bytes]]
"""How often each telegram of each meter stands in a journal."""


def port(broker: Program, topic: str = TOPIC, **settings: object) -> Port:
    """A port that an MQTT broker is behind; settings: those of `Broker`."""
    given = Broker(**settings)  # type: ignore[arg-type]
    return Port(f"mqtt://127.0.0.1:{broker.port}/{topic}", Meter("flats"), broker=given)


@contextmanager
def collecting(journal: Journal, read: Port, **options: object) -> Iterator[BrokerCollector]:
    """on_frame: what is called with each frame that is a sign of life."""
    stop = threading.Event()
    on_frame: Any = options.pop("on_frame", lambda *_: None)
    collector = BrokerCollector(read, journal, stop, on_frame, **options)  # type: ignore[arg-type]
    collector.start()
    try:
        yield collector
    finally:
        stop.set()
        collector.join(PATIENCE)


def recorded(journal: Journal) -> Recorded:
    return Counter((record.meter.name, record.data) for record in journal.records.read_frames())


def sent(*numbers: int, name: str = "cellar") -> Recorded:
    return Counter((name, telegram(number).rstrip()) for number in numbers)


def counts(journal: Journal, name: str = "flats") -> dict[str, int]:
    return journal.counters.get_all().get(name, {})


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """A journal in which another process writes, and does not end."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
