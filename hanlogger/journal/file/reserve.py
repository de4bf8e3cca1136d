"""The reserve for a full disk."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

from hanlogger.journal.file.paths import measure, name_beside, open_private

RESERVE_SIZE = 8 * 1024 * 1024  # octets: the write-ahead log (4 MiB at most times), and its way into the file
RESERVE_STEP = 1024 * 1024
LAST_RESERVE = RESERVE_STEP  # octets that the last telegrams leave for what is counted, and for the next start
PLENTY = 4  # reserves: a disk that has space for so many is not full


class Reserve:
    """A file beside the journal that keeps space for a full disk: without any, SQLite cannot even delete."""

    def __init__(self, path: Path) -> None:
        self._file = name_beside(path, ".reserve")
        self._lock = threading.Lock()
        self._borrowers = 0

    def keep(self) -> None:
        """Make the file whole where the disk has plenty of space; does nothing where it cannot be made."""
        with self._lock, contextlib.suppress(OSError):
            if not self._borrowers and measure(self._file) < RESERVE_SIZE and self.has_plenty():
                self._fill()

    def has_plenty(self) -> bool:
        """Return whether the disk has space for several reserves."""
        return shutil.disk_usage(self._file.parent).free > PLENTY * RESERVE_SIZE

    @contextlib.contextmanager
    def lend(self, but: int = 0) -> Iterator[None]:
        """Give the space, all `but` so many octets, to what is done inside; take back what is left before others do."""
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

    def _cut(self, octets: int) -> None:
        with contextlib.suppress(OSError):  # there is none
            os.truncate(self._file, min(octets, measure(self._file)))

    def _fill(self) -> None:
        """Write the file as far as the disk has space."""
        with contextlib.suppress(OSError), open(self._file, "ab", buffering=0, opener=_open_private) as file:
            while (missing := RESERVE_SIZE - file.tell()) > 0:
                file.write(bytes(min(RESERVE_STEP, missing)))


def _open_private(path: str, flags: int) -> int:
    return open_private(Path(path), flags)
