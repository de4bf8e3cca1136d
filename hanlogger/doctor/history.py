"""What the journal holds of a meter's past: its last frames, and the damaged ones that were kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hanlogger.doctor.context import PortContext
from hanlogger.journal import Journal, Record, make_frame
from hanlogger.model import BadFrame, FormatName

RECENT = timedelta(minutes=15)
MOST_RECORDS = 1000  # records at the end of the journal that are looked through


def load_recent_frames(context: PortContext) -> None:
    """Put the good and the damaged frames of the last quarter of an hour into `context`."""
    since = datetime.now(UTC) - RECENT
    with context.host.open_journal() as journal:
        if journal is None:
            return
        context.frames = [
            make_frame(record)
            for record in get_last_frames(journal, context.name, MOST_RECORDS)
            if record.received_at > since
        ]
        context.bad_frames = [
            BadFrame(_format(bad.format), bad.data, bad.received_at, bad.reason)
            for bad in journal.damaged.list_all()
            if bad.meter == context.name and bad.received_at > since
        ]


def get_last_frames(journal: Journal, meter: str, number: int) -> list[Record]:
    """Return the undamaged frames of a meter among the last `number` records of the journal, oldest first."""
    records = journal.records.read_after(max(0, journal.newest - number), number)
    return [record for record in records if (record.kind, record.meter.name, record.corruption) == ("frame", meter, "")]


def _format(name: str) -> FormatName | None:
    formats: tuple[FormatName, ...] = ("p1", "hdlc", "mbus", "dlms")
    return next((known for known in formats if known == name), None)


def format_host_time(at: datetime) -> str:
    """Return a time as text, in the time zone of this computer."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"
