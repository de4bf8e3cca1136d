"""The delivering loop: new records first, one batch at a time; redeliveries and refused lines in between."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from itertools import takewhile

from hanlogger.deliver.batch import Batch, fill_batch
from hanlogger.deliver.drafts import Costs, Draft, Drafter, list_no_costs
from hanlogger.deliver.late_settling import LateSettling
from hanlogger.deliver.lines import Lines
from hanlogger.deliver.no_requests import NO_DATABASE, NoRequests
from hanlogger.deliver.notices import make_attempt_id
from hanlogger.deliver.pace import Pace
from hanlogger.deliver.requests import Answer, Requests, Stopped
from hanlogger.deliver.search import RefusalSearch
from hanlogger.deliver.series_limit import SeriesLimit
from hanlogger.errors import JournalUnavailable, WriteRejected
from hanlogger.heartbeat import Heartbeat
from hanlogger.influxdb import Destination
from hanlogger.journal import Journal, Outcome, Record, RecordsChanged
from hanlogger.model import Key

FEWEST_LINES = 10  # of a telegram, so that as many records are read at once as may go in a request
NEWEST = 20  # records among which the newest telegram with lines is looked for
AMONG = 100  # times as many, where other meters' stand among them
PASSED = 500  # records of others that the cursor may have passed before the journal is told: they wait for nobody
UNHURRIED = Pace()
CHANGES = 3  # in a row after which it is told: a command changes telegrams once or twice
JOURNAL_SECONDS = 1.0  # between attempts to write the journal
FAULT_SECONDS = 10.0

log = logging.getLogger(__name__)


class Delivery(threading.Thread):
    """Delivers a journal to one destination until `stop` is set.

    `keys`: by meter. What cannot be decoded is listed, and tried again when keys or version differ from before.
    `destination`: None where no database is set: everything is decoded and listed all the same, and nothing is sent.
    """

    def __init__(
        self,
        journal: Journal,
        destination: Destination | None,
        keys: Mapping[str, Sequence[Key]],
        stop: threading.Event,
        logger_name: str,
        *,
        pace: Pace = UNHURRIED,
        series_limit: SeriesLimit | None = None,
        costs: Costs = list_no_costs,
        takes: Callable[[str], bool] | None = None,
        settles_late: bool = False,
    ) -> None:
        """`series_limit`: the one that all destinations of the journal share; None where there is one destination.

        `costs`: returns the points of what announced intervals cost. `takes`: of which meters, by name, something is
        decoded where no database is set; None: of all. `settles_late`: the cursor may follow within two minutes.
        """
        self._to = destination.name if destination else NO_DATABASE
        super().__init__(name=f"deliver {self._to}", daemon=True)
        self._journal = journal
        self._keys = keys
        self._stop_event = stop
        self._idle = pace.idle
        self._requests: Requests | NoRequests = (
            Requests(destination, stop, pace, self._find_newest, self._announce) if destination else NoRequests()
        )
        self._takes_all = destination.takes_all if destination else takes is None
        self._drafter = Drafter(
            journal.records.get_previous,
            keys,
            logger_name,
            series_limit or SeriesLimit(journal),
            (destination.takes if destination else takes) or (lambda _: True),
            journal.intervals.read_amounts,
            costs=costs,
            prices=journal.prices.read_announced,
        )
        self._drafted: dict[int, int | None] = {}  # by id of a record, its checksum when its lines were made
        self._cursor = 0
        self._confirmed = 0  # the cursor as the journal has it, once what is settled late is written
        self._settles_late = settles_late
        self._late = LateSettling(journal, self._to, self._persist)
        self._at_once_up_to = 0  # the id up to which what could not be settled late is settled as soon as it is sent
        self._most_records = self._requests.size.lines // FEWEST_LINES  # read from the journal at once
        self._page = self._most_records  # how many are read at once: about as many as go in a request
        self._search = RefusalSearch(self._requests.write, self._deliver_all_new, self._to)
        self._changes = 0  # how often in a row telegrams have been changed before they were sent
        self._trouble = ""  # with the journal, as last said

    @property
    def destination(self) -> str:
        """The name under which the journal knows the destination."""
        return self._to

    @property
    def cursor(self) -> int:
        """The id up to which the destination has been served; the journal's cursor may follow within two minutes."""
        return self._cursor

    @property
    def answer(self) -> Answer:
        """The destination's last answer, in words that say what to do."""
        return self._requests.answer

    @property
    def retries(self) -> int:
        """Requests that were not taken and had to be sent again, since the start."""
        return self._requests.retries

    @property
    def heartbeat(self) -> Heartbeat:
        """The loop's heartbeat; it pauses while a request is in flight, for half a minute at most."""
        return self._requests.heartbeat

    def run(self) -> None:
        """Run the loop until the stop event is set."""
        try:
            self._begin()
            while not self._stop_event.is_set():
                self._go_on()
        except Stopped:
            log.debug("%s: stopped", self._to)
        finally:
            self._requests.close()
            with suppress(JournalUnavailable):
                self._late.begin()

    def _begin(self) -> None:
        if self._to == NO_DATABASE and self._takes_all:  # all that was sent to a database has been decoded and listed
            self._persist(
                lambda: self._journal.destinations.confirm(self._to, self._journal.destinations.get_highest_cursor())
            )
        self._persist(self._retry_undecoded)
        if not self._journal.wait(self._cursor, 0):
            self._requests.check()

    def _retry_undecoded(self) -> None:
        self._journal.undecoded.retry(
            {meter: make_attempt_id(self._keys.get(meter, ())) for meter in self._journal.records.list_meters()}
        )
        self._read_cursor()

    def _read_cursor(self) -> None:
        self._cursor = self._confirmed = self._journal.destinations.get_cursor(self._to)

    def _go_on(self) -> None:
        self.heartbeat.beat()
        self._drafted.clear()
        try:
            if not self._deliver_new() and not self._deliver_again():
                self._rest()
            self._changes = 0
        except Stopped:
            raise
        except RecordsChanged:
            self._await_changes()
        except JournalUnavailable as error:
            self._wait_for_journal(error)
        except Exception:  # a fault of our own must not end delivery while recording goes on
            log.exception("%s: delivery fails, and is tried again", self._to)
            self._stop_event.wait(FAULT_SECONDS)
            self._send_again()

    def _await_changes(self) -> None:
        """Go on at once with what a command has left; where it changes again and again, no faster than it can."""
        self._changes += 1
        self._send_again()
        log.debug("%s: telegrams have been deleted or changed: what is left of them is written anew", self._to)
        if self._changes > CHANGES:
            self._wait_for_journal(JournalUnavailable("telegrams are changed each time before they can be sent"))

    def _send_again(self) -> None:
        """Go back to where the journal's cursor is: what has been sent and not settled is sent again."""
        self._at_once_up_to = self._journal.newest
        self._late.forget()
        self._persist(self._read_cursor)

    def _rest(self) -> None:
        """Wait until there is something to deliver; records that wait for the host's clock do not count."""
        if self._journal.wait(self._cursor, self._idle):
            found = self._read_new(1)
            if found and not self._list_ready(found):
                self._stop_event.wait(self._idle)

    def _list_ready(self, records: Iterable[Record]) -> list[Record]:
        """Return the first records, up to one that must wait until the host's clock is set."""
        return list(takewhile(lambda record: not self._drafter.must_wait(record), records))

    def _deliver_new(self) -> bool:
        """Write the records after the cursor, as many as go in one request; return False if there is none to write."""
        self._late.look()
        records = self._list_ready(self._read_new(self._page))
        if not records:
            return False
        batch = fill_batch(self._draft, records, self._requests.size.lines)
        took_all = len(batch.drafts) == len(records)
        self._page = min(self._most_records, 2 * self._page) if took_all else len(batch.drafts) + 1
        try:
            self._requests.write(batch.lines)
        except WriteRejected:
            self._set_aside(batch)
        else:
            self._settle(batch.make_outcome())
        return True

    def _settle(self, outcome: Outcome) -> None:
        """Move the cursor past records that are written; the journal's follows late where it may.

        What was sent once more is settled at once: another process may write as often as telegrams come, and a
        `backfill` waits until all that it saw is settled.
        """
        if self._settles_late and self._confirmed >= self._at_once_up_to:
            self._late.add(outcome)
        else:
            self._persist(lambda: self._journal.destinations.settle(self._to, outcome))
        self._cursor = self._confirmed = outcome.up_to

    def _read_new(self, most: int) -> list[Record]:
        """Return the records after the cursor, but for meters that the destination does not take: it passes those."""
        newest = self._journal.newest
        records = self._journal.records.read_after(self._cursor, most, self._left_out)
        if not records and not self._takes_all:
            self._cursor = max(self._cursor, newest)
        if self._cursor - self._confirmed >= PASSED:
            self._settle(Outcome(self._cursor))
        return records

    @property
    def _left_out(self) -> Collection[str]:
        """The meters whose records need not be read: the journal knows that they do not wait."""
        return () if self._takes_all else self._drafter.left_out

    def _deliver_all_new(self) -> None:
        """Deliver what is new, and settle it at once: no search is to begin anew because another process writes."""
        while self._journal.wait(self._cursor, 0):
            self._at_once_up_to = self._journal.newest
            if not self._deliver_new():
                break

    def _set_aside(self, batch: Batch) -> None:
        """Put the records that wait aside for redelivery: the search for refused lines must not hold up new ones."""
        self._late.settle()
        first, newest = batch.drafts[0].record_id, max(self._journal.newest, batch.up_to)
        self._persist(lambda: self._journal.destinations.set_aside(self._to, first, newest, batch.observations))
        self._cursor = self._confirmed = newest

    def _deliver_again(self) -> bool:
        """Write a batch of a redelivery, all but the lines that are refused; return False if there is none."""
        wanted = self._journal.redeliveries.get_first(self._to)
        if wanted is None:
            return False
        self._late.settle()
        found = self._journal.records.read_range(wanted, self._most_records)
        records = self._list_ready(found)
        if found and not records:
            return False
        batch = fill_batch(self._draft, records, self._requests.size.lines) if records else Batch(wanted.last_id, ())
        refusals = self._search.find_refusals(batch.lines)
        self._persist(lambda: self._journal.redeliveries.settle(self._to, wanted, batch.make_outcome(refusals)))
        return True

    def _draft(self, record: Record) -> Draft:
        self._drafted[record.id] = record.crc
        return self._drafter.draft(record)

    def _announce(self, lines: Lines) -> AbstractContextManager[None]:
        """Return the context of a request, which fails if a record was deleted or changed since its lines were made."""
        return self._journal.destinations.announce_request(
            {line.record_id: self._drafted[line.record_id] for line in lines}
        )

    def _find_newest(self) -> Lines:
        """Return the lines of the newest record that has any and need not wait; written twice, they are stored once."""
        span = NEWEST if self._takes_all else NEWEST * AMONG
        records = self._journal.records.read_after(self._journal.newest - span, span, self._left_out)
        drafts = (self._draft(record) for record in reversed(records) if not self._drafter.must_wait(record))
        return next((draft.lines for draft in drafts if draft.lines), ())

    def _persist(self, write: Callable[[], None]) -> None:
        """Try until the journal is written; raise Stopped, after which lines that were not confirmed are sent again."""
        while not self._stop_event.is_set():
            try:
                return write()
            except JournalUnavailable as error:
                self._wait_for_journal(error)
        raise Stopped

    def _wait_for_journal(self, error: JournalUnavailable) -> None:
        if str(error) != self._trouble:
            log.warning("%s: delivery waits: %s", self._to, error)
        self._trouble = str(error)
        self.heartbeat.beat()
        self._stop_event.wait(JOURNAL_SECONDS)
