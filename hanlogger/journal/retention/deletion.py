"""SQL of what may be deleted from the journal, and of the size of its file.

Each function is part of a read or a transaction, on the connection that it is given.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from math import ceil
from typing import NamedTuple

from hanlogger.journal.checksums import make_intact_sql
from hanlogger.journal.counters import raise_counters
from hanlogger.journal.file.sqlite import JournalCorrupt
from hanlogger.journal.filters import EACH_METER, Filters, to_json
from hanlogger.journal.id_order import ID_CORRUPT
from hanlogger.journal.model import AGGREGATION, FRAME, HEALTH, HIGHEST_ID, MILLISECOND, to_ms
from hanlogger.journal.outcomes import delete_orphans, select_cursor

STEP = 500  # records a transaction, so that appending never waits long
PAGES = 2000  # given back to the disk at a time
ROW_OVERHEAD = 64  # octets that a record takes beside its data, about
DAY_MS = 86_400_000
ONE_DAY = timedelta(days=1)

_SERVED = """
id <= ?
AND NOT EXISTS (SELECT 1 FROM refused WHERE first_id = record.id AND destination IN (SELECT value FROM json_each(?)))
AND NOT EXISTS (SELECT 1 FROM refused WHERE first_id < last_id AND record.id BETWEEN first_id AND last_id
                AND destination IN (SELECT value FROM json_each(?)))
AND NOT EXISTS (SELECT 1 FROM again WHERE record.id BETWEEN first_id AND last_id
                AND destination IN (SELECT value FROM json_each(?)))
"""
_LEFT_OUT_OR_SERVED = f"(meter IN (SELECT value FROM json_each(?)) OR ({_SERVED}))"  # noqa: S608 constants
_DECODED = "NOT EXISTS (SELECT 1 FROM undecoded WHERE record = record.id)"
_OLDER = f"""
AND judged AND kind IN (0, 1, 2, 3) AND received_at < ? AND meter IN ({EACH_METER})
AND {make_intact_sql("record")}
"""
"""A condition that goes along the index, so that nothing is read when nothing is old."""
_LAST_BEFORE = f"""
SELECT received_at FROM record WHERE meter = ? AND kind = ? AND received_at < ? AND judged
AND {make_intact_sql("record")} ORDER BY received_at DESC LIMIT 1
"""  # noqa: S608 constants
_HOLDINGS = "SELECT meter, count(*), min(id) FROM record INDEXED BY record_time GROUP BY meter"
_LENGTH = f"""
SELECT coalesce(avg(length(data)), 0) + {ROW_OVERHEAD} FROM (
  SELECT data FROM record WHERE meter = ? AND kind = 0 ORDER BY received_at DESC LIMIT 100
)
"""  # noqa: S608 constants


class Chosen(NamedTuple):
    """A condition on records, its parameters, and the index by which they are looked for."""

    where: str
    parameters: tuple[object, ...] = ()
    by: str = ""

    def restrict(self, where: str, *parameters: object) -> Chosen:
        """Return both this condition and another."""
        return Chosen(f"{self.where} AND {where}", (*self.parameters, *parameters), self.by)

    def restrict_to_older(self, before: int) -> Chosen:
        """Return the condition for those that arrived before, in ms, by a clock that was known to be set."""
        return Chosen(f"{self.where} {_OLDER}", (*self.parameters, before), "INDEXED BY record_time")


EVERY = Chosen("true")


class Holding(NamedTuple):
    """The records of a meter in the journal, and about how many octets each of them takes."""

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

    def subtract(self, number: int) -> Holding:
        """Return what is left after so many records are deleted."""
        return self._replace(records=max(0, self.records - number))


def choose_delivered(connection: sqlite3.Connection, destinations: Collection[str], filters: Filters) -> Chosen:
    """Return the condition for records that every destination has, in no list of refused, undecoded or redelivery.

    A destination counts for the records of the meters that it takes, and for no others.
    """
    left_out = {name: filters.list_left_out(connection, name) for name in destinations}
    plain = [name for name in destinations if not left_out[name]]
    cursors = [select_cursor(connection, name) for name in plain] or [HIGHEST_ID if left_out else 0]
    chosen = Chosen(_SERVED, _serve(plain, min([*cursors, *_select_aggregated(connection)])))
    for name in left_out.keys() - set(plain):
        parameters = _serve([name], select_cursor(connection, name))
        chosen = chosen.restrict(_LEFT_OUT_OR_SERVED, to_json(left_out[name]), *parameters)
    return chosen.restrict(_DECODED)


def _serve(names: Collection[str], up_to: int) -> tuple[object, ...]:
    """Return the parameters of _SERVED."""
    listed = to_json(names)
    return up_to, listed, listed, listed


def choose_aggregated(connection: sqlite3.Connection) -> Chosen:
    """Return the condition for records of which intervals have been made; for every one where none are made at all."""
    aggregated = _select_aggregated(connection)
    return Chosen("id <= ?", (aggregated[0],)) if aggregated else EVERY


def _select_aggregated(connection: sqlite3.Connection) -> list[int]:
    row = connection.execute("SELECT 1 FROM destination WHERE name = ?", (AGGREGATION,)).fetchone()
    return [select_cursor(connection, AGGREGATION)] if row else []


def delete(connection: sqlite3.Connection, counter: str, chosen: Chosen, octets: float = float("inf")) -> Counter[str]:
    """Delete the oldest chosen records: 500 at most, and at most so many octets.

    Returns the number of frames deleted by meter, by which the counter of each meter is raised.
    """
    deleted: Counter[str] = Counter()
    if octets <= 0:
        return deleted
    where = f"{chosen.by} WHERE {chosen.where} ORDER BY id LIMIT ?"
    sql = f"SELECT id, kind, meter, length(data) FROM record {where}"  # noqa: S608 constants
    number = 0
    for number, kind, meter, length in connection.execute(sql, (*chosen.parameters, STEP)).fetchall():
        if octets <= 0:
            break
        if not connection.execute("DELETE FROM record WHERE id = ?", (number,)).rowcount:
            raise JournalCorrupt(ID_CORRUPT)
        octets -= length + ROW_OVERHEAD
        deleted[meter] += kind == FRAME
    delete_orphans(connection, number)
    raise_counters(connection, {(meter, counter): frames for meter, frames in deleted.items() if frames})
    return deleted


def select_holdings(connection: sqlite3.Connection) -> dict[str, Holding]:
    """Return what the journal holds, by meter: counted in the index, the length that of the newest frames."""
    rows = connection.execute(_HOLDINGS).fetchall()
    lengths = {meter: float(connection.execute(_LENGTH, (meter,)).fetchone()[0]) for meter, _, _ in rows}
    return {meter: Holding(meter, number, lengths[meter], first) for meter, number, first in rows}


def choose_share(held: Mapping[str, Holding], excess: int) -> tuple[str, float]:
    """Return the meter that holds most, and how many of the octets in excess it is to give up before others do."""
    largest, *others = sorted(held.values(), key=lambda holding: holding.octets, reverse=True)
    lead = largest.octets - max((other.octets for other in others), default=0.0)
    return largest.meter, min(excess, max(lead, excess / len(held)))


def select_horizon(connection: sqlite3.Connection, keep: timedelta) -> int | None:
    """Return the arrival time, in ms, before which records have been kept long enough; None: nothing has.

    The clock of the host alone does not decide: as many days as `keep` has must have been recorded since, and one more
    for the day that a clock set wrong makes out of nothing.
    """
    days = _select_days(connection, ceil(keep / ONE_DAY) + 2)
    if len(days) < ceil(keep / ONE_DAY) + 2:
        return None
    return min(days[-1] * DAY_MS, to_ms(datetime.now(UTC)) - keep // MILLISECOND)


def _select_days(connection: sqlite3.Connection, most: int) -> list[int]:
    """Return the newest days (UTC, numbered since 1970) on which a clock that was set recorded anything, newest first.

    It goes along the index, one step for each day and meter.
    """
    days: set[int] = set()
    for (meter,) in connection.execute(EACH_METER).fetchall():
        for kind in (FRAME, HEALTH):
            days.update(islice(_iterate_days(connection, meter, kind), most))
    return sorted(days, reverse=True)[:most]


def _iterate_days(connection: sqlite3.Connection, meter: str, kind: int) -> Iterator[int]:
    before = 2**63 - 1
    while row := connection.execute(_LAST_BEFORE, (meter, kind, before)).fetchone():
        yield row[0] // DAY_MS
        before = row[0] // DAY_MS * DAY_MS


def measure_used(connection: sqlite3.Connection) -> int:
    """Return how many octets of the file hold something."""
    pages = _select_pragma(connection, "page_count") - _select_pragma(connection, "freelist_count")
    return pages * _select_pragma(connection, "page_size")


def shrink(connection: sqlite3.Connection, max_size: int) -> None:
    """Give free pages back to the disk, 2,000 at most, where the file is larger than `max_size` octets."""
    excess = _select_pragma(connection, "page_count") - max_size // _select_pragma(connection, "page_size")
    for _ in range(min(excess, _select_pragma(connection, "freelist_count"), PAGES)):
        connection.execute("PRAGMA incremental_vacuum(1)")  # of more, sqlite3 takes the first step only


def _select_pragma(connection: sqlite3.Connection, name: str) -> int:
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return int(value)
