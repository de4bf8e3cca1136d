"""What has been recorded so far, in numbers."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from hanlogger.framing import Framer
from hanlogger.model import BadFrame, Chunk
from hanlogger.words import octets


class Tally:
    """Of the reads of one port."""

    def __init__(self) -> None:
        self._framer = Framer()
        self._octets = self._frames = 0
        self._damaged: Counter[str] = Counter()  # by reason

    def add(self, chunk: Chunk) -> None:
        """One more read."""
        self._octets += len(chunk.data)
        for event in self._framer.feed(chunk):
            if isinstance(event, BadFrame):
                self._damaged[event.reason] += 1
            else:
                self._frames += 1

    @property
    def words(self) -> str:
        """For people, and what to do where nothing came or nothing of it was a message."""
        self.add(Chunk(b"", datetime.now(UTC)))
        if not self._octets:
            return "nothing came: hanlogger doctor says what to look at"
        damaged = ", ".join(f"{number} {reason}" for reason, number in sorted(self._damaged.items()))
        hint = "" if self._frames else "; none whole: hanlogger detect finds the settings of the line"
        return f"{octets(self._octets)}: {self._frames} telegrams, damaged: {damaged or 'none'}{hint}"
