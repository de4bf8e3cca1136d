"""Limit the series of a meter in a database, so that one that names new codes without end does not fill its index.

A series is counted by what the meter decides: measurement, code, unit, row. The user's own tags do not count, so that a
new label is no new series. The series that were sent once are kept in the journal, and sent for ever.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from hanlogger.errors import JournalUnavailable
from hanlogger.journal import Journal
from hanlogger.points.lineprotocol import read_head
from hanlogger.points.series import OUR_TAGS

MOST = 1000
"""The series that a meter may have: five times what the richest telegrams have, and few for any database."""

READ_SECONDS = 10.0  # between two looks whether a meter that may have no further series has been forgotten

_COMMA = re.compile(rb"(?<!\\),")
_COUNTED = frozenset(name.encode() for name in OUR_TAGS - {"meter", "logger"})

log = logging.getLogger(__name__)


class SeriesLimit:
    """The limit for each meter of a journal, shared by all destinations. Any number of threads may use it."""

    def __init__(self, journal: Journal, most: int = MOST) -> None:
        self._journal, self._most = journal, most
        self._known: dict[str, set[bytes]] = {}  # by meter: series without the user's tags
        self._heads: dict[str, set[bytes]] = {}  # by meter: heads of lines that were admitted; a memory
        self._unsaved: dict[str, set[bytes]] = {}  # by meter: those of `known` that are not in the journal yet
        self._read_at: dict[str, float] = {}  # by meter: when its series were last read from the journal
        self._told: set[str] = set()
        self._lock = threading.Lock()

    def admit(self, meter: str, lines: Sequence[bytes]) -> Sequence[bytes]:
        """Return the lines whose series may be sent; raise JournalUnavailable while the series sent are not known."""
        with self._lock:
            known, heads = self._recall(meter)
            taken = [
                line for line in lines if (head := read_head(line)) in heads or self._admits(meter, known, heads, head)
            ]
            self._keep(meter)
        if len(taken) < len(lines) and meter not in self._told:
            self._told.add(meter)
            log.warning(_TOO_MANY, meter, self._most)
        return taken

    def admits(self, meter: str, series: frozenset[bytes]) -> bool:
        """Tell whether all of these series, as heads of lines, were admitted before; raise as `admit`."""
        with self._lock:
            _, heads = self._recall(meter)
            return series <= heads

    def _recall(self, meter: str) -> tuple[set[bytes], set[bytes]]:
        """Return the known series of a meter and their heads; where no more may come, see whether it is forgotten."""
        if meter not in self._known:
            self._read(meter)
        elif len(self._known[meter]) >= self._most and time.monotonic() - self._read_at[meter] > READ_SECONDS:
            with suppress(JournalUnavailable):
                self._read(meter)
        return self._known[meter], self._heads.setdefault(meter, set())

    def _read(self, meter: str) -> None:
        """Replace the known series by those in the journal: another process may have had the meter forgotten."""
        kept = self._journal.learnt.get(make_series_key(meter)).get("known", "")
        known = set(kept.encode().splitlines()) | self._unsaved.get(meter, set())
        if self._known.get(meter, set()) - known:
            self._heads[meter].clear()
            self._told.discard(meter)
        self._known[meter], self._read_at[meter] = known, time.monotonic()

    def _admits(self, meter: str, known: set[bytes], heads: set[bytes], head: bytes) -> bool:
        series = _strip_own_tags(head)
        if series not in known:
            if len(known) >= self._most:
                return False
            known.add(series)
            self._unsaved.setdefault(meter, set()).add(series)
        if len(heads) > 2 * self._most:  # the user has changed the tags
            heads.clear()
        heads.add(head)
        return True

    def _keep(self, meter: str) -> None:
        if meter in self._unsaved:
            with suppress(JournalUnavailable):  # with the next ones
                self._read(meter)
                text = b"\n".join(sorted(self._known[meter])).decode()
                self._journal.learnt.put(make_series_key(meter), {"known": text})
                del self._unsaved[meter]


_TOO_MANY = (
    "meter %s: names more than %d different series: values of further ones are kept in the journal, counted as "
    "over_max_series, and not sent. If they are meant, raise max_series, and send them by hanlogger backfill"
)


def _strip_own_tags(head: bytes) -> bytes:
    measurement, *tags = _COMMA.split(head)
    return b",".join([measurement, *(tag for tag in tags if tag.partition(b"=")[0] in _COUNTED)])


def make_series_key(meter: str) -> str:
    """Return the key of a meter's series among what is learnt about devices, whose names are paths."""
    return f"series of {meter}"
