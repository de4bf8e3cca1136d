"""Many ports in one process: how long a telegram takes from its last octet to the journal and to the answer 204.

    python benchmarks/ports.py [METERS] [SECONDS of each phase]

A process of its own (player.py) plays the meters, a telegram a second each, and the database, which takes everything.
The logger is the real one. With more than three meters there is a second phase, in which one meter sends as fast as it
can, one stops within a telegram, and one sends garbage: all others are measured.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.player import IN_TROUBLE, STARTING
from hanlogger import config
from hanlogger.journal import Entry
from hanlogger.running.health import measure_memory
from hanlogger.running.logger import Running

STAMP = re.compile(rb"1-0:95\.7\.0\((\d+)\*kW\)")


class Measured:
    """Seconds from the last octet until something has happened to a telegram, by phase: before the trouble, during."""

    def __init__(self, meters: int, seconds: float) -> None:
        self.begin = time.time() + STARTING
        self.middle, self.end = self.begin + seconds, self.begin + 2 * seconds
        self._others = {f"flat{number}" for number in (1, 2, meters)} if meters > IN_TROUBLE else set()
        self.phases: dict[str, list[float]] = {"before": [], "during": []}

    def note(self, meter: str, sent: float, happened: float) -> None:
        if meter not in self._others and self.begin < sent < self.end:
            self.phases["before" if sent < self.middle else "during"].append(happened - sent)

    def note_recorded(self, entries: Sequence[Entry]) -> None:
        now = time.time()
        for entry in entries:
            if found := STAMP.search(entry.frame.data):
                self.note(entry.meter.name, int(found[1]) / 1e6, now)

    def show(self, what: str) -> None:
        for phase, seconds in self.phases.items():
            seconds.sort()
            at = [1000 * seconds[min(len(seconds) - 1, int(part * len(seconds)))] for part in (0.5, 0.99, 0.999, 1)]
            words = "median {:6.1f} ms, p99 {:6.1f} ms, p99.9 {:6.1f} ms, most {:6.1f} ms".format(*at)
            print(f"{what} {phase}: {len(seconds):6} telegrams, {words}")


def settings(folder: Path, database: str, ports: Sequence[str]) -> config.Settings:
    meters = "".join(
        f'[[meter]]\nname = "flat{number + 1}"\nport = "socket://127.0.0.1:{port}"\nclock_limit = "off"\n'
        for number, port in enumerate(ports)
    )
    to = f'[influxdb]\nurl = "http://127.0.0.1:{database}"\ntoken = "any"\n'
    file = folder / "hanlogger.toml"
    file.write_text(f'journal = "{folder}/journal.sqlite3"\n{meters}[web]\nlisten = "off"\n{to}')
    return config.load(file, {})


def watch(running: Running, measured: Measured) -> None:
    """Do what `run` does each second until the end; print what the process takes."""
    marks = [measured.begin, measured.middle, measured.end + 1.0]
    cpu: list[float] = []
    files = 0
    while len(cpu) < len(marks):
        running.report()
        running.check()
        files = max(files, sum(1 for _ in Path("/proc/self/fd").iterdir()))
        time.sleep(max(0.0, min(1.0, marks[len(cpu)] - time.time())))
        if time.time() >= marks[len(cpu)]:
            cpu.append(time.process_time())
    seconds = measured.middle - measured.begin
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"{(cpu[1] - cpu[0]) / seconds:.2f} cores before, {(cpu[2] - cpu[1]) / seconds:.2f} during")
    print(f"{threading.active_count()} threads, {files} open files")
    print(f"{measure_memory() / 1e6:.0f} MB resident, at most {most / 1e6:.0f}")


def main() -> None:
    given = [int(number) for number in sys.argv[1:3]]
    meters, seconds = [*given, *(200, 20)[len(given) :]]
    command = [sys.executable, "-m", "benchmarks.player", str(meters), str(seconds)]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]) as player,
    ):
        assert player.stdout
        database, *ports = player.stdout.readline().split()
        with Running(settings(Path(folder), database, ports), threading.Event()) as running:
            player.stdout.readline()
            measured, delivered = Measured(meters, seconds), Measured(meters, seconds)
            running._recorder._on_recorded = measured.note_recorded  # noqa: SLF001 where what is durable comes by
            watch(running, measured)
            for meter, sent, answered in json.loads(player.stdout.readline()):
                delivered.note(meter, sent / 1e9, answered / 1e9)
    measured.show("to the journal")
    delivered.show("to a 204     ")


if __name__ == "__main__":
    main()
