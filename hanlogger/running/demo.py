"""Resume the demo's meter from its last telegram in the journal; its house uses nothing while no logger runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hanlogger.decoding import decode
from hanlogger.errors import DecodeError
from hanlogger.journal import Journal, Record, make_frame
from hanlogger.sources import Port

if TYPE_CHECKING:
    from hanlogger.simulate import Sums

COUNTERS = ("1-0:1.8.0", "1-0:2.8.0", "1-0:3.8.0", "1-0:4.8.0")
"""OBIS codes in the order in which `Sums.of_totals` takes their values."""


def resume_demo(port: Port, journal: Journal) -> Port:
    """Return the demo's port with a simulated meter that resumes the journal's last counters; any other port as it is.

    JournalUnavailable where the journal cannot be read.
    """
    if port.scheme != "demo":
        return port
    from hanlogger.simulate import DemoMeter  # noqa: PLC0415 no other port needs the simulator

    last = journal.records.get_last(port.meter.name)
    return replace(port, simulated=DemoMeter(datetime.now(UTC), _read_counters(last) if last else None))


def _read_counters(record: Record) -> Sums | None:
    """Return the counters of a telegram of the demo; None for any other record."""
    from hanlogger.simulate import Sums  # noqa: PLC0415

    try:
        values = {str(register.obis): register.value for register in decode(make_frame(record)).registers}
        return Sums.of_totals(*(int(values[code]) for code in COUNTERS))
    except (DecodeError, KeyError, ValueError):
        return None
