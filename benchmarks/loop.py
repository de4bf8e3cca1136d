"""What share of the processor that `hanlogger run` takes is the loop's that makes energy by interval.

    python benchmarks/loop.py [SECONDS] [TELEGRAMS a second] [URL of an InfluxDB, with its token in TOKEN]

The real program reads a simulated meter over TCP, faster than a meter sends, so that the loop has many telegrams to
read on; of each telegram it does the same as at any pace. The CPU time of threads is the kernel's.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.wear import STARTING, Meter, measure_cpu

DEFAULTS = ("60", "50")
PROGRAM = """
import threading
from hanlogger.aggregate import Aggregation
from hanlogger.cli import app

def run(self, run=Aggregation.run):
    print("thread", threading.get_native_id(), flush=True)
    run(self)

Aggregation.run = run
app()
"""


def measure(process: int, thread: int) -> tuple[float, float]:
    """Return the seconds of CPU time of a thread and of its process."""
    folder = Path(f"/proc/{process}")
    return measure_cpu(folder / "task" / str(thread)), measure_cpu(folder)


def main() -> None:
    seconds, pace = (float(given) for given in [*sys.argv[1:3], *DEFAULTS[len(sys.argv[1:3]) :]])
    meter = Meter(1 / pace)
    meter.start()
    with tempfile.TemporaryDirectory() as folder:
        port = f"socket://127.0.0.1:{meter.listener.getsockname()[1]}"
        environ = {**os.environ, "HANLOGGER_PORT": port, "HANLOGGER_JOURNAL": f"{folder}/journal.sqlite3"}
        environ |= {"HANLOGGER_CLOCK_LIMIT": "off", "HANLOGGER_WEB_LISTEN": "off"}
        if sys.argv[3:]:
            environ |= {"HANLOGGER_INFLUXDB_URL": sys.argv[3], "HANLOGGER_INFLUXDB_TOKEN": os.environ.get("TOKEN", "")}
        command = [sys.executable, "-c", PROGRAM, "run"]
        program = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        thread = int(next(line.split()[1] for line in program.stdout or () if line.startswith("thread")))
        time.sleep(STARTING)
        try:
            before, sent = measure(program.pid, thread), meter.sent
            time.sleep(seconds)
            after, telegrams = measure(program.pid, thread), meter.sent - sent
        finally:
            program.terminate()
            program.wait()
    loop, whole = (new - old for new, old in zip(after, before, strict=True))
    print(f"{telegrams} telegrams: {whole:.2f} s CPU, of which the loop took {loop:.2f} s: {100 * loop / whole:.1f} %")


if __name__ == "__main__":
    main()
