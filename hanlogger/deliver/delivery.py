"""The loop: what is new first, one batch at a time; in between, what is to be sent again or holds a refused line."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hanlogger.deliver.bisection import Bisection, Line
from hanlogger.deliver.drafts import Draft, Drafter, tried_with
from hanlogger.deliver.pace import Pace
from hanlogger.deliver.requests import Answer, Requests, Stopped
from hanlogger.errors import WriteRejected
from hanlogger.influxdb import Destination
from hanlogger.journal import Journal, Outcome, Record, Refusal
from hanlogger.model import Key

LINES = 5000  # a request, unless one frame has more
RECORDS = 500  # a read of the journal
BUDGET = 200  # requests to find refused lines in one batch
UNHURRIED = Pace()
IDLE_SECONDS = 0.5  # how soon a stop is noticed, and what another process puts to be sent again

log = logging.getLogger(__name__)


class Batch(NamedTuple):
    """Records that go in one request, as far as they fit."""

    up_to: int
    drafts: Sequence[Draft]

    @property
    def lines(self) -> list[Line]:
        """All lines, in order."""
        return [line for draft in self.drafts for line in draft.lines]

    def outcome(self, refusals: Sequence[Refusal] = ()) -> Outcome:
        """What became of the records, when every line is in the database or among the refusals."""
        undecoded = tuple(draft.undecoded for draft in self.drafts if draft.undecoded is not None)
        passed = tuple(draft.passed for draft in self.drafts if draft.passed is not None)
        return Outcome(self.up_to, tuple(refusals), undecoded, passed)


class Delivery(threading.Thread):
    """Delivers a journal to one destination until `stop` is set.

    keys: by meter. What cannot be decoded is listed, and tried again when keys or version are others than before.
    """

    def __init__(
        self,
        journal: Journal,
        destination: Destination,
        keys: Mapping[str, Sequence[Key]],
        stop: threading.Event,
        logger_name: str,
        *,
        pace: Pace = UNHURRIED,
    ) -> None:
        super().__init__(name=f"deliver {destination.name}", daemon=True)
        self._journal = journal
        self._to = destination.name
        self._keys = keys
        self._stop_event = stop
        self._requests = Requests(destination, stop, pace)
        self._drafter = Drafter(keys, logger_name)

    @property
    def answer(self) -> Answer:
        """The destination's last answer, in words that say what to do."""
        return self._requests.answer

    def run(self) -> None:
        """The thread."""
        try:
            self._begin()
            while not self._stop_event.is_set():
                self._go_on()
        except Stopped:
            pass
        finally:
            self._requests.close()

    def _begin(self) -> None:
        self._journal.retry_undecoded(
            {meter: tried_with(self._keys.get(meter, ())) for meter in self._journal.meters()}
        )
        self._cursor = self._journal.cursor(self._to)
        if not self._journal.wait(self._cursor, 0):
            self._requests.check()

    def _go_on(self) -> None:
        if not self._deliver_new() and not self._deliver_again():
            self._journal.wait(self._cursor, IDLE_SECONDS)

    def _deliver_new(self) -> bool:
        """Write what waits after the cursor, as much as goes in one request; False when nothing does."""
        records = self._journal.after(self._cursor, RECORDS)
        if not records:
            return False
        batch = self._batch(records)
        try:
            self._write(batch.lines)
        except WriteRejected:
            self._set_aside(batch)
        else:
            self._journal.settle(self._to, batch.outcome())
            self._cursor = batch.up_to
        return True

    def _set_aside(self, batch: Batch) -> None:
        """Let what waits not hold up what is still to come: the bad lines in it are looked for when nothing new waits."""
        newest = max(self._journal.newest, batch.up_to)
        self._journal.set_aside(self._to, batch.drafts[0].record_id, newest)
        self._cursor = newest

    def _deliver_again(self) -> bool:
        """Write a batch of what is to be sent again, without what is refused; False when there is none."""
        wanted = self._journal.again(self._to)
        if wanted is None:
            return False
        records = self._journal.in_range(wanted, RECORDS)
        batch = self._batch(records) if records else Batch(wanted.last_id, ())
        refusals = self._bisect(batch.lines)
        self._journal.settle_again(self._to, wanted, batch.outcome(refusals))
        return True

    def _bisect(self, lines: Sequence[Line]) -> Sequence[Refusal]:
        bisection = Bisection(lines, BUDGET)
        while piece := bisection.piece:
            while self._journal.wait(self._cursor, 0):
                self._deliver_new()
            try:
                self._write(piece)
            except WriteRejected as error:
                bisection.refused(str(error))
            else:
                bisection.taken()
        return bisection.refusals

    def _batch(self, records: Sequence[Record]) -> Batch:
        drafts: list[Draft] = []
        lines = 0
        for record in records:
            draft = self._drafter.draft(record)
            lines += len(draft.lines)
            if drafts and lines > LINES:
                break
            drafts.append(draft)
        return Batch(drafts[-1].record_id, drafts)

    def _write(self, lines: Sequence[Line]) -> None:
        if lines:
            self._requests.write(b"".join(line.data for line in lines))
