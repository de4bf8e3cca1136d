"""What is kept, and what goes: delivered frames older than `keep`; at `max_size` the oldest, delivered ones first."""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from functools import partial
from math import ceil

from hanlogger.journal.database import Database
from hanlogger.journal.deletion import (
    DAY,
    EVERY,
    Chosen,
    Holding,
    delete_counted,
    delivered,
    holdings,
    recorded_days,
    share,
    shrink,
    used,
)
from hanlogger.journal.kinds import MILLISECOND, Cleaned, to_ms
from hanlogger.journal.mending import seal_records

ONE_DAY = timedelta(days=1)
NONE: Counter[str] = Counter()
_WORDS = {
    "deleted_age": "telegrams that are older than `keep` are deleted, %d now",
    "deleted_size": "the journal has reached max_size: the oldest delivered telegrams are deleted, %d now",
    "dropped": "the journal has reached max_size: telegrams that were never delivered are being deleted, %d now",
}
"""By counter, what is told."""

log = logging.getLogger(__name__)


class Retention:
    """What is deleted, and when, as `journal.retention`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told: frozenset[str] = frozenset()  # names of counters of which the log has been told

    def clean(
        self, keep: timedelta, max_size: int, destinations: Collection[str], *, clock_is_set: bool = True
    ) -> Cleaned:
        """Delete what has been kept long enough, and what is over the size in octets; count it and tell of it.

        A frame is delivered when each of `destinations` has it, and nothing of it is refused or undecoded. Without
        a destination `keep` alone decides. Nothing is old by a clock that is not known to be set.
        """
        while self._database.write(seal_records):
            pass
        spare = self._database.read(lambda connection: delivered(connection, destinations))
        before = self._database.read(lambda connection: _horizon(connection, keep)) if clock_is_set else None
        kept = spare if destinations else EVERY
        old = self._delete_all("deleted_age", kept.older_than(before)) if before is not None else NONE
        fitted = self._fit("deleted_size", max_size, spare) if destinations else NONE
        lost = self._fit_by_meter("dropped", max_size)
        self._tell("deleted_age", old, logging.INFO if destinations else logging.WARNING)
        self._tell("deleted_size", fitted, logging.INFO)
        self._tell("dropped", lost, logging.WARNING)
        self._database.write(lambda connection: shrink(connection, max_size))
        self._database.reserve.keep()
        return Cleaned(old.total() + fitted.total(), lost.total())

    def _delete_all(self, counter: str, chosen: Chosen) -> Counter[str]:
        return self._delete(lambda connection: delete_counted(connection, counter, chosen))

    def _fit(self, counter: str, max_size: int, chosen: Chosen) -> Counter[str]:
        """Delete the oldest chosen records until the rest fits; their meters."""
        return self._delete(lambda c: delete_counted(c, counter, chosen, used(c) - max_size))

    def _delete(self, step: Callable[[sqlite3.Connection], Counter[str]]) -> Counter[str]:
        gone: Counter[str] = Counter()
        while deleted := self._database.write(step):
            gone += deleted
        return gone

    def _fit_by_meter(self, counter: str, max_size: int) -> Counter[str]:
        """Delete until the rest fits, each time the oldest records of the meter that holds most; their meters.

        So a meter that floods the journal pushes out its own telegrams, and not those of the meters beside it.
        """
        gone: Counter[str] = Counter()
        held: dict[str, Holding] = self._database.read(holdings) if self._database.read(used) > max_size else {}
        while held and (excess := self._database.read(used) - max_size) > 0:
            meter, octets = share(held, excess)
            deleted = self._database.write(
                partial(delete_counted, counter=counter, chosen=held[meter].chosen, octets=octets)
            )
            gone += deleted
            held[meter] = held[meter].without(deleted.total())
            if not deleted:
                del held[meter]
        return gone

    def _tell(self, counter: str, gone: Counter[str], level: int) -> None:
        """Log the first of several looks in a row that delete for this reason."""
        if gone and counter not in self._told:
            log.log(level, _WORDS[counter], gone.total())
        self._told = self._told | {counter} if gone else self._told - {counter}


def _horizon(connection: sqlite3.Connection, keep: timedelta) -> int | None:
    """The time of receipt, in ms, before which records have been kept long enough; None: nothing has.

    No clock alone says so: as many days as `keep` has must have been recorded since. One more stands for the day that
    a clock set wrong makes out of nothing.
    """
    days = recorded_days(connection, ceil(keep / ONE_DAY) + 2)
    if len(days) < ceil(keep / ONE_DAY) + 2:
        return None
    return min(days[-1] * DAY, to_ms(datetime.now(UTC)) - keep // MILLISECOND)
