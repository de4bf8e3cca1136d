"""SQL of what may be deleted."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import islice
from typing import NamedTuple

from hanlogger.journal.changes import delete_strays
from hanlogger.journal.cursors import cursor_of
from hanlogger.journal.lookup import EACH_METER
from hanlogger.journal.rows import FRAME, HEALTH
from hanlogger.journal.sealing import intact

STEP = 500  # records a transaction, so that appending never waits long
PAGES = 2000  # given back a time
ROW = 64  # octets of a record beside its data, about

_DELIVERED = """
id <= ?
AND NOT EXISTS (SELECT 1 FROM undecoded WHERE record = record.id)
AND NOT EXISTS (SELECT 1 FROM refused WHERE first_id = record.id AND destination IN (SELECT value FROM json_each(?)))
AND NOT EXISTS (SELECT 1 FROM refused WHERE first_id < last_id AND record.id BETWEEN first_id AND last_id
                AND destination IN (SELECT value FROM json_each(?)))
AND NOT EXISTS (SELECT 1 FROM again WHERE record.id BETWEEN first_id AND last_id
                AND destination IN (SELECT value FROM json_each(?)))
"""

_OLDER = f"AND judged AND kind IN (0, 1) AND received_at < ? AND meter IN ({EACH_METER}) AND {intact('record')}"
"""Through the index, so that nothing is read when nothing is old."""


class Chosen(NamedTuple):
    """A condition on records, its parameters, and how they are looked for."""

    where: str
    parameters: tuple[object, ...] = ()
    by: str = ""

    def older_than(self, before: int) -> Chosen:
        """Those of them; a time of receipt by a clock that was not set says nothing about the age."""
        return Chosen(f"{self.where} {_OLDER}", (*self.parameters, before), "INDEXED BY record_time")


EVERY = Chosen("true")

DAY = 86_400_000  # ms
_LAST_BEFORE = f"""
SELECT received_at FROM record WHERE meter = ? AND kind = ? AND received_at < ? AND judged AND {intact("record")}
ORDER BY received_at DESC LIMIT 1
"""  # noqa: S608 constants


def recorded_days(connection: sqlite3.Connection, most: int) -> list[int]:
    """The newest days (UTC, numbered since 1970) on which anything was recorded by a clock that was set, newest first.

    Through the index: a step a day and meter.
    """
    days: set[int] = set()
    for (meter,) in connection.execute(EACH_METER).fetchall():
        for kind in (FRAME, HEALTH):
            days.update(islice(_days(connection, meter, kind), most))
    return sorted(days, reverse=True)[:most]


def _days(connection: sqlite3.Connection, meter: str, kind: int) -> Iterator[int]:
    before = 2**63 - 1
    while row := connection.execute(_LAST_BEFORE, (meter, kind, before)).fetchone():
        yield row[0] // DAY
        before = row[0] // DAY * DAY


def delivered(connection: sqlite3.Connection, destinations: Collection[str]) -> Chosen:
    """Records that every destination has, and of which nothing is refused, undecoded or to be sent again."""
    names = json.dumps(list(destinations))
    lowest = min((cursor_of(connection, name) for name in destinations), default=0)
    return Chosen(_DELIVERED, (lowest, names, names, names))


def delete(connection: sqlite3.Connection, chosen: Chosen, octets: float = float("inf")) -> Counter[str]:
    """Delete the oldest chosen records, a step's worth or so many octets; the meters of the frames."""
    gone: Counter[str] = Counter()
    if octets <= 0:
        return gone
    where = f"{chosen.by} WHERE {chosen.where} ORDER BY id LIMIT ?"
    sql = f"SELECT id, kind, meter, length(data) FROM record {where}"  # noqa: S608 constants
    number = 0
    for number, kind, meter, length in connection.execute(sql, (*chosen.parameters, STEP)).fetchall():
        if octets <= 0:
            break
        connection.execute("DELETE FROM record WHERE id = ?", (number,))
        octets -= length + ROW
        gone[meter] += kind == 0
    delete_strays(connection, number)
    return gone


def used(connection: sqlite3.Connection) -> int:
    """Octets of the file that hold something."""
    return (_pragma(connection, "page_count") - _pragma(connection, "freelist_count")) * _pragma(
        connection, "page_size"
    )


def shrink(connection: sqlite3.Connection, max_size: int) -> None:
    """Give free pages back to the disk, a step's worth, where the file is larger than it may be."""
    excess = _pragma(connection, "page_count") - max_size // _pragma(connection, "page_size")
    for _ in range(min(excess, _pragma(connection, "freelist_count"), PAGES)):
        connection.execute("PRAGMA incremental_vacuum(1)")  # of more, sqlite3 takes the first step only


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return int(value)
