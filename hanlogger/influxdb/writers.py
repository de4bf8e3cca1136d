"""What delivery writes to, by the kind of the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from hanlogger.influxdb.destination import DatabaseKind, Destination
from hanlogger.influxdb.influx import Influx
from hanlogger.influxdb.victoriametrics import VictoriaMetrics


class Writer(Protocol):
    """A database that is written to by one thread."""

    def write(self, body: bytes) -> str:
        """Return when the database has taken all lines of `body`; raise WriteUnavailable or WriteRejected.

        Return "", or a sentence for the user where something is doubtful.
        """

    def confirm(self) -> None:
        """Return when what was written is on its disk; raise WriteUnavailable where it is to be written again."""

    def check(self) -> str:
        """Try whether writing would be let in; return and raise as `write`."""

    def close(self) -> None:
        """Close the connection to the server."""


_KINDS: Mapping[DatabaseKind, Callable[[Destination], Writer]] = {
    "influxdb": Influx,
    "victoriametrics": VictoriaMetrics,
}


def make_writer(to: Destination) -> Writer:
    """Return what writes to a destination; nothing is asked yet."""
    return _KINDS[to.kind](to)
