"""Write lines to a VictoriaMetrics, whose 204 means less than InfluxDB's (docs/own-servers.md).

It answers 204 for points that are older than its retention or days ahead, in older versions for lines too that it
cannot read, and drops them. It says so in counters only, so these are compared before and after each request. They are
up to a second old (measured, 1.151): they count from the second answer on that was made after the request. What was
dropped counts as refused, and the search for refused lines finds which it is. A text becomes the number 0 there, so
lines of text are left out.

What it has taken it keeps in memory at first, and a vminsert before that: killed then, it has lost it. So a request is
confirmed only once all of it has been sent on, and `memory_seconds` later no process has been started anew.
"""

from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hanlogger.errors import Failing, TooLarge, WriteRejected, WriteUnavailable
from hanlogger.humanize import clean_text
from hanlogger.influxdb.answers import read_retry_after
from hanlogger.influxdb.counters import Counters, describe_dropped
from hanlogger.influxdb.destination import Destination
from hanlogger.influxdb.nodes import Nodes
from hanlogger.influxdb.victoria_servers import VictoriaServers

if TYPE_CHECKING:
    import urllib3

TEXTS = b"meter_text,"
"""The beginning of a line of text: the measurement (docs/design.md section 4)."""

LEVEL = 1  # of compression
POLL_SECONDS = 0.1  # between two looks at counters that are renewed each second
UNREAD = "cannot process influx line protocol"  # what it says of a line that it cannot read
LONGEST_WORDS = 500


class VictoriaMetrics:
    """One VictoriaMetrics, a node or a cluster, to be written to by one thread."""

    def __init__(self, destination: Destination) -> None:
        self._to = destination
        self._servers = VictoriaServers(destination, destination.read_timeout)
        self._nodes = Nodes(destination, self._servers)
        self._unconfirmed: Counters | None = None  # what was counted before lines were written that are not confirmed
        self._doubt: str | None = None  # about how it was started; None: not asked yet

    def write(self, body: bytes) -> str:
        """Return when all lines of `body` but texts are taken; raise WriteUnavailable or WriteRejected.

        Return "", or a sentence for the user where it was started in a way that loses data.
        """
        self._unconfirmed = None
        kept = leave_texts_out(body)
        doubt = self._ask_how_started()
        if kept and not self._stores(kept):
            # another program may have sent what was dropped: once more, which adds nothing
            self._stores(kept, last=True)
        return doubt

    def confirm(self) -> None:
        """Return once what was written is on the disk; raise WriteUnavailable where that may not be so."""
        before, self._unconfirmed = self._unconfirmed, None
        if before is None:
            return
        time.sleep(self._to.memory_seconds)
        if self._nodes.count().starts != before.starts:
            raise WriteUnavailable(
                f"{self._to.place} was started anew, and may have lost what it had in memory: that is sent again"
            )

    def check(self) -> str:
        """Ask how it was started, and whether it counts what it drops; return and raise as `write`."""
        self._nodes.count()
        return self._ask_how_started()

    def close(self) -> None:
        """Close the connections to the servers."""
        self._servers.close()

    def _stores(self, body: bytes, *, last: bool = False) -> bool:
        """Write lines; return whether none was dropped meanwhile, or raise WriteRejected where that is the last try."""
        self._unconfirmed = before = self._nodes.count()
        self._post(body)
        lost = self._count_taken().count_dropped_since(before)
        if lost and last:
            raise WriteRejected(describe_dropped(lost))
        return not lost

    def _post(self, body: bytes) -> None:
        headers = {"Content-Encoding": "gzip", "Content-Type": "text/plain; charset=utf-8"}
        sent = gzip.compress(body, LEVEL, mtime=0)
        answer = self._servers.ask("POST", f"{self._to.url}/api/v2/write?precision=ms", sent, headers)
        if answer.status != 204:
            raise self._make_error(answer)

    def _count_taken(self) -> Counters:
        """Return what was counted after all that was sent has been taken by what stores it."""
        until = time.monotonic() + self._to.read_timeout
        counted = self._count_anew(self._nodes.count(), until)
        while self._nodes.holds_rows(counted):
            if time.monotonic() > until:
                raise WriteUnavailable(
                    f"the vminsert of {self._to.place} holds rows that no vmstorage has taken ({counted.sent:.0f} of "
                    f"{counted.taken:.0f} sent): are all up, and does it write for hanlogger alone?"
                )
            counted = self._count_anew(counted, until)
        return self._count_anew(counted, until) if self._to.nodes else counted

    def _count_anew(self, seen: Counters, until: float) -> Counters:
        """Return what was counted after `seen` was answered: until then each process says the same again."""
        while not (counted := self._nodes.count()).is_after(seen):
            if time.monotonic() > until:
                raise WriteUnavailable(f"the counters of {self._to.place} stand still")
            time.sleep(POLL_SECONDS)
        return counted

    def _ask_how_started(self) -> str:
        """Return a sentence about flags by which points are lost or stored twice; "" where all is well."""
        if self._doubt is None:
            self._doubt = self._nodes.describe_how_started()
        return self._doubt

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
