"""Room on the disk kept for the moment when it is full: without any, SQLite cannot even delete."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from hanlogger.journal.file import beside

RESERVE = 8 * 1024 * 1024  # octets: the write-ahead log (4 MiB at most times), and its way into the file
SPARE = 8  # times the reserve that the disk must have for it to be made


class Reserve:
    """A file beside the journal that holds nothing."""

    def __init__(self, path: Path) -> None:
        self._file = beside(path, ".reserve")

    def keep(self) -> None:
        """Make it, where the disk has room in plenty; no matter if it cannot be made."""
        with contextlib.suppress(OSError):
            if not self._file.exists() and shutil.disk_usage(self._file.parent).free > SPARE * RESERVE:
                with self._file.open("wb") as file:
                    os.posix_fallocate(file.fileno(), 0, RESERVE)

    def release(self) -> None:
        """Give the room to whoever needs it now."""
        self._file.unlink(missing_ok=True)
