"""Many ports in one process: how long a telegram takes from its last octet to the journal, and who delays whom.

    python benchmarks/ports.py [METERS] [SECONDS of each phase]

A process of its own plays the meters on the loopback, a telegram a second each, with the time of sending in a row of
it. The logger is the real one, without a database: telegrams are decoded and listed. After a phase in which all is
well, one meter sends as fast as it can, one stops within a telegram, and one sends garbage; all others are measured.
"""

from __future__ import annotations

import random
import re
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.messages import _crc, telegrams
from hanlogger import config
from hanlogger.journal import Entry
from hanlogger.running.health import measure_memory
from hanlogger.running.logger import Running

STORM, STALL, GARBAGE = "flat1", "flat2", "flat3"
MOST = 20_000_000  # octets that the storm and the garbage may send each
STARTING = 8.0  # seconds until every port is connected
STAMP = re.compile(rb"0-0:96\.13\.0\((\d+)\)")


def make(number: int, bodies: Sequence[bytes]) -> bytes:
    """A telegram with the time of now in its last row."""
    head = bodies[number % len(bodies)].rpartition(b"!")[0]
    text = head + b"0-0:96.13.0(%d)\r\n!" % time.time_ns()
    return text + b"%04X\r\n" % _crc(text, 0xA001, 0)


def play(meters: int, seconds: float) -> None:
    """Be the meters, whose ports are printed first; then begin with what comes on standard input."""
    bodies = telegrams(50)
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(meters)]
    print(" ".join(str(listener.getsockname()[1]) for listener in listeners), flush=True)
    sockets = [listener.accept()[0] for listener in listeners]
    print("connected", flush=True)
    begin, trouble = time.monotonic(), threading.Event()
    end = begin + STARTING + 2 * seconds
    for kind, connection in ((storm, sockets[0]), (garble, sockets[2])):
        threading.Thread(target=kind, args=(connection, bodies, trouble, end), daemon=True).start()
    number = 0
    while (now := time.monotonic()) < end:
        if now - begin > STARTING + seconds and not trouble.is_set():
            sockets[1].sendall(make(number, bodies)[:300])  # and no more of it
            trouble.set()
        meter = number % meters
        if not (trouble.is_set() and meter < 3):
            sockets[meter].sendall(make(number, bodies))
        number += 1
        time.sleep(max(0.0, begin + number / meters - time.monotonic()))
    time.sleep(1.0)


def storm(connection: socket.socket, bodies: Sequence[bytes], trouble: threading.Event, end: float) -> None:
    trouble.wait()
    data, sent = b"".join(bodies), 0
    while sent < MOST and time.monotonic() < end:
        connection.sendall(data)
        sent += len(data)


def garble(connection: socket.socket, _bodies: Sequence[bytes], trouble: threading.Event, end: float) -> None:
    trouble.wait()
    data, sent = random.Random(1).randbytes(2000), 0
    while sent < MOST and time.monotonic() < end:
        connection.sendall(data)
        sent += 2000
        time.sleep(0.02)


class Measured:
    """Seconds from the last octet to the journal, by phase: before the trouble, and during it."""

    def __init__(self, seconds: float) -> None:
        self.begin = time.time() + STARTING
        self.middle, self.end = self.begin + seconds, self.begin + 2 * seconds
        self.before: list[float] = []
        self.during: list[float] = []
        self.others = 0

    def note(self, entries: Sequence[Entry]) -> None:
        now = time.time()
        for entry in entries:
            if entry.meter.name in (STORM, STALL, GARBAGE):
                self.others += 1
            elif found := STAMP.search(entry.frame.data):
                sent = int(found[1]) / 1e9
                phase = self.before if sent < self.middle else self.during
                if self.begin < sent < self.end:
                    phase.append(now - sent)


def settings(folder: Path, ports: Sequence[str]) -> config.Settings:
    meters = "".join(
        f'[[meter]]\nname = "flat{number + 1}"\nport = "socket://127.0.0.1:{port}"\nclock_limit = "off"\n'
        for number, port in enumerate(ports)
    )
    file = folder / "hanlogger.toml"
    file.write_text(f'journal = "{folder}/journal.sqlite3"\n{meters}[web]\nlisten = "off"\n')
    return config.load(file, {})


def show(name: str, seconds: list[float]) -> None:
    seconds.sort()
    at = {part: 1000 * seconds[min(len(seconds) - 1, int(part * len(seconds)))] for part in (0.5, 0.99, 0.999)}
    print(
        f"{name:7} {len(seconds):6} telegrams: median {at[0.5]:6.1f} ms, p99 {at[0.99]:6.1f} ms, "
        f"p99.9 {at[0.999]:6.1f} ms, most {1000 * seconds[-1]:6.1f} ms"
    )


def main() -> None:
    if sys.argv[1:2] == ["--play"]:
        return play(int(sys.argv[2]), float(sys.argv[3]))
    given = [int(number) for number in sys.argv[1:3]]
    meters, seconds = [*given, *(200, 20)[len(given) :]]
    command = [sys.executable, __file__, "--play", str(meters), str(seconds)]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as player,
    ):
        assert player.stdout
        ports = player.stdout.readline().split()
        stop = threading.Event()
        with Running(settings(Path(folder), ports), stop) as running:
            player.stdout.readline()
            measured = Measured(seconds)
            running._recorder._on_recorded = measured.note  # noqa: SLF001 where what is durable comes by
            cpu: dict[int, float] = {}
            threads = files = 0
            marks = iter((measured.begin, measured.middle, measured.end + 1.0))
            mark = next(marks)
            while time.time() < measured.end + 1.0:
                running.report()
                running.check()
                threads = max(threads, threading.active_count())
                files = max(files, sum(1 for _ in Path("/proc/self/fd").iterdir()))
                if time.time() >= mark:
                    cpu[len(cpu)] = time.process_time()
                    mark = next(marks)
                time.sleep(1.0)
            cpu[len(cpu)] = time.process_time()
            memory, most = measure_memory(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        player.wait()
    show("before", measured.before)
    show("during", measured.during)
    print(f"the three in trouble sent {measured.others} telegrams that were recorded")
    print(f"{(cpu[1] - cpu[0]) / seconds:.2f} cores before, {(cpu[2] - cpu[1]) / seconds:.2f} during")
    print(f"{threads} threads, {files} open files, {memory / 1e6:.0f} MB resident, at most {most / 1e6:.0f}")
    return None


if __name__ == "__main__":
    main()
