"""One request after the other to one destination: tried again for as long as it takes, abandoned at stop."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import NamedTuple

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_when_event_set

from hanlogger.deliver.bisection import Lines
from hanlogger.deliver.blame import Blame
from hanlogger.deliver.pace import Pace
from hanlogger.deliver.said import Said
from hanlogger.deliver.size import Size
from hanlogger.errors import Failing, TooLarge, WriteRejected, WriteUnavailable
from hanlogger.heartbeat import Heartbeat
from hanlogger.influxdb import Destination, Influx

WELL = "all is well"
MARGIN_SECONDS = 5.0  # for an answer, beyond the time-outs of the connection
POLL_SECONDS = 0.1  # how soon a stop is noticed while a request is in flight
TURN_SECONDS = 5.0  # how often it says in a pause that it is alive


class Answer(NamedTuple):
    """A destination's last answer."""

    at: datetime | None  # None: it has not been asked yet
    ok: bool
    words: str  # that say what to do


class Stopped(Exception):
    """The stop event is set. What was in flight will be sent again."""


Sending = Callable[[Lines], AbstractContextManager[None]]


class Requests:
    """Used by one thread. `answer` and `retries` may be read by any.

    newest: lines of the newest telegram there is. sending: entered around each request with its lines; what it raises
    ends the writing.
    """

    def __init__(
        self, to: Destination, stop: threading.Event, pace: Pace, newest: Callable[[], Lines], sending: Sending
    ) -> None:
        self.answer = Answer(None, True, "nothing has been sent yet")
        self.retries = 0  # requests sent again, since it began
        self.heartbeat = Heartbeat()
        self.size = Size()
        self._to = to
        self._said = Said(to.name)
        self._newest = newest
        self._sending = sending
        self._blame = Blame(self._takes_newest)
        self._line = _Line(Influx(to))
        self._stop = stop
        self._retrying = Retrying(
            retry=retry_if_exception_type(WriteUnavailable),
            wait=pace,
            sleep=self._sleep,
            stop=stop_when_event_set(stop),
            before_sleep=self._failed,
            reraise=True,
        )

    def write(self, lines: Lines) -> None:
        """All of them are in the database when it returns; WriteRejected, Stopped."""
        if self._stop.is_set():
            raise Stopped
        try:
            while lines:
                lines = lines[self._retrying(self._write_first, lines) :]
        except WriteUnavailable:
            raise Stopped from None
        except WriteRejected as error:
            self._answered(f"it refuses something (see `hanlogger refused`): {error}", ok=False)
            raise

    def check(self) -> None:
        """Ask once whether writing would be let in, so that `answer` says it before there is something to write."""
        try:
            doubt = self._once(lambda influx: influx.check())
        except (WriteUnavailable, WriteRejected) as error:
            self._unavailable(error)
        else:
            self._taken(doubt)

    def close(self) -> None:
        """Close the connection, when the request in flight has ended; does not wait for it."""
        self._line.close()

    def _write_first(self, lines: Lines) -> int:
        """As many of the lines as may go in one request; their number. A single one can be refused for its size."""
        piece = lines[: self.size.lines]
        try:
            doubt = self._send(piece)
        except TooLarge as error:
            self.size.shrink(len(piece))
            if len(piece) == 1 and error.by_database:
                raise WriteRejected(str(error)) from error
            raise
        except Failing as error:
            if self._blame.lies_with(_body(piece), error):
                raise WriteRejected(str(error)) from error
            raise
        self.size.taken(len(piece))
        self._taken(doubt)
        return len(piece)

    def _takes_newest(self) -> bool:
        lines = self._newest()[: self.size.lines]
        try:
            if lines:
                self._send(lines)
        except (WriteUnavailable, WriteRejected):
            return False
        return bool(lines)

    def _send(self, lines: Lines) -> str:
        body = _body(lines)
        with self._sending(lines):
            return self._once(lambda influx: influx.write(body))

    def _once(self, request: Callable[[Influx], str]) -> str:
        self.heartbeat.beat()
        answer = self._line.put(request)
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
        return answer.doubt

    def _hang_up(self) -> None:
        """Leave the request to itself: the time-outs of a connection begin anew with each octet that comes."""
        self._line.close()
        self._line = _Line(Influx(self._to))

    def _sleep(self, seconds: float) -> None:
        """Until then, or until the stop."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._stop.wait(min(left, TURN_SECONDS)):
            self.heartbeat.beat()

    def _failed(self, state: RetryCallState) -> None:
        self.retries += 1
        error = state.outcome.exception() if state.outcome else None
        self._unavailable(error)

    def _unavailable(self, error: BaseException | None) -> None:
        self._said.trouble(str(error), needs_user=getattr(error, "needs_user", False))
        self.answer = Answer(datetime.now(UTC), False, str(error))

    def _taken(self, doubt: str) -> None:
        if doubt:
            self._said.doubt(doubt)
        self._answered(doubt or WELL, ok=True)

    def _answered(self, words: str, *, ok: bool) -> None:
        self._said.over()
        self.answer = Answer(datetime.now(UTC), ok, words)


def _body(lines: Lines) -> bytes:
    return b"".join(line.data for line in lines)


class _Request:
    def __init__(self, send: Callable[[Influx], str]) -> None:
        self.send = send
        self.done = threading.Event()
        self.doubt = ""
        self.error: Exception | None = None


class _Line(threading.Thread):
    """Sends in a thread of its own, so that whoever waits for the answer can leave."""

    def __init__(self, influx: Influx) -> None:
        super().__init__(name="request", daemon=True)
        self._influx = influx
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self.start()

    def put(self, send: Callable[[Influx], str]) -> _Request:
        request = _Request(send)
        self._requests.put(request)
        return request

    def close(self) -> None:
        self._requests.put(None)

    def run(self) -> None:
        while request := self._requests.get():
            try:
                request.doubt = request.send(self._influx)
            except Exception as error:  # noqa: BLE001 whoever waits for the answer gets it
                request.error = error
            request.done.set()
        self._influx.close()
