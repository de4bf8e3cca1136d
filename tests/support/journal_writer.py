"""A process that records as fast as it can, and says how far it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

WRITER = """
import sys
from pathlib import Path
from hanlogger.journal import Journal
from tests.support.journals import append
journal = Journal.open(Path(sys.argv[1]))
while True:
    append(journal, 7)
    journal.counters.count("home", "checksum")
    print(journal.newest, flush=True)
"""


def writer(path: Path) -> subprocess.Popen[bytes]:
    """Start one; a line of its output is the id of the newest record that is on the disk."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
