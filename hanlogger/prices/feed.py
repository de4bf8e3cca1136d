"""The thread that keeps prices: it looks once a minute whether something is due, and asks for it."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hanlogger.errors import JournalUnavailable
from hanlogger.hostclock import HOST, HostClock
from hanlogger.journal import Journal
from hanlogger.prices.answer import describe_missing
from hanlogger.prices.asking import PACE, Pace, Unavailable, ask
from hanlogger.prices.backlog import find_backlog
from hanlogger.prices.quarters import NotPublished, WrongPrices
from hanlogger.prices.schedule import has_begun, is_late, list_days_of_now
from hanlogger.prices.source import ONE_DAY, PriceSource
from hanlogger.prices.watched_file import WatchedFile
from hanlogger.status.state import PriceState

LOOK_SECONDS = 60.0  # between two looks whether something is due
AGAIN = timedelta(minutes=15)  # until a day is asked for again that is missing, or not whole
AGAIN_OF_PAST = timedelta(days=1)
BACKLOG = timedelta(hours=1)  # between two looks for days of the past without prices
BACKLOG_DAYS = 20  # of the past that are asked for at each look
BETWEEN_SECONDS = 1.0  # between two days, for the server's sake
JITTER_SECONDS = 900.0

log = logging.getLogger(__name__)


class PriceFeed(threading.Thread):
    """Keeps the prices of a source in a journal until `stop` is set.

    now: tells the time, UTC. pace: between two attempts at a server that fails.
    """

    def __init__(
        self,
        journal: Journal,
        source: PriceSource,
        stop: threading.Event,
        *,
        clock: HostClock = HOST,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        pace: Pace = PACE,
    ) -> None:
        super().__init__(name="prices", daemon=True)
        self.source = source
        self._journal, self._stopped, self._clock, self._now, self._pace = journal, stop, clock, now, pace
        self._jitter = timedelta(seconds=random.uniform(0, JITTER_SECONDS))  # noqa: S311 no secret
        self._settled: set[date] = set()  # days whose prices are all there, and final
        self._not_before: dict[date, datetime] = {}  # by day, when it may be asked for again
        self._backlog: list[date] = []
        self._backlog_at: datetime | None = None
        self._file = WatchedFile(source.file, source) if source.file else None
        self._troubles: dict[date | None, str] = {}
        self._end: datetime | None = None

    def report(self) -> PriceState:
        """Return how far prices are known, and what is wrong of the newest day. Any thread may call this."""
        troubles = dict(self._troubles)
        newest = max((day for day in troubles if day is not None), default=None)
        words = troubles.get(None) or troubles.get(newest, "")
        return PriceState(self.source.area, self.source.name, self._end, words)

    def run(self) -> None:
        """Look each minute until the stop event is set."""
        pause = 0.0
        while not self._stopped.wait(pause):
            pause = LOOK_SECONDS
            try:
                self.look()
            except JournalUnavailable as error:
                log.debug("prices wait for the journal: %s", error)
            except Exception:  # a fault of ours must not end the recording
                log.exception("prices cannot be kept, and are asked for again")

    def look(self) -> None:
        """Keep what is due by now, once the host's clock is known to be set. Raises JournalUnavailable."""
        if not (self._clock.is_set or self._clock.overdue):
            return
        if self._file is not None:
            self._read_file(self._file)
        else:
            self._ask_all()
        self._end = self._journal.prices.get_end(self.source.area)

    # --- a file

    def _read_file(self, file: WatchedFile) -> None:
        """Keep all prices of the file where it has changed since they were taken."""
        try:
            prices = file.read_changed()
        except WrongPrices as error:
            self._note(None, str(error))
            return
        if prices is not None:
            self._journal.prices.merge(self.source.area, self.source.currency, prices, final=True)
            file.take()
            self._note(None, "")

    # --- a server, or a fixed price

    def _ask_all(self) -> None:
        for number, day in enumerate(self._list_due()):
            if number and self._stopped.wait(BETWEEN_SECONDS if self.source.url else 0):
                return
            if not self._ask(day):
                return

    def _list_due(self) -> list[date]:
        """Return the days to be asked for now: today and tomorrow, then those of the past, the newest first."""
        now = self._now()
        today = self.source.tell_day(now)
        if self._backlog_at is None or now - self._backlog_at >= BACKLOG:
            self._backlog_at = now
            self._backlog = list(find_backlog(self._journal, self.source, self._settled, today))
            self._troubles = {day: words for day, words in self._troubles.items() if not _is_past(day, today)}
        recent = [day for day in list_days_of_now(self.source, now, self._jitter) if self._is_due(day, now)]
        past = [day for day in self._backlog if self._is_due(day, now)]
        return recent + past[:BACKLOG_DAYS]

    def _is_due(self, day: date, now: datetime) -> bool:
        return day not in self._settled and now >= self._not_before.get(day, now)

    def _ask(self, day: date) -> bool:
        """Ask for a day and keep its prices; return False where the server fails, so that others need not be tried."""
        now = self._now()
        is_past = _is_past(day, self.source.tell_day(now))
        self._not_before[day] = now + (AGAIN_OF_PAST if is_past else AGAIN)
        try:
            self._keep(day, ask(self.source, day, self._stopped, self._pace), now)
        except NotPublished as error:
            if is_past:
                log.info("%s has no prices of %s on %s", self.source.name, self.source.area, day)
            else:
                self._note(day, str(error) if is_late(self.source, day, now) else "")
        except (Unavailable, WrongPrices) as error:
            self._note(day, str(error))
            return not isinstance(error, Unavailable)
        return True

    def _keep(self, day: date, prices: Mapping[datetime, Decimal], asked: datetime) -> None:
        """Keep the prices of a day; they are final if it had begun when they were asked for."""
        final = self.source.fixed is not None or has_begun(self.source, day, asked)
        self._journal.prices.merge(self.source.area, self.source.currency, prices, final=final)
        missing = describe_missing(prices, self.source, day)
        self._note(day, missing)
        if not missing and final:
            self._settled.add(day)
        elif not missing:  # once it has begun it is asked for again
            self._not_before[day] = self.source.find_day(day).start + self._jitter

    def _note(self, day: date | None, words: str) -> None:
        """Note what is wrong of a day, "" for nothing, and tell it once."""
        told = f"prices of {self.source.area}{f' on {day}' if day else ''} from {self.source.name}: {words}"
        if not words:
            self._troubles.pop(day, None)
        elif self._troubles.get(day) != told:
            self._troubles[day] = told
            log.warning("%s", told)


def _is_past(day: date | None, today: date) -> bool:
    """Return whether a day is before yesterday, whose prices nobody waits for."""
    return day is not None and day < today - ONE_DAY
