"""The one thread that writes: all work that waits while a transaction is on its way to the disk is the next one.

Each transaction costs the disk. So work that may be late goes with the next work that may not; it has a transaction of
its own when nothing else has come for 15 s.
"""

from __future__ import annotations

import logging
import math
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeVar

from hanlogger.errors import JournalUnavailable
from hanlogger.heartbeat import Heartbeat

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], Any]
QUIET_SECONDS = 5.0  # without work, after which counts are written that are in memory only
LATE_SECONDS = 15.0  # that late work waits for other work at the most

log = logging.getLogger(__name__)


class Task(NamedTuple):
    """Work for a transaction, and the future that gets its result."""

    work: Work
    done: Future[Any]
    due: float  # when it is to be done at the latest, by the monotonic clock


class Writer(threading.Thread):
    """Runs work in groups, each group as one transaction.

    transaction: runs works, and returns their results when they are durable. has_counts: returns whether a transaction
    would write counts too; one without any work is then run when no work comes.
    """

    def __init__(self, transaction: Callable[[list[Work]], list[Any]], has_counts: Callable[[], bool]) -> None:
        super().__init__(name="journal", daemon=True)
        self.heartbeat = Heartbeat()
        self._transaction = transaction
        self._has_counts = has_counts
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._taken: list[Task] = []  # out of `_tasks`, for the next transaction
        self._lock = threading.Lock()  # of `_tasks` and `_open`, so that nothing is given after the end
        self._open = True
        self.start()

    def do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return the result of `work`, once it is durable. Raises its error, or JournalUnavailable when closed."""
        result: T = self.begin(work).result()
        return result

    def begin(self, work: Work, *, late: bool = False) -> Future[Any]:
        """Return at once the future of the result of `work`. Raises JournalUnavailable when closed.

        late: it need not be done before other work comes.
        """
        task = Task(work, Future(), time.monotonic() + LATE_SECONDS if late else 0.0)
        with self._lock:
            if not self._open:
                raise JournalUnavailable("the journal is closed")
            self._tasks.put(task)
        return task.done

    def stop(self) -> None:
        """Take no more work, and return when all that was given before is done."""
        with self._lock:
            self._open = False
            self._tasks.put(None)
        self.join()

    def run(self) -> None:
        """Do work until `stop` is called."""
        going = True
        while going:
            self.heartbeat.beat()
            came, going = self._take()
            if not going or self._is_due() or (not came and self._has_counts()):
                tasks, self._taken = self._taken, []
                self._do(tasks)

    def _take(self) -> tuple[bool, bool]:
        """Take the tasks that wait; return whether one came within five seconds, and whether to go on."""
        known = len(self._taken)
        try:
            task = self._tasks.get(timeout=QUIET_SECONDS)
            while task is not None:
                self._taken.append(task)
                task = self._tasks.get_nowait()
        except queue.Empty:
            return len(self._taken) > known, True
        return True, False

    def _is_due(self) -> bool:
        return min((task.due for task in self._taken), default=math.inf) <= time.monotonic()

    def _do(self, tasks: list[Task]) -> None:
        try:
            results = self._transaction([task.work for task in tasks])
        except Exception as error:  # noqa: BLE001 the thread that waits for the work gets it
            self._fail(tasks, error)
        else:
            for task, result in zip(tasks, results, strict=True):
                task.done.set_result(result)

    def _fail(self, tasks: list[Task], error: Exception) -> None:
        """Give a single task its error; try each of several alone, so that none fails for another's fault."""
        if len(tasks) == 1:
            tasks[0].done.set_exception(error)
        elif not tasks and not isinstance(error, JournalUnavailable):  # else the counts wait for the next transaction
            log.error("counts cannot be written", exc_info=error)
        for task in tasks if len(tasks) > 1 else ():
            self._do([task])
