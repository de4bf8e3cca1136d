"""Importing recorded octets into the journal, with their arrival times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from hanlogger.journal import Damaged, Entry, Journal
from hanlogger.model import BadFrame, Frame, Meter

BATCH = 500  # frames and damaged ones in one append to the journal
ONE_READ = timedelta(seconds=1)
"""How far behind its arrival time a frame is searched: those of one read have the same, and the journal, in which it is
unique for each meter, moves each by a millisecond more."""


class Imported(NamedTuple):
    """The number of messages of each kind that an import has had so far."""

    new: int = 0  # messages that were appended
    known: int = 0  # that were in the journal already
    damaged: int = 0
    oldest: datetime | None = None  # arrival time of the oldest of them all

    def add(self, new: Imported) -> Imported:
        """Return the numbers of both together, and the older of their times."""
        times = [time for time in (self.oldest, new.oldest) if time]
        return Imported(
            self.new + new.new, self.known + new.known, self.damaged + new.damaged, min(times, default=None)
        )


def import_events(
    journal: Journal, events: Iterable[Frame | BadFrame], meter: Meter, *, timed: bool
) -> Iterator[Imported]:
    """Append the frames that the journal does not have yet; count damaged ones and keep their octets.

    Yields, each time that some are in the journal, what has been imported so far.
    timed: the times of the frames are true arrival times, by which a frame that is there already is recognised.
    """
    done, source = Imported(), iter(events)
    while page := list(islice(source, BATCH)):
        done = done.add(_import_page(journal, page, meter, timed=timed))
        yield done


def _import_page(journal: Journal, page: Sequence[Frame | BadFrame], meter: Meter, *, timed: bool) -> Imported:
    frames = [event for event in page if isinstance(event, Frame)]
    bad = [event for event in page if isinstance(event, BadFrame)]
    new = [frame for frame in frames if not (timed and _is_known(journal, frame, meter))]
    if new:
        journal.records.append([Entry(frame, meter, live=timed) for frame in new])
    _count_bad(journal, meter.name, bad)
    return Imported(len(new), len(frames) - len(new), len(bad), min(event.received_at for event in page))


def _is_known(journal: Journal, frame: Frame, meter: Meter) -> bool:
    at = frame.received_at
    at -= timedelta(microseconds=at.microsecond % 1000)
    return any(record.data == frame.data for record in journal.records.read_frames(meter.name, at, at + ONE_READ))


def _count_bad(journal: Journal, meter: str, bad: Iterable[BadFrame]) -> None:
    for one in bad:
        journal.counters.count(meter, one.reason)
        journal.damaged.keep(Damaged(meter, one.received_at, one.format or "", one.reason, one.data))
