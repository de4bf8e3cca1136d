"""A file of recorded messages, read piece by piece: a capture, raw octets, or hex text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from hanlogger.errors import CaptureCut, CaptureError
from hanlogger.framing import Framer, find_in
from hanlogger.model import BadFrame, Chunk, Frame
from hanlogger.recordings.capture import is_capture, read_chunks, split_lines

HEAD = 4096  # octets by which a capture is told
PIECE = 64 * 1024  # octets that are read at once


@contextmanager
def open_messages(file: Path) -> Iterator[MessageFile]:
    """Open a file of messages; CaptureError where it cannot be read."""
    try:
        opened = file.open("rb")
    except OSError as error:
        raise CaptureError(f"{file} cannot be read: {error.strerror}") from error
    with opened:
        yield MessageFile(opened, str(file))


class MessageFile:
    """The messages of an open file, to be read once; memory does not grow with its size.

    timed: it is a capture, so that arrival times are true. cut: where a capture was cut off, in words for the user;
    known when all was read, and "" for others.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        """Read the head; CaptureError where that cannot be read. name: of the file, for errors."""
        self._file, self._name = file, name
        self._head = self._read(HEAD)
        self._now = datetime.now(UTC)
        self.timed = is_capture(self._head)
        self.cut = ""

    def find_events(self, *, together: bool = False) -> Iterator[Frame | BadFrame]:
        """Yield the frames and the damage in order. CaptureError for an altered capture, or what cannot be read.

        together: of a capture too take the octets as one, in which a bare APDU may stand, without their arrival times.
        """
        if together or not self.timed:
            return find_in((chunk.data for chunk in self._read_chunks()), self._now)
        return self._find_timed()

    def _find_timed(self) -> Iterator[Frame | BadFrame]:
        framer = Framer()
        for chunk in self._read_chunks():
            yield from framer.feed(chunk)
        yield from framer.feed(Chunk(b"", self._now))

    def _read_chunks(self) -> Iterator[Chunk]:
        pieces = chain((self._head,), iter(lambda: self._read(PIECE), b""))
        if not self.timed:
            yield from (Chunk(piece, self._now) for piece in pieces)
            return
        try:
            yield from read_chunks(split_lines(pieces), self._name)
        except CaptureCut as cut:
            self.cut = str(cut)

    def _read(self, size: int) -> bytes:
        try:
            return self._file.read(size)
        except OSError as error:  # as of a memory stick that is pulled out
            raise CaptureError(f"{self._name} cannot be read: {error.strerror}") from error
