"""Room on the disk kept for the moment when it is full: without any, SQLite cannot even delete."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

from hanlogger.journal.file import beside, open_private

RESERVE = 8 * 1024 * 1024  # octets: the write-ahead log (4 MiB at most times), and its way into the file
STEP = 1024 * 1024
LEAST = STEP  # what the last telegrams leave of it, for what is counted and for the next start
SPARE = 4  # times the reserve: room in plenty


class Reserve:
    """A file beside the journal that holds nothing."""

    def __init__(self, path: Path) -> None:
        self._file = beside(path, ".reserve")
        self._lock = threading.Lock()
        self._borrowers = 0

    def keep(self) -> None:
        """Make it whole, where the disk has room in plenty; no matter if it cannot be made."""
        with self._lock, contextlib.suppress(OSError):
            if not self._borrowers and self._size() < RESERVE and self.disk_has_room():
                self._fill()

    def disk_has_room(self) -> bool:
        """Several times the reserve."""
        return shutil.disk_usage(self._file.parent).free > SPARE * RESERVE

    @contextlib.contextmanager
    def lent(self, but: int = 0) -> Iterator[None]:
        """Give its room (`but` so many octets) to what is done inside; then take back what is left before others do."""
        with self._lock:
            self._borrowers += 1
            self._cut(but)
        try:
            yield
        finally:
            with self._lock:
                self._borrowers -= 1
                if not self._borrowers:
                    self._fill()

    def _size(self) -> int:
        return self._file.stat().st_size if self._file.exists() else 0

    def _cut(self, octets: int) -> None:
        with contextlib.suppress(OSError):  # there is none
            os.truncate(self._file, min(octets, self._size()))

    def _fill(self) -> None:
        """As far as the disk has room."""
        with contextlib.suppress(OSError), open(self._file, "ab", buffering=0, opener=_private) as file:
            while (missing := RESERVE - file.tell()) > 0:
                file.write(bytes(min(STEP, missing)))


def _private(path: str, flags: int) -> int:
    return open_private(Path(path), flags)
