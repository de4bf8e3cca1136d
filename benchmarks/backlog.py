"""The delivery of a backlog: hanlogger's CPU time for each telegram, beside that of InfluxDB for the same ones.

    python benchmarks/backlog.py

An `influxd` on the PATH is started in a folder of its own, and ended. The telegrams are those of a simulated meter. A
thousand are delivered before the others: what either program takes once, at its start, is not counted.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from pydantic import SecretStr

sys.path.insert(0, str(Path(__file__).parents[1]))

from hanlogger import simulate
from hanlogger.deliver import Delivery
from hanlogger.framing import Framer
from hanlogger.influxdb import Destination
from hanlogger.journal import Entry, Journal
from hanlogger.model import Chunk, Frame, Meter
from tests.support.servers import OwnInfluxdb, free_port

BEFORE, TELEGRAMS = 1000, 20_000
TICKS = os.sysconf("SC_CLK_TCK")


def fill(journal: Journal, telegrams: Iterator[tuple[datetime, bytes]], number: int) -> None:
    """Append the next telegrams of a simulated meter to a journal."""
    meter, framer = Meter("home"), Framer()
    sent = islice(telegrams, number)
    frames = [each for time, octets in sent for each in framer.feed(Chunk(octets, time)) if isinstance(each, Frame)]
    for at in range(0, len(frames), 1000):
        journal.records.append([Entry(frame, meter) for frame in frames[at : at + 1000]])


def cpu_of(process: int) -> float:
    """Return the seconds of CPU time that another process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def deliver(journal: Journal, to: Destination) -> None:
    """Deliver all that is in a journal."""
    stop = threading.Event()
    delivery = Delivery(journal, to, {}, stop, "benchmark")
    delivery.start()
    while journal.destinations.get_cursor(to.name) < journal.newest:
        time.sleep(0.1)
    stop.set()
    delivery.join()


def main() -> None:
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
    telegrams = simulate.simulate_telegrams(1, start, "p1-landisgyr")
    binary = shutil.which("influxd") or sys.exit("no influxd on the PATH")
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        server = OwnInfluxdb(
            f"http://127.0.0.1:{port}", "throw-away-token", folder=Path(folder), port=port, binary=binary
        )
        server.start()
        assert server.process
        try:
            server.set_up()
            with Journal.open(Path(folder) / "journal.sqlite3") as journal:
                to = Destination(server.url, token=SecretStr(server.admin_token))
                fill(journal, telegrams, BEFORE)
                deliver(journal, to)
                fill(journal, telegrams, TELEGRAMS)
                ours, theirs = time.process_time(), cpu_of(server.process.pid)
                deliver(journal, to)
                ours, theirs = time.process_time() - ours, cpu_of(server.process.pid) - theirs
        finally:
            server.process.terminate()
            server.process.wait()
    for name, seconds in (("hanlogger", ours), ("influxd", theirs)):
        print(f"{name:10} {seconds / TELEGRAMS * 1e6:8.1f} µs of CPU time for a telegram")
    print(f"hanlogger takes {ours / theirs:.2f} of InfluxDB's")


if __name__ == "__main__":
    main()
