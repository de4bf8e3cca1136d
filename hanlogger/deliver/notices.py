"""What is noticed in frames: logged once for each meter, counted, and the first of a kind listed as undecoded."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Sequence

from hanlogger import __version__
from hanlogger.decoding import describe_unread
from hanlogger.journal import NotDecoded, Observation, Record
from hanlogger.journal.model import to_ms
from hanlogger.model import Key, Reading, Register
from hanlogger.points.timestamp import Timestamp

_DIGITS = re.compile(r"[0-9A-Fa-f]+")
_MOST_KINDS = 256
_REPLACED = {
    "impossible": "its clock shows an impossible time: the arrival time is taken instead",
    "limit": "its clock is further off than clock_limit: the arrival time is taken instead",
}
_LEFT_OUT = {
    "untimed": "a row, as of a gas or water meter, has a time of its own that cannot be right: such rows are kept in "
    "the journal, counted as untimed, and not sent",
}
_WORDS = _REPLACED | _LEFT_OUT

log = logging.getLogger(__name__)


class Notices:
    """What has been logged and listed of each meter. It serves one thread."""

    def __init__(self) -> None:
        self._said: set[tuple[str, str]] = set()
        self._unread: dict[tuple[str, str], int] = {}  # kind of telegram: the record that is listed

    def is_new(self, meter: str, what: str) -> bool:
        """Return whether this has not been logged of the meter before."""
        new = (meter, what) not in self._said
        self._said.add((meter, what))
        return new

    def say(self, meter: str, what: str) -> None:
        """Log what was noticed in a frame of a meter, once; nothing where there are no words for it."""
        words = _WORDS.get(what)
        if words and self.is_new(meter, what):
            log.warning("meter %s: %s", meter, words)

    def find_unread(self, record: Record, reading: Reading, keys: Sequence[Key]) -> NotDecoded | None:
        """List the first telegram of each meter in which these values cannot be read; in all others they are counted.

        A row that is odd in every telegram of a meter would fill the list, and keep all its frames for ever.
        """
        if not reading.unread:
            return None
        kind = (record.meter.name, _DIGITS.sub("", "".join(reading.unread)))
        if kind not in self._unread and len(self._unread) < _MOST_KINDS:
            self._unread[kind] = record.id
        if self._unread.get(kind) != record.id:
            return None
        return NotDecoded(record.id, describe_unread(reading), make_attempt_id(keys))


def observe(record: Record, timestamp: Timestamp, notes: tuple[str, ...]) -> Observation:
    """Return what is kept of a frame that was decoded: its time, and the counters that it raises."""
    time = None if timestamp.time is None else to_ms(timestamp.time)
    return Observation(record.id, record.meter.name, time, notes)


def note_clock(timestamp: Timestamp) -> tuple[str, ...]:
    """Return the name of the counter of clocks that are not believed for this reason, where there is one."""
    return (f"clock_{timestamp.replaced}",) if timestamp.replaced in _REPLACED else ()


def note_all(reading: Reading, untimed: Sequence[Register], timestamp: Timestamp) -> tuple[str, ...]:
    """Return the names of counters, each as often as the counter is to be raised."""
    rows = {"unread": reading.unread, "closed": reading.closed, "untimed": untimed}
    return (*note_clock(timestamp), *(name for name, found in rows.items() for _ in found))


def make_attempt_id(keys: Sequence[Key]) -> str:
    """Return an id of this version and these keys, which it does not reveal; under another one a frame is tried again.

    The settings of the meter need not be in it: the journal has them with each frame.
    """
    secrets = [part for key in keys for part in (key.encryption, key.authentication or b"")]
    return hashlib.sha256(b"\0".join([__version__.encode(), *secrets])).hexdigest()[:12]
