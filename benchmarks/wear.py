"""What a running logger takes of the disk and of the processor, for each telegram and at rest.

    python benchmarks/wear.py [SECONDS between telegrams] [SECONDS in all] [URL of an InfluxDB, with its token in TOKEN]

The real program reads a simulated meter over TCP, with a runtime folder in memory, as the service has. Octets written
and times a thread woke up are the kernel's counts. Where there is an `strace`, it counts for as long again how often
the disk is told to keep what it has.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from hanlogger import simulate

STARTING = 12.0  # seconds until what is counted begins
TICKS = os.sysconf("SC_CLK_TCK")


class Meter(threading.Thread):
    """Sends telegrams to the first who connects."""

    def __init__(self, every: float) -> None:
        super().__init__(daemon=True)
        self.sent = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self._every = every

    def run(self) -> None:
        """Send a telegram every so many seconds."""
        connection, _ = self.listener.accept()
        start = datetime.now(UTC) - timedelta(hours=1)
        for _, octets in islice(simulate.simulate_telegrams(1, start, "p1-landisgyr"), 10_000):
            try:
                connection.sendall(octets)
            except OSError:  # the program has ended
                return
            self.sent += 1
            time.sleep(self._every)


def count(process: int) -> tuple[int, int, float]:
    """Return the octets written, the times that threads woke up, and the seconds of CPU time of a process."""
    folder = Path(f"/proc/{process}")
    written = re.findall(r"^write_bytes: (\d+)", (folder / "io").read_text(), re.MULTILINE)[0]
    statuses = [task.read_text() for task in folder.glob("task/*/status")]
    woken = [int(re.findall(r"^voluntary_ctxt_switches:\s+(\d+)", text, re.MULTILINE)[0]) for text in statuses]
    return int(written), sum(woken), measure_cpu(folder)


def measure_cpu(folder: Path) -> float:
    """Return the seconds of CPU time of a process, or of one of its threads. folder: its own below /proc."""
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def count_syncs(process: int, seconds: float) -> int | None:
    """Return how often a process has something written to the disk itself; None where there is no strace."""
    if shutil.which("strace") is None:
        return None
    command = ["strace", "-f", "-e", "trace=fsync,fdatasync", "-p", str(process)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        time.sleep(seconds)
        tracer.terminate()
        return len(re.findall(r"f(?:data)?sync\(", tracer.communicate()[1]))


def main() -> None:
    every, seconds = (float(number) for number in [*sys.argv[1:3], "10", "60"][:2])
    meter = Meter(every)
    meter.start()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory(dir="/dev/shm") as runtime:
        port = f"socket://127.0.0.1:{meter.listener.getsockname()[1]}"
        environ = {**os.environ, "HANLOGGER_PORT": port, "HANLOGGER_JOURNAL": f"{folder}/journal.sqlite3"}
        environ["RUNTIME_DIRECTORY"] = runtime
        if sys.argv[3:]:
            environ |= {"HANLOGGER_INFLUXDB_URL": sys.argv[3], "HANLOGGER_INFLUXDB_TOKEN": os.environ.get("TOKEN", "")}
        program = subprocess.Popen([sys.executable, "-m", "hanlogger", "run"], env=environ, stderr=subprocess.DEVNULL)
        time.sleep(STARTING)
        before, sent = count(program.pid), meter.sent
        time.sleep(seconds)
        after, telegrams = count(program.pid), meter.sent - sent
        sent, syncs = meter.sent, count_syncs(program.pid, seconds)
        traced = meter.sent - sent
        program.terminate()
        program.wait()
    written, woken, cpu = (new - old for new, old in zip(after, before, strict=True))
    print(f"{telegrams} telegrams, one each {every:g} s")
    print(f"{written / 1000 / max(telegrams, 1):8.1f} kB written for a telegram")
    if syncs is not None:
        print(f"{syncs / max(traced, 1):8.2f} times the disk was told to keep something, for a telegram")
    print(f"{woken / seconds:8.1f} times a second a thread woke up")
    print(f"{cpu / seconds * 100:8.2f} % of a core")


if __name__ == "__main__":
    main()
