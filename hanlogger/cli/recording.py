"""Recording what a port gives, and what of it has been recorded so far, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from hanlogger.archive.captures import RemarkedRead
from hanlogger.cli.common import Progress, stopped_by_signals, tell
from hanlogger.errors import ConfigError, SourceError
from hanlogger.framing import Framer
from hanlogger.humanize import octets, telegrams
from hanlogger.model import BadFrame, Chunk
from hanlogger.sources import Port, Source, open_port

POLL = 0.2  # seconds: how soon the end is noticed


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
        return f"{octets(self._octets)}: {telegrams(self._frames)}, damaged: {damaged or 'none'}{hint}"


def opened(port: Port) -> Source:
    """The port; ConfigError where it cannot be had."""
    try:
        return open_port(port)
    except SourceError as error:
        hint = "; what a logger reads there: hanlogger capture --from-journal FILE" if "held" in str(error) else ""
        raise ConfigError(f"{error}{hint}") from error


def recording(source: Source, seconds: float | None, tally: Tally, done: Progress) -> Iterator[RemarkedRead]:
    """Until the time has passed, Ctrl-C, or the port is gone."""
    stop = stopped_by_signals()
    begun = datetime.now(UTC)
    while not stop.is_set():
        passed = (datetime.now(UTC) - begun).total_seconds()
        done(passed)
        if seconds is not None and passed >= seconds:
            return
        try:
            chunk = source.read(POLL if seconds is None else min(POLL, seconds - passed))
        except SourceError as error:
            return tell(str(error))
        if chunk.data:
            tally.add(chunk)
            yield RemarkedRead(chunk.received_at, chunk.data)
