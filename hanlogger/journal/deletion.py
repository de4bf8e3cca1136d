"""SQL of what may be deleted from the journal, and of the size of its file."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from hanlogger.journal.counters import raise_counters
from hanlogger.journal.file import JournalCorrupt
from hanlogger.journal.id_order import WORDS
from hanlogger.journal.outcomes import delete_orphans, select_cursor
from hanlogger.journal.rows import EACH_METER, FRAME, HEALTH
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
    lowest = min((select_cursor(connection, name) for name in destinations), default=0)
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
        if not connection.execute("DELETE FROM record WHERE id = ?", (number,)).rowcount:
            raise JournalCorrupt(WORDS)
        octets -= length + ROW
        gone[meter] += kind == 0
    delete_orphans(connection, number)
    return gone


def delete_counted(
    connection: sqlite3.Connection, counter: str, chosen: Chosen, octets: float = float("inf")
) -> Counter[str]:
    """Delete as `delete` does, and raise the counter of each meter in the same transaction."""
    gone = delete(connection, chosen, octets)
    raise_counters(connection, {(meter, counter): frames for meter, frames in gone.items() if frames})
    return gone


class Holding(NamedTuple):
    """What the journal holds of a meter: its records, and about how many octets each of them takes."""

    meter: str
    records: int
    length: float
    first_id: int  # no record of the meter has a lower one

    @property
    def octets(self) -> float:
        """How many octets they take together."""
        return self.records * self.length

    @property
    def chosen(self) -> Chosen:
        """The condition for them, by which they are found in the order of their ids."""
        return Chosen("id >= ? AND +meter = ?", (self.first_id, self.meter))

    def without(self, number: int) -> Holding:
        """Return what is left after so many records are deleted."""
        return self._replace(records=max(0, self.records - number))


_HOLDINGS = "SELECT meter, count(*), min(id) FROM record INDEXED BY record_time GROUP BY meter"
_LENGTH = f"""
SELECT coalesce(avg(length(data)), 0) + {ROW} FROM (
  SELECT data FROM record WHERE meter = ? AND kind = 0 ORDER BY received_at DESC LIMIT 100
)
"""  # noqa: S608 constants


def holdings(connection: sqlite3.Connection) -> dict[str, Holding]:
    """Return what the journal holds, by meter: counted in the index, the length that of the newest frames."""
    rows = connection.execute(_HOLDINGS).fetchall()
    lengths = {meter: float(connection.execute(_LENGTH, (meter,)).fetchone()[0]) for meter, _, _ in rows}
    return {meter: Holding(meter, number, lengths[meter], first) for meter, number, first in rows}


def share(held: Mapping[str, Holding], excess: int) -> tuple[str, float]:
    """Return the meter that holds most, and how many of the octets in excess it is to give up before others do."""
    largest, *others = sorted(held.values(), key=lambda holding: holding.octets, reverse=True)
    lead = largest.octets - max((other.octets for other in others), default=0.0)
    return largest.meter, min(excess, max(lead, excess / len(held)))


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
