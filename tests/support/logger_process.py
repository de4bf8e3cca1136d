"""A hanlogger that reads telegrams from standard input, for tests that kill it.

A telegram is one line: the name of its meter, its time of receipt in ISO 8601 and its octets in hex. For each line its
number is printed once it is durable.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from hanlogger.deliver import Delivery, Pace
from hanlogger.influxdb import Destination
from hanlogger.journal import Entry, Journal
from hanlogger.model import Frame, Meter


def entries() -> Iterator[list[Entry]]:
    """All that has come, at once."""
    rest = b""
    while octets := os.read(sys.stdin.fileno(), 65536):
        *lines, rest = (rest + octets).split(b"\n")
        yield [entry(line.decode()) for line in lines]


def entry(line: str) -> Entry:
    name, received_at, telegram = line.split()
    return Entry(Frame("p1", bytes.fromhex(telegram), datetime.fromisoformat(received_at)), Meter(name))


def main(path: str, url: str, token_file: str) -> None:
    journal = Journal.open(Path(path))
    stop = threading.Event()
    destination = Destination(url=url, token_file=Path(token_file))
    delivery = Delivery(journal, destination, {}, stop, "test", pace=Pace(0.05, 0.2, 0.2, 0.05))
    delivery.start()
    number = 0
    for batch in entries():
        journal.records.append(batch)
        number += len(batch)
        print(number, flush=True)
    stop.set()
    delivery.join()
    journal.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
