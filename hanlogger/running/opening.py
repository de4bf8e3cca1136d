"""Where the demo's house goes on: with what its meter showed last. It uses nothing while nobody looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hanlogger.decoding import decode
from hanlogger.errors import DecodeError
from hanlogger.journal import Journal, Record, frame_of
from hanlogger.simulate import Sums
from hanlogger.sources import Opening, Port

COUNTERS = ("1-0:1.8.0", "1-0:2.8.0", "1-0:3.8.0", "1-0:4.8.0")
"""As `Sums.of_totals` takes them."""


def going_on(port: Port, journal: Journal) -> Port:
    """The demo's port with its house as the last telegram in the journal left it; any other port as it is."""
    if port.scheme != "demo":
        return port
    last = journal.last(port.meter.name)
    return replace(port, opening=Opening(datetime.now(UTC), _counted(last) if last else None))


def _counted(record: Record) -> Sums | None:
    """None for what is no telegram of the demo."""
    try:
        shown = {str(register.obis): register.value for register in decode(frame_of(record)).registers}
        return Sums.of_totals(*(int(shown[code]) for code in COUNTERS))
    except (DecodeError, KeyError, ValueError):
        return None
