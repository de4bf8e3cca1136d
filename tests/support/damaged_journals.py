"""Journals that are damaged, or were left by a process that died, and what a repair leaves beside them."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hanlogger.journal import Journal
from hanlogger.model import Meter
from tests.support.journals import append, refuse, set_undecoded
from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
DB = "influxdb"
NAME = "journal.sqlite3"
NOISE = random.Random(1).randbytes(4096)
RECORDS = 40
"""So many does WRITE_AND_DIE append."""

WRITE_AND_DIE = """
import os, sys
from pathlib import Path
from hanlogger.journal import Journal
from tests.support.journals import append

journal = Journal.open(Path(sys.argv[1]))
append(journal, 20, size=500)
journal._database._connections._writing.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
append(journal, 20, size=500)
os._exit(0)
"""
"""Half of the records are in the file, the others in its log."""


def corrupt(path: Path) -> Path:
    """The file that was set aside."""
    (aside,) = (file for file in path.parent.iterdir() if ".corrupt-" in file.name and not file.name.endswith("-wal"))
    return aside


def fill(path: Path, number: int = 3000) -> None:
    with Journal.open(path) as journal:
        append(journal, number, size=900)
        append(journal, 5, Meter("cabin", clock="utc"))
        journal.destinations.confirm(DB, 2000)
        journal.counters.count("home", "checksum", 7)
        set_undecoded(journal, 2, "too short")
        refuse(journal, DB, 3, 3, b"line", "no")
        journal.learnt.put("/dev/ttyUSB0", {"serial": "2400 8E1"})


def spoil(path: Path, *places: float) -> None:
    """Write nonsense over a page at each of these parts of the file."""
    with path.open("r+b") as file:
        size = path.stat().st_size
        for place in places:
            file.seek(int(size * place) // 4096 * 4096)
            file.write(os.urandom(4096))


def call(script: str, path: Path, *arguments: str, before: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, sys.executable, "-c", script, str(path), *arguments],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip


FORK = """
import json, os, sys, traceback
import hanlogger.journal, tests.support.journal_versions  # before each fork: they take most of the time of a start

script = sys.argv[1]
for line in sys.stdin:
    if child := os.fork():
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    sys.argv[1:], sys.stdout = json.loads(line), sys.stderr
    try:
        exec(script, {})
    except SystemExit:
        raise  # it ends as any program does
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)
"""


@contextmanager
def forking(script: str) -> Iterator[Callable[..., int]]:
    """A way to run the script with arguments, each time in a new process, and to have its exit status.

    The processes are forked from one that has loaded the journal: hundreds of them cost no more than a few starts.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", FORK, script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdin
        assert process.stdout
        to, answers = process.stdin, process.stdout

        def run(*arguments: object) -> int:
            to.write(json.dumps([*map(str, arguments)]) + "\n")
            to.flush()
            return int(answers.readline())

        yield run


def copied(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to / NAME
