"""The tariffs of each meter, read again when one of their files has changed."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from zlib import crc32

from hanlogger.config.tariff_files import list_parts, load_tariffs
from hanlogger.tariffs.model import Tariff

Mark = tuple[tuple[int, int], ...]
"""Of each file its time of change and its size."""


class Contracts:
    """The tariffs of all meters. Any thread may ask. files: by the name of the meter."""

    def __init__(self, files: Mapping[str, Sequence[Path]]) -> None:
        self._files = {meter: tuple(paths) for meter, paths in files.items() if paths}
        self._lock = threading.Lock()
        self._read: dict[str, tuple[tuple[Path, ...], Mark, tuple[Tariff, ...]]] = {}  # files with their bases

    @property
    def meters(self) -> list[str]:
        """The names of the meters that have a tariff."""
        return list(self._files)

    def compute_fingerprint(self, meter: str) -> int:
        """Return a number that stands for what is written in the files of a meter's tariffs."""
        mark = 0
        for file in list_parts(self._files.get(meter, ())):
            with contextlib.suppress(OSError):
                mark = crc32(file.read_bytes(), mark)
        return mark

    def load(self, meter: str) -> tuple[Tariff, ...]:
        """Return the tariffs of a meter, none for one that has none. ConfigError where a file is wrong now."""
        files = self._files.get(meter, ())
        with self._lock:
            known = self._read.get(meter)
            if known is None or known[1] != tuple(map(_mark, known[0])):
                parts = list_parts(files)
                known = self._read[meter] = (parts, tuple(map(_mark, parts)), load_tariffs(files))
            return known[2]


def _mark(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)
