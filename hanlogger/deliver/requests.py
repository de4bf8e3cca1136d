"""Send one request after the other to one destination: each is retried until it succeeds, and abandoned at stop."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import NamedTuple

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_when_event_set

from hanlogger.deliver.blame import Blame
from hanlogger.deliver.lines import Lines, count, join, take
from hanlogger.deliver.outage_log import OutageLog
from hanlogger.deliver.pace import Pace
from hanlogger.deliver.request_size import RequestSize
from hanlogger.errors import Failing, TooLarge, WriteRejected, WriteUnavailable
from hanlogger.heartbeat import Heartbeat
from hanlogger.influxdb import Destination, Writer, make_writer

WELL = "all is well"
MARGIN_SECONDS = 5.0  # for an answer, beyond the time-outs of the connection
TURNS = 3  # of lines that fail and the newest telegram, before the lines count as refused
POLL_SECONDS = 0.1  # how soon a stop is noticed while a request is in flight
BEAT_SECONDS = 5.0  # between heartbeats in a pause


class Answer(NamedTuple):
    """The last answer of a destination, for the state that is reported."""

    at: datetime | None  # None: it has not been asked yet
    ok: bool
    words: str  # for the user: they say what to do


class Stopped(Exception):
    """The stop event is set. A request in flight is abandoned, and its lines will be sent again."""


Sending = Callable[[Lines], AbstractContextManager[None]]


class Requests:
    """The requests to one destination, made by one thread; any thread may read `answer` and `retries`.

    `newest`: returns the lines of the newest telegram. `sending`: returns the context of a request with these lines;
    what it raises ends the writing.
    """

    def __init__(
        self, to: Destination, stop: threading.Event, pace: Pace, newest: Callable[[], Lines], sending: Sending
    ) -> None:
        self.answer = Answer(None, True, "nothing has been sent yet")
        self.retries = 0  # requests sent again since the start
        self.heartbeat = Heartbeat()
        self.size = RequestSize(to.most_lines)
        self._to = to
        self._outages = OutageLog(to.name)
        self._newest = newest
        self._sending = sending
        self._blame = Blame(self._takes_newest)
        self._sender = _Sender(make_writer(to))
        self._stop = stop
        self._retrying = Retrying(
            retry=retry_if_exception_type(WriteUnavailable),
            wait=pace,
            sleep=self._sleep,
            stop=stop_when_event_set(stop),
            before_sleep=self._note_failed,
            reraise=True,
        )

    def write(self, lines: Lines) -> None:
        """Return when all lines are in the database; raise WriteRejected or Stopped."""
        if self._stop.is_set():
            raise Stopped
        try:
            while lines:
                lines = self._retrying(self._write_first, lines)
        except WriteUnavailable:
            raise Stopped from None
        except WriteRejected as error:
            self._note_answered(f"it refuses something (see `hanlogger refused`): {error}", ok=False)
            raise

    def check(self) -> None:
        """Ask once whether writing would be let in, so that `answer` says it before there is something to write."""
        try:
            doubt = self._send_once(lambda writer: writer.check())
        except (WriteUnavailable, WriteRejected) as error:
            self._note_unavailable(error)
        else:
            self._note_accepted(doubt)

    def close(self) -> None:
        """Close the connection as soon as the request in flight has ended, without waiting for it."""
        self._sender.close()

    def _write_first(self, lines: Lines) -> Lines:
        """Write as many lines as may go in one request; return the others. One alone can be refused for its size."""
        piece, rest = take(lines, self.size.lines)
        number = count(piece)
        try:
            doubt = self._send(piece)
        except TooLarge as error:
            self.size.shrink(number)
            if number == 1 and error.by_database:
                raise WriteRejected(str(error)) from error
            raise
        except Failing as error:
            if not self._blame.is_to_blame(join(piece), error):
                raise
            doubt = self._send_in_turn(piece)
        self.size.accept(number)
        self._note_accepted(doubt)
        return rest

    def _send_in_turn(self, piece: Lines) -> str:
        """Send lines that seem to be to blame and the newest telegram in turn; return as `_send` where they are taken.

        A database that is overloaded takes some requests and not others, whatever is in them. So WriteRejected is
        raised only where the newest telegram is taken each time and the lines are not; else Failing.
        """
        for _ in range(TURNS):
            try:
                return self._send(piece)
            except Failing as error:
                if not self._takes_newest():
                    raise
                words = str(error)
        raise WriteRejected(words)

    def _takes_newest(self) -> bool:
        lines, _ = take(self._newest(), self.size.lines)
        try:
            if lines:
                self._send(lines)
        except (WriteUnavailable, WriteRejected):
            return False
        return bool(lines)

    def _send(self, lines: Lines) -> str:
        body = join(lines)
        with self._sending(lines):
            doubt = self._send_once(lambda writer: writer.write(body))
        self._send_once(lambda writer: writer.confirm())  # nothing is sent meanwhile: it may be deleted
        return doubt

    def _send_once(self, request: Callable[[Writer], str | None]) -> str:
        self.heartbeat.beat()
        answer = self._sender.put(request)
        latest = time.monotonic() + self._to.connect_timeout + self._to.read_timeout + MARGIN_SECONDS
        while not answer.done.wait(POLL_SECONDS):
            if self._stop.is_set():
                raise Stopped
            if time.monotonic() > latest:
                self._hang_up()
                raise WriteUnavailable(f"{self._to.url} does not come to an end with its answer")
        if isinstance(answer.error, WriteUnavailable | WriteRejected):
            raise answer.error
        if answer.error is not None:
            raise WriteUnavailable(f"a fault of hanlogger's own: {answer.error!r}") from answer.error
        return answer.doubt or ""

    def _hang_up(self) -> None:
        """Abandon the request, which may last: the time-outs of a connection begin anew with each octet that comes."""
        self._sender.close()
        self._sender = _Sender(make_writer(self._to))

    def _sleep(self, seconds: float) -> None:
        """Wait for so many seconds, or until the stop."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._stop.wait(min(left, BEAT_SECONDS)):
            self.heartbeat.beat()

    def _note_failed(self, state: RetryCallState) -> None:
        self.retries += 1
        error = state.outcome.exception() if state.outcome else None
        self._note_unavailable(error)

    def _note_unavailable(self, error: BaseException | None) -> None:
        self._outages.report_trouble(str(error), needs_user=getattr(error, "needs_user", False))
        self.answer = Answer(datetime.now(UTC), False, str(error))

    def _note_accepted(self, doubt: str) -> None:
        if doubt:
            self._outages.report_doubt(doubt)
        self._note_answered(doubt or WELL, ok=True)

    def _note_answered(self, words: str, *, ok: bool) -> None:
        self._outages.report_end()
        self.answer = Answer(datetime.now(UTC), ok, words)


class _Request:
    def __init__(self, send: Callable[[Writer], str | None]) -> None:
        self.send = send
        self.done = threading.Event()
        self.doubt: str | None = None
        self.error: Exception | None = None


class _Sender(threading.Thread):
    """Sends in a thread of its own, so that whoever waits for the answer can leave at a stop."""

    def __init__(self, writer: Writer) -> None:
        super().__init__(name="request", daemon=True)
        self._writer = writer
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self.start()

    def put(self, send: Callable[[Writer], str | None]) -> _Request:
        request = _Request(send)
        self._requests.put(request)
        return request

    def close(self) -> None:
        self._requests.put(None)

    def run(self) -> None:
        while request := self._requests.get():
            try:
                request.doubt = request.send(self._writer)
            except Exception as error:  # noqa: BLE001 the thread that waits for the answer raises it
                request.error = error
            request.done.set()
        self._writer.close()
