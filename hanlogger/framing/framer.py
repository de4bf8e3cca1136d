"""Finding frames: octets in any pieces become frames, bad frames, and noise.

Law: after a good frame all of it goes; after a bad one only its first octet, because a good start may stand inside.
What is found is decided by the octets alone, never by how they were cut. All work is bounded by the number of octets: a
row of the table looks at most once at its longest frame for each start it believes in.
"""

from __future__ import annotations

import re
from collections import deque
from datetime import datetime

from hanlogger.framing import ciphered, hdlc, mbus, p1
from hanlogger.framing.formats import NOTHING, WHOLE, Extent, Format, Part
from hanlogger.framing.joining import Joiner
from hanlogger.model import BadFrame, Chunk, Frame
from hanlogger.wire import llc
from hanlogger.wire.mbus import SAPS

FORMATS = {row.start: row for row in (*p1.FORMATS, hdlc.FORMAT, mbus.FORMAT, ciphered.FORMAT)}
_START = re.compile(b"[%b]" % b"".join(re.escape(bytes((start,))) for start in FORMATS))
_MOST_COMMANDS = 16
_FRAMED = (*llc.HEADERS, SAPS)  # headers behind which an APDU is not on the bare line


class _Damage:
    """A bad frame that is not complete yet: octets are added until its extent ends or a good frame begins."""

    def __init__(self, row: Format, extent: Extent, reason: str, received_at: datetime) -> None:
        self.row, self.reason, self.received_at = row, reason, received_at
        self.missing = extent.length
        self.data = bytearray()

    def make_bad_frame(self) -> BadFrame:
        """Return the bad frame of the octets so far."""
        return BadFrame(self.row.name, bytes(self.data), self.received_at, self.reason)


class Framer:
    """Finds the frames of one port. `feed` never raises.

    Every octet fed is in a frame, in a bad frame, is noise, closes a frame (a flag, a line end), or waits. Commands of
    a link carry nothing: each is given once, and counts as closing when it comes again, however often a line is polled.
    """

    def __init__(self, *, checksummed: bool = False) -> None:
        self.checksummed = checksummed  # this port has sent a telegram with a good checksum
        self.noise = 0  # octets outside frames so far
        self.closing = 0  # octets that close a frame: flags, line ends; commands that were given before
        self._buffer = bytearray()
        self._arrivals: deque[tuple[int, datetime]] = deque()  # octets up to here (in all), received then
        self._fed = 0
        self._searched = 0
        self._damage: _Damage | None = None
        self._joiner = Joiner()
        self._commands: set[bytes] = set()
        self._fill = b""
        self._before = b""  # the last octets that were skipped
        self._events: list[Frame | BadFrame] = []

    @property
    def waiting(self) -> int:
        """How many octets are held that are not yet a frame."""
        return len(self._buffer) + self._joiner.waiting

    def feed(self, chunk: Chunk) -> list[Frame | BadFrame]:
        """Return the frames and bad frames that these octets complete, in order.

        An empty chunk means that the line is quiet: what is unfinished is bad then.
        """
        self._buffer += chunk.data
        self._fed += len(chunk.data)
        self._arrivals.append((self._fed, chunk.received_at))
        self._find_frames(quiet=not chunk.data)
        if not chunk.data:
            self._end_damage()
            self._events += self._joiner.drop()
        if len(self._arrivals) > 1:
            self._forget_arrivals()
        events, self._events = self._events, []
        return events

    def _find_frames(self, quiet: bool) -> None:
        while start := _START.search(self._buffer):
            if start.start():
                self._skip(start.start())
            row = FORMATS[self._buffer[0]]
            dug_out = row.raw and (self._damage or self._before.endswith(_FRAMED))
            extent = NOTHING if dug_out else row.measure(self._buffer, self._searched, quiet)
            if extent is None:
                self._searched = len(self._buffer)
                return
            self._judge(row, extent)
        self._skip(len(self._buffer))

    def _judge(self, row: Format, extent: Extent) -> None:
        if not extent.length:
            return self._skip(1)
        frame = b"" if extent.reason else bytes(self._buffer[: extent.length])
        reason, verified = (extent.reason, False) if extent.reason else row.check(frame, self.checksummed)
        if not reason:
            return self._accept(row, frame, verified)
        if not self._damage:
            self._damage = _Damage(row, extent, reason, self._find_arrival(row.shared))
        return self._skip(1)

    def _accept(self, row: Format, frame: bytes, verified: bool) -> None:
        self._end_damage()
        received_at = self._find_arrival(row.shared)
        closing = self._measure_closing(row, len(frame))
        del self._buffer[: len(frame) + closing]
        self.closing += closing
        self._searched = 0
        self._fill, self._before = row.fill, b""
        self.checksummed |= verified and row.name == "p1"
        part = self._find_part(row, frame)
        if part.empty and self._has_come_before(frame):
            self.closing += len(frame)
        else:
            self._events += self._joiner.add(row, part, frame, received_at, verified=verified)

    def _find_part(self, row: Format, frame: bytes) -> Part:
        if row.part is None or (row.is_alone(frame) and not self._joiner.waiting):
            return WHOLE
        return row.part(frame)

    def _has_come_before(self, command: bytes) -> bool:
        """Tell whether a command of the link has come before; beyond sixteen of them every command counts as known."""
        if command in self._commands or len(self._commands) >= _MOST_COMMANDS:
            return True
        self._commands.add(command)
        return False

    def _measure_closing(self, row: Format, at: int) -> int:
        """Return how many octets at `at` close the frame. A flag does not: it may open the next frame."""
        behind = self._buffer[at : at + 2]
        return 0 if row.shared else len(behind) - len(behind.lstrip(row.fill))

    def _skip(self, count: int) -> None:
        """Take octets that are in no good frame: they are damage, close the frame before them, or are noise."""
        if not count:
            return
        lost = self._take(count)
        self._before = (self._before + lost[-3:])[-3:]
        if self._damage:
            self._damage.data += lost[: self._damage.missing]
            lost, missing = lost[self._damage.missing :], self._damage.missing - len(lost)
            self._damage.missing = missing
            if missing <= 0:
                self._end_damage()
        noise = lost.lstrip(self._fill)
        self.closing += len(lost) - len(noise)
        if noise:
            self.noise += len(noise)
            self._fill = b""
            self._events += self._joiner.drop()

    def _take(self, count: int) -> bytes:
        octets = bytes(self._buffer[:count])
        del self._buffer[:count]
        self._searched = 0
        return octets

    def _end_damage(self) -> None:
        if self._damage:
            self._events += self._joiner.drop()
            self._events.append(self._damage.make_bad_frame())
            self._damage, self._fill = None, b""

    def _find_arrival(self, at: int = 0) -> datetime:
        """Return the arrival time of the octet that stands `at` octets behind the front of the buffer."""
        if len(self._arrivals) == 1:
            return self._arrivals[0][1]
        position = self._fed - len(self._buffer) + at
        for end, time in self._arrivals:
            if end > position:
                return time
        return self._arrivals[-1][1]

    def _forget_arrivals(self) -> None:
        """Forget the arrival times of octets that have left the buffer."""
        front = self._fed - len(self._buffer)
        while len(self._arrivals) > 1 and self._arrivals[0][0] <= front:
            self._arrivals.popleft()
