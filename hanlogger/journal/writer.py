"""The one thread that writes: all work that waits while a transaction is on its way to the disk is the next one."""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeVar

from hanlogger.errors import JournalUnavailable
from hanlogger.heartbeat import Heartbeat

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], Any]
FLUSH_SECONDS = 1.0  # how long a count may be in memory only

log = logging.getLogger(__name__)


class Task(NamedTuple):
    """Work for a transaction, and the future that gets its result."""

    work: Work
    done: Future[Any]


class Writer(threading.Thread):
    """Runs work in groups, each group as one transaction.

    transaction: runs works, and returns their results when they are durable. flush: is called after a quiet second.
    """

    def __init__(self, transaction: Callable[[list[Work]], list[Any]], flush: Callable[[], None]) -> None:
        super().__init__(name="journal", daemon=True)
        self.heartbeat = Heartbeat()
        self._transaction = transaction
        self._flush = flush
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._lock = threading.Lock()  # of `_tasks` and `_open`, so that nothing is given after the end
        self._open = True
        self.start()

    def do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return the result of `work`, once it is durable. Raises its error, or JournalUnavailable when closed."""
        result: T = self.begin(work).result()
        return result

    def begin(self, work: Work) -> Future[Any]:
        """Return at once the future of the result of `work`. Raises JournalUnavailable when closed."""
        task = Task(work, Future())
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
            tasks, going = self._take_waiting()
            if tasks:
                self._do(tasks)
            else:
                self._flush_quietly()

    def _flush_quietly(self) -> None:
        try:
            self._flush()
        except Exception:  # without this thread nothing would be written any more
            log.exception("counts cannot be written")

    def _take_waiting(self) -> tuple[list[Task], bool]:
        """Return the tasks that wait (none after a quiet second), and whether to go on."""
        tasks: list[Task] = []
        try:
            task = self._tasks.get(timeout=FLUSH_SECONDS)
            while task is not None:
                tasks.append(task)
                task = self._tasks.get_nowait()
        except queue.Empty:
            return tasks, True
        return tasks, False

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
        else:
            for task in tasks:
                self._do([task])
