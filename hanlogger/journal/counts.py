"""SQL of what is counted and what is kept for reports; each function is a part of a transaction."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping

from hanlogger.journal.kinds import Damaged, Passed, to_ms
from hanlogger.journal.sealing import checksum_of, insert, intact

DAMAGED_KEPT = 20

_RAISED = "counter.value + excluded.value"
_ADD = f"""
{insert("counter")} ON CONFLICT DO UPDATE SET value = {_RAISED}, crc = {checksum_of("counter", value=_RAISED)}
"""
_KEEP = insert("damaged")
_PASSED = f"SELECT record, time FROM passed WHERE meter = ? AND {intact('passed')}"  # noqa: S608 constants
_PASS = insert("passed", "INSERT OR REPLACE")
_KEEP_LAST = """
DELETE FROM damaged WHERE meter = :meter
AND id <= (SELECT id FROM damaged WHERE meter = :meter ORDER BY id DESC LIMIT 1 OFFSET :kept)
"""


def write_counts(connection: sqlite3.Connection, counts: Mapping[tuple[str, str], int]) -> None:
    """Raise counters, by meter and name."""
    connection.executemany(_ADD, [(meter, name, by) for (meter, name), by in counts.items()])


def write_damaged(connection: sqlite3.Connection, damaged: Iterable[Damaged]) -> None:
    """Keep them, and of each meter the last 20."""
    rows = [(bad.meter, to_ms(bad.received_at), bad.format, bad.reason, bad.data) for bad in damaged]
    if rows:
        connection.executemany(_KEEP, rows)
        meters = sorted({bad[0] for bad in rows})
        connection.executemany(_KEEP_LAST, [{"meter": meter, "kept": DAMAGED_KEPT} for meter in meters])


def write_passed(connection: sqlite3.Connection, passed: Iterable[Passed]) -> None:
    """Count what was noticed in frames that have not been counted before.

    A reading of the same time as the one before replaces it in the database: it is counted as `superseded`.
    """
    for note in passed:
        row = connection.execute(_PASSED, (note.meter,)).fetchone()
        counted, before = row or (0, None)
        if note.record_id > counted:
            superseded = ("superseded",) if note.time is not None and note.time == before else ()
            write_counts(connection, Counter((note.meter, name) for name in (*note.counts, *superseded)))
            connection.execute(_PASS, (note.meter, note.record_id, note.time))
