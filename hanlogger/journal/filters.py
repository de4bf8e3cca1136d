"""Which meters a destination takes: its cursor passes the records of all others, which are never kept for it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Mapping

from hanlogger.journal.model import FRAME

Takes = Callable[[str], bool]
"""Returns whether a destination takes what is recorded of a meter, by its name; "" is the logger itself."""

EACH_METER = """
  WITH RECURSIVE each (meter) AS (
    SELECT min(meter) FROM record
    UNION ALL SELECT (SELECT min(meter) FROM record WHERE meter > each.meter) FROM each WHERE each.meter IS NOT NULL
  )
  SELECT meter FROM each
"""
"""SQL of the names of all meters, of which the last is NULL; it goes along the index, one step for each meter."""

WANTED = "+record.meter NOT IN (SELECT value FROM json_each(?))"
"""SQL of a condition on records: those of the names in a list of JSON are left out. The plus sign keeps to ids."""

_FIRST_WANTED = f"SELECT id FROM record WHERE id > ? AND {WANTED} ORDER BY id LIMIT 1"  # noqa: S608 constants
_SAMPLE = f"""
SELECT count(*), coalesce(sum(kind = {FRAME} AND {WANTED}), 0) FROM (
  SELECT kind, meter FROM record WHERE id > ? AND id <= ? ORDER BY id LIMIT ?
) AS record
"""  # noqa: S608 constants


class Filters:
    """The filters of the destinations of one open journal; a destination that has none takes every meter."""

    def __init__(self) -> None:
        self._takes: Mapping[str, Takes] = {}

    def use(self, takes: Mapping[str, Takes]) -> None:
        """Replace all filters by these, by the destination's name."""
        self._takes = dict(takes)

    def list_left_out(self, connection: sqlite3.Connection, destination: str) -> list[str]:
        """Return the names of the meters in the journal that a destination does not take."""
        takes = self._takes.get(destination)
        if takes is None:
            return []
        names = (name for (name,) in connection.execute(EACH_METER) if name is not None)
        return [name for name in names if not takes(name)]


def to_json(names: Collection[str]) -> str:
    """Return the parameter of WANTED."""
    return json.dumps(list(names))


def select_next_wanted(connection: sqlite3.Connection, after: int, left_out: Collection[str]) -> int | None:
    """Return the id of the first record after another that is of none of these meters; None where there is none."""
    row = connection.execute(_FIRST_WANTED, (after, to_json(left_out))).fetchone()
    return int(row[0]) if row else None


def select_share(
    connection: sqlite3.Connection, after: int, up_to: int, left_out: Collection[str], most: int
) -> tuple[int, int]:
    """Return how many of the first records of a range are looked at, `most` of them, and how many are wanted frames."""
    looked, wanted = connection.execute(_SAMPLE, (to_json(left_out), after, up_to, most)).fetchone()
    return int(looked), int(wanted)
