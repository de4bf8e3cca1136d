"""Delete records from the journal by age, and at its largest size."""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection
from datetime import timedelta
from functools import partial

from hanlogger.journal.database import Database
from hanlogger.journal.mending import seal_records
from hanlogger.journal.model import Cleaned
from hanlogger.journal.retention.deletion import (
    Chosen,
    choose_aggregated,
    choose_delivered,
    choose_share,
    delete,
    measure_used,
    select_holdings,
    select_horizon,
    shrink,
)

NOTHING: Counter[str] = Counter()
_WORDS = {
    "deleted_age": "telegrams that are older than `keep` are deleted, %d now",
    "deleted_size": "the journal has reached max_size: the oldest delivered telegrams are deleted, %d now",
    "dropped": "the journal has reached max_size: telegrams that were never delivered are being deleted, %d now",
}
"""The message of the log, by counter."""

log = logging.getLogger(__name__)


class Retention:
    """What is deleted by age and at the largest size, as `journal.retention`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told: frozenset[str] = frozenset()  # names of counters of which the log has been told

    def clean(
        self, keep: timedelta, max_size: int, destinations: Collection[str], *, clock_is_set: bool = True
    ) -> Cleaned:
        """Delete what is older than `keep`, and what is over `max_size` octets; count it and log it.

        A frame is delivered when each of `destinations` has it, and nothing of it is refused, undecoded or listed for
        redelivery. Without a destination `keep` alone decides. Nothing is old by a clock that is not known to be set.
        Raises JournalUnavailable.
        """
        while self._database.write(seal_records):
            pass
        spare = self._database.read(
            lambda connection: choose_delivered(connection, destinations, self._database.filters)
        )
        before = self._database.read(lambda connection: select_horizon(connection, keep)) if clock_is_set else None
        kept = spare if destinations else self._database.read(choose_aggregated)
        old = self._delete_all("deleted_age", kept.restrict_to_older(before)) if before is not None else NOTHING
        fitted = self._fit("deleted_size", max_size, spare) if destinations else NOTHING
        lost = self._fit_by_meter("dropped", max_size)
        self._log_once("deleted_age", old, logging.INFO if destinations else logging.WARNING)
        self._log_once("deleted_size", fitted, logging.INFO)
        self._log_once("dropped", lost, logging.WARNING)
        self._database.write(lambda connection: shrink(connection, max_size))
        self._database.reserve.keep()
        return Cleaned(old.total() + fitted.total(), lost.total())

    def _delete_all(self, counter: str, chosen: Chosen) -> Counter[str]:
        return self._repeat(lambda connection: delete(connection, counter, chosen))

    def _fit(self, counter: str, max_size: int, chosen: Chosen) -> Counter[str]:
        """Delete the oldest chosen records until the rest fits; return the frames deleted by meter."""
        return self._repeat(lambda c: delete(c, counter, chosen, measure_used(c) - max_size))

    def _repeat(self, step: Callable[[sqlite3.Connection], Counter[str]]) -> Counter[str]:
        total: Counter[str] = Counter()
        while deleted := self._database.write(step):
            total += deleted
        return total

    def _fit_by_meter(self, counter: str, max_size: int) -> Counter[str]:
        """Delete until the rest fits, each time the oldest records of the meter that holds most.

        So a meter that floods the journal pushes out its own telegrams, and not those of the meters beside it. Returns
        the frames deleted by meter.
        """
        total: Counter[str] = Counter()
        held = self._database.read(select_holdings) if self._database.read(measure_used) > max_size else {}
        while held and (excess := self._database.read(measure_used) - max_size) > 0:
            meter, octets = choose_share(held, excess)
            deleted = self._database.write(partial(delete, counter=counter, chosen=held[meter].chosen, octets=octets))
            total += deleted
            held[meter] = held[meter].subtract(deleted.total())
            if not deleted:
                del held[meter]
        return total

    def _log_once(self, counter: str, deleted: Counter[str], level: int) -> None:
        """Log the first of several cleanings in a row that delete for this reason."""
        if deleted and counter not in self._told:
            log.log(level, _WORDS[counter], deleted.total())
        self._told = self._told | {counter} if deleted else self._told - {counter}
