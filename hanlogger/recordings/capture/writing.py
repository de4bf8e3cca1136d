"""Writing a capture. Each read is in the file as soon as it has been written, even if the program is killed then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import TextIO

from hanlogger.model import Chunk
from hanlogger.recordings.capture.octets import WIDTH, as_hex, as_text, is_text

VERSION = 1

EXPLAINED = """\
# Each read: @ when it came (UTC), how many octets, then the octets as text with escapes, or as hex.
# White space and line ends mean nothing there: quote it, wrap it, paste it.
"""


class Writer:
    """A writer of reads to an open text file."""

    def __init__(self, file: TextIO, about: Mapping[str, str]) -> None:
        """Write the head. about: what is known of the port, by names without a colon."""
        self._file = file
        lines = (f"# {name}: {' '.join(value.split())}\n" for name, value in about.items())
        self._put("".join([f"# hanlogger capture {VERSION}\n", *lines, EXPLAINED, "\n"]))

    def write(self, chunk: Chunk) -> None:
        """Write one read. An empty one (the line is quiet) is left out, as the times of the others show it."""
        if not chunk.data:
            return
        text = is_text(chunk.data)
        lines = list(as_text(chunk.data) if text else as_hex(chunk.data))
        time = chunk.received_at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        head = f"@{time} {len(chunk.data)} {'text' if text else 'hex'}"
        between = " " if len(lines) == 1 and len(head) + len(lines[0]) < WIDTH else "\n  "
        self._put(between.join([head, *lines]) + "\n")

    def write_remark(self, words: str) -> None:
        """Write a line for people, which a reader of captures skips."""
        self._put(f"# {' '.join(words.split())}\n")

    def _put(self, text: str) -> None:
        self._file.write(text)
        self._file.flush()
