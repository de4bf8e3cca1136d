"""Noticing that a database has lost what was delivered to it: a new one in its place, a restored older backup.

The token of a logger may only write, so the logger cannot look. But InfluxDB refuses a field of another type than the
one that stands in the same week (measured, 4.1, 6), so a mark of a known type tells by being refused: hanlogger writes

    hanlogger,logger=cellar mark_5f0c2a=1 1767225610000

and later, to the same place, `mark_5f0c2a=1i`. Refused: the mark is there, and with it what was delivered before it.
Taken: it is gone, and what has just been written is the new mark.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from hanlogger.deliver import Delivery
from hanlogger.errors import JournalUnavailable, WriteRejected, WriteUnavailable
from hanlogger.influxdb import Destination, Influx
from hanlogger.journal import Journal

RENEWED = timedelta(days=1)
LOOK = 2.0  # seconds between two looks at how delivery stands
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OTHER = {"": "i", "i": ""}  # what stands behind the number: nothing, a float; i, an integer

log = logging.getLogger(__name__)


class Mark(NamedTuple):
    """What was written last, and when."""

    field: str
    kind: str
    at: datetime

    def line(self, logger: str) -> bytes:
        """In line protocol, precision ms."""
        milliseconds = (self.at - EPOCH) // timedelta(milliseconds=1)
        return f"hanlogger,logger={logger} {self.field}=1{self.kind} {milliseconds}\n".encode()


class Refill(threading.Thread):
    """Says what to do when a destination has lost what it had; asks each time the database is back, and once a day."""

    def __init__(
        self, journal: Journal, to: Destination, delivery: Delivery, logger: str, remedy: str, stop: threading.Event
    ) -> None:
        """`remedy`: the command that delivers again."""
        super().__init__(name=f"refill {to.name}", daemon=True)
        self._journal, self._name, self._influx, self._logger = journal, to.name, Influx(to), logger
        self._delivery, self._remedy, self._stopped = delivery, remedy, stop

    def run(self) -> None:
        """The thread."""
        asked: datetime | None = None
        while not self._stopped.wait(LOOK):
            answer = self._delivery.answer
            if answer.at is None or not answer.ok:
                asked = None
            elif asked is None or datetime.now(UTC) - asked > RENEWED:
                asked = self._ask()
        self._influx.close()

    def _ask(self) -> datetime | None:
        now = datetime.now(UTC)
        try:
            lost = lost_before(self._journal, self._name, self._influx, self._logger, now)
        except (WriteUnavailable, WriteRejected, JournalUnavailable) as error:
            log.debug("%s: it is not known whether it still has what was delivered: %s", self._name, error)
            return None
        if lost is not None:
            words = "%s: has lost what was delivered before %s; to deliver again what the journal has: %s"
            log.warning(words, self._name, f"{lost.astimezone():%Y-%m-%d %H:%M}", self._remedy)
        return now


def remedy(to: Destination, destinations: Sequence[Destination], file: Path | None) -> str:
    """The command that delivers to this one again; `file`: the configuration."""
    config = f" --config {file}" if file else ""
    one = f" --destination {to.name}" if len(destinations) > 1 else ""
    return f"hanlogger backfill{one}{config}"


def lost_before(journal: Journal, name: str, influx: Influx, logger: str, now: datetime) -> datetime | None:
    """The time of the mark that is gone; None where it stands, or nothing was delivered or marked before.

    Leaves a mark at `now`. WriteUnavailable, JournalUnavailable: it is not known.
    """
    if not journal.cursor(name):
        return None
    mark = _read(journal, name)
    gone = None
    if mark is not None and _takes(influx, mark._replace(kind=OTHER[mark.kind]).line(logger)):
        gone, mark = mark.at, mark._replace(kind=OTHER[mark.kind])
        _keep(journal, name, mark)
    _renew(journal, name, influx, logger, (mark or _new(now))._replace(at=now))
    return gone


def _renew(journal: Journal, name: str, influx: Influx, logger: str, mark: Mark) -> None:
    """A mark that another stands in the way of gets another field."""
    if not _takes(influx, mark.line(logger)):
        mark = _new(mark.at)
        influx.write(mark.line(logger))
    _keep(journal, name, mark)


def _takes(influx: Influx, line: bytes) -> bool:
    """Whether it is taken; WriteUnavailable where that is not known, as of what does not say that it is InfluxDB."""
    try:
        doubt = influx.write(line)
    except WriteRejected:
        return False
    if doubt:
        raise WriteUnavailable(doubt)
    return True


def _new(at: datetime) -> Mark:
    return Mark(f"mark_{secrets.token_hex(3)}", "", at)


def _read(journal: Journal, name: str) -> Mark | None:
    kept = journal.learnt(_key(name))
    return Mark(kept["field"], kept["kind"], datetime.fromisoformat(kept["at"])) if kept else None


def _keep(journal: Journal, name: str, mark: Mark) -> None:
    journal.learn(_key(name), {"field": mark.field, "kind": mark.kind, "at": mark.at.isoformat()})


def _key(name: str) -> str:
    """Beside what is learnt about devices, whose names are paths."""
    return f"destination {name}"
