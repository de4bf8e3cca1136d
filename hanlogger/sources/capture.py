"""Ports that end: a file, or standard input."""

from __future__ import annotations

import os
import select
from datetime import UTC, datetime

from hanlogger.errors import SourceError
from hanlogger.model import Chunk
from hanlogger.sources.port import Port

STANDARD_INPUT = 0


class Capture:
    """`file:PATH` or `-`, read as it stands or as it comes."""

    def __init__(self, port: Port) -> None:
        """SourceError when there is no such file."""
        self._url = port.url
        self.ended = False
        self._owned = port.scheme == "file"
        try:
            self._descriptor = os.open(port.url.removeprefix("file:"), os.O_RDONLY) if self._owned else STANDARD_INPUT
        except OSError as error:
            raise SourceError(f"{self._url} cannot be read: {error.strerror}") from error

    def read(self, timeout: float) -> Chunk:
        """What came; empty data when nothing came for `timeout` seconds, or when all has been read: then it has `ended`."""
        ready, _, _ = select.select([self._descriptor], [], [], timeout)
        try:
            data = os.read(self._descriptor, 65536) if ready else b""
        except OSError as error:
            raise SourceError(f"{self._url} cannot be read: {error.strerror}") from error
        self.ended = bool(ready) and not data
        return Chunk(data, datetime.now(UTC))

    def close(self) -> None:
        """Standard input stays open."""
        if self._owned:
            os.close(self._descriptor)
