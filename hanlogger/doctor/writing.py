"""Check of what a database does with lines that are written to it, once it has accepted the token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from hanlogger.deliver.drafts import Drafter
from hanlogger.deliver.lines import join
from hanlogger.doctor.context import Host
from hanlogger.doctor.finding import Finding, note, note_wrong
from hanlogger.errors import WriteRejected, WriteUnavailable
from hanlogger.humanize import format_span
from hanlogger.influxdb import Destination, make_writer
from hanlogger.influxdb.answers import DISK_FULL, NO_SPACE
from hanlogger.journal import Journal, Record
from hanlogger.status.state import DestinationState, State

FULL = (NO_SPACE, DISK_FULL)
MOST_RECORDS = 500  # records before the cursor that are looked through


def check_writing(host: Host, to: Destination, facts: dict[str, object]) -> Iterator[Finding]:
    """Yield whether the database stores lines, from its last answer to the running logger.

    Without a running logger one point that the database already has is written once more, which adds nothing.
    """
    state = _state(host.running, to)
    words = _write_again(host, to) if state is None else _report_trouble(state)
    if words:
        yield note_wrong(_choose_trouble_key(words), to.name, **facts, words=words)
    elif state and state.oldest:
        age = (datetime.now(UTC) - state.oldest).total_seconds()
        yield note("database-behind", to.name, **facts, waiting=state.waiting, age=format_span(age))


def _state(running: State | None, to: Destination) -> DestinationState | None:
    return next((state for state in running.destinations if state.name == to.name), None) if running else None


def _report_trouble(state: DestinationState) -> str:
    return state.answer.words if state.answer is not None and not state.answer.ok else ""


def _choose_trouble_key(words: str) -> str:
    if any(full in words for full in FULL):
        return "database-disk-full"
    return "database-fails" if re.search(r"answers 5\d\d", words) else "database-refuses"


def _write_again(host: Host, to: Destination) -> str:
    """Write a minute of health that the database already has once more; return its error message, "" for none."""
    with host.open_journal() as journal:
        record = _find_delivered(journal, to) if journal else None
        if journal is None or record is None:
            return ""
        draft = Drafter(journal.records.get_previous, {}, host.settings.logger).draft(record)
    writer = make_writer(to)
    try:
        writer.write(join(draft.lines))
    except WriteUnavailable as error:
        return str(error)
    except WriteRejected:  # older than the retention of the bucket
        return ""
    finally:
        writer.close()
    return ""


def _find_delivered(journal: Journal, to: Destination) -> Record | None:
    """Return the last minute of health that was delivered to the database; None if there is none."""
    cursor = journal.destinations.get_cursor(to.name)
    records = journal.records.read_after(max(0, cursor - MOST_RECORDS), MOST_RECORDS)
    taken = (one for one in reversed(records) if one.kind == "health" and to.takes(one.meter.name))
    return next((record for record in taken if record.id <= cursor), None)
