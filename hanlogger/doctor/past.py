"""What the journal knows about a meter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hanlogger.doctor.case import Case
from hanlogger.journal import Journal, Record, frame_of
from hanlogger.model import BadFrame, FormatName

RECENT = timedelta(minutes=15)
LOOKED_AT = 1000  # records


def recall(case: Case) -> None:
    """The telegrams of the last quarter of an hour, and the damaged ones that were kept."""
    since = datetime.now(UTC) - RECENT
    with case.host.journal() as journal:
        if journal is None:
            return
        case.frames = [frame_of(record) for record in last(journal, case.name, LOOKED_AT) if record.received_at > since]
        case.bad = [
            BadFrame(_format(bad.format), bad.data, bad.received_at, bad.reason)
            for bad in journal.damaged()
            if bad.meter == case.name and bad.received_at > since
        ]


def last(journal: Journal, meter: str, number: int) -> list[Record]:
    """Of the last records so many those that are frames of a meter."""
    records = journal.after(max(0, journal.newest - number), number)
    return [record for record in records if (record.kind, record.meter.name, record.damage) == ("frame", meter, "")]


def _format(name: str) -> FormatName | None:
    formats: tuple[FormatName, ...] = ("p1", "hdlc", "mbus", "dlms")
    return next((known for known in formats if known == name), None)


def shown(at: datetime) -> str:
    """A time for people, in the time of this computer."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"
