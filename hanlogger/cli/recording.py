"""Recording of a port for `hanlogger capture`, and a count of what has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from hanlogger.archive.captures import RemarkedRead
from hanlogger.cli.shared.signals import stop_on
from hanlogger.cli.shared.terminal import Progress, tell
from hanlogger.errors import SourceError
from hanlogger.framing import Framer
from hanlogger.humanize import count_telegrams, format_octets
from hanlogger.model import BadFrame, Chunk
from hanlogger.sources import Port, Source, open_port

POLL = 0.2  # seconds within which the end is noticed


class Tally:
    """Counts the octets and telegrams of one port."""

    def __init__(self) -> None:
        self._framer = Framer()
        self._octets = self._frames = 0
        self._damaged: Counter[str] = Counter()  # by reason

    def add(self, chunk: Chunk) -> None:
        """Count what one read of the port gave."""
        self._octets += len(chunk.data)
        for event in self._framer.feed(chunk):
            if isinstance(event, BadFrame):
                self._damaged[event.reason] += 1
            else:
                self._frames += 1

    @property
    def summary(self) -> str:
        """Return the counts for people, with what to do where no telegram came."""
        self.add(Chunk(b"", datetime.now(UTC)))
        if not self._octets:
            return "nothing came: hanlogger doctor says what to look at"
        damaged = ", ".join(f"{number} {reason}" for reason, number in sorted(self._damaged.items()))
        hint = "" if self._frames else "; none whole: hanlogger detect finds the settings of the line"
        return f"{format_octets(self._octets)}: {count_telegrams(self._frames)}, damaged: {damaged or 'none'}{hint}"


def open_or_explain(port: Port) -> Source:
    """Open a port; SourceError with what to do where that fails."""
    try:
        return open_port(port)
    except SourceError as error:
        hint = "; what a logger reads there: hanlogger capture --from-journal FILE" if "held" in str(error) else ""
        raise SourceError(f"{error}{hint}") from error


def record_chunks(source: Source, seconds: float | None, tally: Tally, done: Progress) -> Iterator[RemarkedRead]:
    """Yield what a port gives, until the time has passed, Ctrl-C is pressed, or the port fails."""
    stop = stop_on()
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
