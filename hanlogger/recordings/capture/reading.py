"""Reading a capture, even if its lines were quoted, wrapped or indented on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

from hanlogger.errors import CaptureCut, CaptureError
from hanlogger.model import Chunk
from hanlogger.recordings.capture.octets import from_hex, from_text
from hanlogger.recordings.capture.writing import VERSION

_BEGINNING = re.compile(rb"^[>|\s]*(?:#\s*hanlogger capture \d|@\d{4}-\d\d-\d\dT)", re.MULTILINE)
_HEAD = 4096  # octets within which a capture must begin: there may be text before it

_QUOTES = ">|" + "".join(filter(str.isspace, map(chr, range(0x3001))))  # with all white space that there is
_FENCE = re.compile(r"`{3,}\w*|~{3,}\w*|</?\w[^>]*>")  # the fence of a block of code, or an issue's <details>
_FENCES = ("`", "~", "<")
_VERSION = re.compile(r"#\s*hanlogger capture (\d+)")
_ABOUT = re.compile(r"#\s*([a-z][a-z -]*):\s+(.+)")
_READ = re.compile(r"@\s*(\S+)\s+(\d+)\s+(text|hex)\b\s*(.*)", re.DOTALL)
_BEGUN = re.compile(r"@\s*[0-9TZ:.+-]*(?:\s+\d*)?(?:\s+(?:te?x?|he?))?\s*")  # a read that goes no further
_PART = re.compile(r"\\(?:x[0-9A-Fa-f]?)?|[0-9A-Fa-f]|")  # of an octet, in text or in hex
_OCTETS = {"text": from_text, "hex": from_hex}

_REMEDY = "it was altered on its way here: ask for it as a file"


def is_capture(data: bytes) -> bool:
    """Return whether a file is a capture. data: its octets, or the first 4,096 of them."""
    return _BEGINNING.search(data[:_HEAD]) is not None


class Reader:
    """A reader of captures, which is given one line at a time. about: what the head says of the capture."""

    def __init__(self, name: str = "capture") -> None:
        """Begin a capture. name: the name of the file, for errors."""
        self.about: dict[str, str] = {}
        self._name = name
        self._number = 0  # number of the line
        self._read: list[str] | None = None  # lines of the read that has begun
        self._at = 0  # number of the line on which it began

    def feed(self, line: str) -> Chunk | None:
        """Take a line and return the read that it ends, if it ends one; CaptureError if that is damaged."""
        self._number += 1
        line = line.replace("\ufeff", "").lstrip(_QUOTES).rstrip()
        if line.startswith("@"):
            ended = self._end_read()
            self._read, self._at = [line], self._number
            return ended
        if line.startswith("#") or (line.startswith(_FENCES) and _FENCE.fullmatch(line)):
            ended = self._end_read()
            self._remark(line)
            return ended
        if self._read is not None:
            self._read.append(line)
        return None

    def end(self) -> Chunk | None:
        """Return the last read; None if there is none. CaptureCut if the capture ends within it."""
        text = " ".join(self._read or ())
        try:
            return self._end_read()
        except CaptureError:
            if _is_cut(text):
                raise CaptureCut(f"{self._name}, line {self._at}: the capture was cut off within this read") from None
            raise

    def _end_read(self) -> Chunk | None:
        lines, self._read = self._read, None
        return None if lines is None else self._read_chunk(" ".join(lines))

    def _remark(self, line: str) -> None:
        version = _VERSION.match(line)
        if version and int(version[1]) > VERSION:
            raise CaptureError(f"{self._name} was written by a newer hanlogger: update this one")
        about = _ABOUT.fullmatch(line)
        if about and not self._at:
            self.about[about[1]] = about[2]

    def _read_chunk(self, text: str) -> Chunk:
        match = _READ.fullmatch(text)
        if not match:
            raise self._make_error(f"no read: {text[:40]!r}")
        time, stated, form, octets = match.groups()
        try:
            received_at, data = datetime.fromisoformat(time), _OCTETS[form](octets)
        except ValueError as error:
            raise self._make_error(str(error)) from None
        if len(data) != int(stated):
            raise self._make_error(f"{len(data)} octets where {stated} are stated")
        return Chunk(data, received_at if received_at.tzinfo else received_at.replace(tzinfo=UTC))

    def _make_error(self, words: str) -> CaptureError:
        return CaptureError(f"{self._name}, line {self._at}: {words}; {_REMEDY}")


def _is_cut(text: str) -> bool:
    """Return whether a read with something behind it would be a whole one."""
    match = _READ.fullmatch(text)
    if not match:
        return _BEGUN.fullmatch(text) is not None
    octets = "".join(match[4].split())
    for end in range(len(octets), max(len(octets) - 4, -1), -1):
        with suppress(ValueError):
            return bool(len(_OCTETS[match[3]](octets[:end])) < int(match[2]) and _PART.fullmatch(octets[end:]))
    return False


def split_lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines of the pieces of a text, however it is cut into them."""
    begun = bytearray()
    for piece in pieces:
        *whole, last = piece.split(b"\n")
        for line in whole:
            yield (begun + line).decode("utf-8", "replace")
            begun.clear()
        begun += last
    yield begun.decode("utf-8", "replace")


def read_chunks(lines: Iterable[str], name: str = "capture") -> Iterator[Chunk]:
    """Yield the reads of a capture in order; CaptureError, which names the line, if one is damaged.

    CaptureCut where the last one is only begun, as of a copy that did not come to its end.
    """
    reader = Reader(name)
    for line in lines:
        if (chunk := reader.feed(line)) is not None:
            yield chunk
    if (chunk := reader.end()) is not None:
        yield chunk
