"""Room on the disk kept for the moment when it is full: without any, SQLite cannot even delete."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from hanlogger.journal.file import beside

RESERVE = 8 * 1024 * 1024  # octets: the write-ahead log (4 MiB at most times), and its way into the file
SPARE = 4  # times the reserve: room in plenty


class Reserve:
    """A file beside the journal that holds nothing."""

    def __init__(self, path: Path) -> None:
        self._file = beside(path, ".reserve")

    def keep(self) -> None:
        """Make it, where the disk has room in plenty; no matter if it cannot be made."""
        with contextlib.suppress(OSError):
            if not self._file.exists() and self.disk_has_room():
                self._make(RESERVE)

    def disk_has_room(self) -> bool:
        """Several times the reserve."""
        return shutil.disk_usage(self._file.parent).free > SPARE * RESERVE

    @contextlib.contextmanager
    def lent(self) -> Iterator[None]:
        """Give its room to what is done inside; afterwards take back what is left, before anybody else does."""
        self._file.unlink(missing_ok=True)
        try:
            yield
        finally:
            any(self._make(RESERVE >> halvings) for halvings in range(4))

    def _make(self, octets: int) -> bool:
        try:
            with self._file.open("wb") as file:
                file.write(bytes(octets))
        except OSError:
            self._file.unlink(missing_ok=True)
            return False
        return True
