"""Write lines to a VictoriaMetrics, whose 204 means less than InfluxDB's (docs/own-servers.md).

It answers 204 for points that are older than its retention or days ahead, in older versions for lines too that it
cannot read, and drops them. It says so in counters only, so these are compared before and after each request. They are
up to a second old (measured, 1.151): they count from the second answer on that was made after the request. What was
dropped counts as refused, and the search for refused lines finds which it is. A text becomes the number 0 there, so
lines of text are left out.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

import urllib3

from hanlogger.errors import Failing, TooLarge, WriteRejected, WriteUnavailable
from hanlogger.http import Limits, NoAnswer, Server, by_token
from hanlogger.humanize import clean_text
from hanlogger.influxdb.answers import read_retry_after
from hanlogger.influxdb.destination import Destination
from hanlogger.influxdb.dropped import Dropped, describe_dropped, read_counters
from hanlogger.influxdb.flags import describe_flags
from hanlogger.influxdb.masking import mask

TEXTS = b"meter_text,"
"""The beginning of a line of text: the measurement (docs/design.md section 4)."""

LEVEL = 1  # of compression
POLL_SECONDS = 0.1  # between two looks at counters that are renewed each second
UNREAD = "cannot process influx line protocol"  # what it says of a line that it cannot read
MOST_OCTETS = 4_000_000  # of an answer: its counters are some 100 kB
LONGEST_WORDS = 500


class VictoriaMetrics:
    """One VictoriaMetrics (a single node), to be written to by one thread."""

    def __init__(self, destination: Destination) -> None:
        self._to = destination
        self._server: Server | None = None
        self._dropped: Dropped | None = None  # when it was last asked
        self._doubt: str | None = None  # about how it was started; None: not asked yet

    def write(self, body: bytes) -> str:
        """Return when all lines of `body` but texts are in the database; raise WriteUnavailable or WriteRejected.

        Return "", or a sentence for the user where it was started in a way that loses data.
        """
        kept = leave_texts_out(body)
        doubt = self._ask_how_started()
        if kept and not self._stores(kept, self._dropped or self._count()):
            before = self._count()  # another program may have sent what was dropped: once more, which adds nothing
            self._stores(kept, before, last=True)
        return doubt

    def check(self) -> str:
        """Ask how it was started, and whether it counts what it drops; return and raise as `write`."""
        self._dropped = self._count()
        return self._ask_how_started()

    def close(self) -> None:
        """Close the connection to the server."""
        if self._server is not None:
            self._server.close()
        self._server = None

    def _stores(self, body: bytes, before: Dropped, *, last: bool = False) -> bool:
        """Write lines; return whether none was dropped meanwhile, or raise WriteRejected where that is the last try."""
        self._post(body)
        self._dropped = self._count_anew(self._count())
        lost = self._dropped.count_since(before)
        if lost and last:
            raise WriteRejected(describe_dropped(lost))
        return not lost

    def _post(self, body: bytes) -> None:
        headers = {"Content-Encoding": "gzip", "Content-Type": "text/plain; charset=utf-8"}
        sent = gzip.compress(body, LEVEL, mtime=0)
        answer = self._ask(
            lambda server, login: server.pool.request(
                "POST", f"{server.url}/api/v2/write?precision=ms", body=sent, headers={**headers, **login}
            )
        )
        if answer.status != 204:
            raise self._make_error(answer)

    def _count(self) -> Dropped:
        """Return what it has dropped so far; raise WriteUnavailable where it does not tell."""
        answer = self._get("/metrics")
        text = answer.data.decode("utf-8", "replace")
        if answer.status != 200 or "vm_app_version" not in text:
            raise WriteUnavailable(
                f"what answers {answer.status} to /metrics at {self._root} is not a VictoriaMetrics of one node, "
                "whose counters tell what it drops: check the address",
                needs_user=True,
            )
        return read_counters(text)

    def _count_anew(self, seen: Dropped) -> Dropped:
        """Return what it has dropped, counted after `seen` was answered: until then it says the same again."""
        until = time.monotonic() + self._to.read_timeout
        while (counted := self._count()).uptime == seen.uptime:
            if time.monotonic() > until:
                raise WriteUnavailable(f"the counters of VictoriaMetrics at {self._root} stand still")
            time.sleep(POLL_SECONDS)
        return counted

    def _ask_how_started(self) -> str:
        """Return a sentence about flags by which points are lost or stored twice; "" where all is well."""
        if self._doubt is None:
            answer = self._get("/flags")
            told = answer.data.decode("utf-8", "replace") if answer.status == 200 else ""
            self._doubt = describe_flags(told, self._root)
        return self._doubt

    @property
    def _root(self) -> str:
        parts = urlsplit(self._to.url)
        return f"{parts.scheme}://{parts.netloc}"

    def _get(self, path: str) -> urllib3.BaseHTTPResponse:
        return self._ask(lambda server, login: server.pool.request("GET", self._root + path, headers=dict(login)))

    def _ask(
        self, request: Callable[[Server, Mapping[str, str]], urllib3.BaseHTTPResponse]
    ) -> urllib3.BaseHTTPResponse:
        token = self._to.read_token() if self._to.has_token else ""
        try:
            return request(self._connect(), {"Authorization": by_token(token)} if token else {})
        except NoAnswer as error:
            words = mask(str(error), token) if token else str(error)
            raise WriteUnavailable(
                f"VictoriaMetrics at {self._to.url} cannot be reached: {words}", needs_user=error.unsafe
            ) from error

    def _connect(self) -> Server:
        if self._server is None:
            limits = Limits(connect=self._to.connect_timeout, read=self._to.read_timeout, most=MOST_OCTETS)
            self._server = Server(self._to.url, limits, self._to.ca_file)
        return self._server

    def _make_error(self, answer: urllib3.BaseHTTPResponse) -> WriteUnavailable | WriteRejected:
        """Return the error for an answer other than 204, by who must act."""
        words = clean_text(answer.data.decode("utf-8", "replace"))[:LONGEST_WORDS]
        said = f"VictoriaMetrics at {self._to.url} answers {answer.status}: {words}"
        if answer.status == 413:
            return TooLarge(said, by_database=True)
        if answer.status == 400:
            return WriteRejected(said) if UNREAD in words else Failing(said)
        wait = read_retry_after(answer.headers.get("Retry-After"), datetime.now(UTC))
        return WriteUnavailable(said, needs_user=answer.status in (401, 403, 404), retry_after=wait)


def leave_texts_out(body: bytes) -> bytes:
    r"""Return the lines of a body that hold numbers.

    >>> leave_texts_out(b'meter_text,meter=home text="Aidon" 1\nvoltage,meter=home value=230.1 1\n')
    b'voltage,meter=home value=230.1 1\n'
    """
    if TEXTS not in body:
        return body
    return b"".join(line for line in body.splitlines(keepends=True) if not line.startswith(TEXTS))
