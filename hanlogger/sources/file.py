"""Ports that end: a file or standard input."""

from __future__ import annotations

import errno
import os
import select
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

from hanlogger.errors import SourceError
from hanlogger.model import Chunk
from hanlogger.sources.port import Port

STANDARD_INPUT = 0


def check_readable(port: Port) -> None:
    """Raise SourceError when the port cannot be read. The file is not opened, because a pipe has only one reader."""
    path = Path(port.url.removeprefix("file:"))
    try:
        number = 0 if port.scheme == "-" or os.access(path, os.R_OK) else errno.EACCES
        number = errno.EISDIR if port.scheme == "file" and stat.S_ISDIR(path.stat().st_mode) else number
    except OSError as error:
        number = error.errno or errno.EIO
    if port.scheme == "-" and sys.stdin is None:
        raise SourceError("standard input cannot be read: it is closed")
    if number:
        raise SourceError(f"{port.url} cannot be read: {os.strerror(number)}")


class FileSource:
    """An open file (`file:PATH`) or standard input (`-`), which may be a pipe."""

    def __init__(self, port: Port) -> None:
        """Open the file; SourceError when that fails."""
        self._url = port.url
        self.ended = False
        self._owned = port.scheme == "file"
        try:
            self._descriptor = os.open(port.url.removeprefix("file:"), os.O_RDONLY) if self._owned else STANDARD_INPUT
        except OSError as error:
            raise SourceError(f"{self._url} cannot be read: {error.strerror}") from error

    def read(self, timeout: float) -> Chunk:
        """Return what came; no octets after `timeout` seconds without any, or at the end, where `ended` is set."""
        ready, _, _ = select.select([self._descriptor], [], [], timeout)
        try:
            data = os.read(self._descriptor, 65536) if ready else b""
        except OSError as error:
            raise SourceError(f"{self._url} cannot be read: {error.strerror}") from error
        self.ended = bool(ready) and not data
        return Chunk(data, datetime.now(UTC))

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self._owned:
            os.close(self._descriptor)
