"""Notice that a database has lost what was delivered to it, such as by a restored older backup.

The token of a logger may only write, so the logger cannot look. But InfluxDB refuses a field whose type is not that of
the same field in the same week (docs/influxdb.md 9.4.1), so a mark can be found by a refusal: hanlogger writes

    hanlogger,logger=cellar mark_5f0c2a=1 1767225610000

and later, with the same time, `mark_5f0c2a=1i`. If that is refused, the mark is there, and with it what was delivered
before it. If it is taken, the mark is gone, and what has just been written is the new mark.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from hanlogger.deliver import Delivery
from hanlogger.errors import JournalUnavailable, WriteRejected, WriteUnavailable
from hanlogger.influxdb import Destination, Influx
from hanlogger.journal import Journal

RENEWED = 86_400.0  # seconds
LOOK = 5.0  # seconds between two looks at the database's last answer
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OTHER = {"": "i", "i": ""}  # the suffix of a number in line protocol: none of a float, i of an integer

log = logging.getLogger(__name__)


class Mark(NamedTuple):
    """The mark that was written last: its field, the suffix of its value, and its time."""

    field: str
    kind: str
    at: datetime

    def make_line(self, logger: str) -> bytes:
        """Return the mark as a line of line protocol, in milliseconds."""
        milliseconds = (self.at - EPOCH) // timedelta(milliseconds=1)
        return f"hanlogger,logger={logger} {self.field}=1{self.kind} {milliseconds}\n".encode()


class LossWatch(threading.Thread):
    """Warns when a destination has lost data. Looks each time that the database answers again, and once a day."""

    def __init__(
        self, journal: Journal, to: Destination, delivery: Delivery, logger: str, remedy: str, stop: threading.Event
    ) -> None:
        """Make the thread; `remedy`: the command that delivers again."""
        super().__init__(name=f"refill {to.name}", daemon=True)
        self._journal, self._destination, self._influx, self._logger = journal, to.name, Influx(to), logger
        self._delivery, self._remedy, self._stopped = delivery, remedy, stop

    def run(self) -> None:
        """Look for lost data until `stop` is set, once something has been delivered."""
        asked: float | None = None  # by the clock that nobody sets
        while not self._stopped.wait(LOOK):
            answer = self._delivery.answer
            if answer.at is None or not answer.ok:
                asked = None
            elif self._delivery.cursor and (asked is None or time.monotonic() - asked > RENEWED):
                asked = time.monotonic() if self._ask() else None
        self._influx.close()

    def _ask(self) -> bool:
        """Warn of lost data; return whether it is known now whether any was lost."""
        try:
            lost = find_loss(self._journal, self._destination, self._influx, self._logger, datetime.now(UTC))
        except (WriteUnavailable, WriteRejected, JournalUnavailable) as error:
            log.debug(
                "%s: whether the database still has what was delivered is not known: %s", self._destination, error
            )
            return False
        if lost is not None:
            words = "%s: has lost what was delivered before %s; to deliver again what the journal has: %s"
            log.warning(words, self._destination, f"{lost.astimezone():%Y-%m-%d %H:%M}", self._remedy)
        return True


def make_backfill_command(to: Destination, destinations: Sequence[Destination], file: Path | None) -> str:
    """Return the command that delivers to a destination again; `file`: the configuration."""
    config = f" --config {file}" if file else ""
    one = f" --destination {to.name}" if len(destinations) > 1 else ""
    return f"hanlogger backfill{one}{config}"


def find_loss(journal: Journal, name: str, influx: Influx, logger: str, now: datetime) -> datetime | None:
    """Return the time of a mark that is gone; None where the mark stands, or nothing was marked before.

    A mark at `now` is left behind. WriteUnavailable, JournalUnavailable: whether something was lost is not known.
    """
    mark = _recall(journal, name)
    gone = None
    if mark is not None and _takes(influx, mark._replace(kind=OTHER[mark.kind]).make_line(logger)):
        gone, mark = mark.at, mark._replace(kind=OTHER[mark.kind])
        _remember(journal, name, mark)
    _renew(journal, name, influx, logger, (mark or _make_mark(now))._replace(at=now))
    return gone


def _renew(journal: Journal, name: str, influx: Influx, logger: str, mark: Mark) -> None:
    """Write a mark, under another field name where the database refuses this one."""
    if not _takes(influx, mark.make_line(logger)):
        mark = _make_mark(mark.at)
        influx.write(mark.make_line(logger))
    _remember(journal, name, mark)


def _takes(influx: Influx, line: bytes) -> bool:
    """Return whether the database takes a line; WriteUnavailable where that is unknown, or it may be no InfluxDB."""
    try:
        doubt = influx.write(line)
    except WriteRejected:
        return False
    if doubt:
        raise WriteUnavailable(doubt)
    return True


def _make_mark(at: datetime) -> Mark:
    return Mark(f"mark_{secrets.token_hex(3)}", "", at)


def _recall(journal: Journal, name: str) -> Mark | None:
    kept = journal.learnt.get(_make_key(name))
    return Mark(kept["field"], kept["kind"], datetime.fromisoformat(kept["at"])) if kept else None


def _remember(journal: Journal, name: str, mark: Mark) -> None:
    journal.learnt.put(_make_key(name), {"field": mark.field, "kind": mark.kind, "at": mark.at.isoformat()})


def _make_key(name: str) -> str:
    """Return the journal's key for a destination's mark, which no device's path can equal."""
    return f"destination {name}"
