"""The state of a port with a broker behind it, beside the states of its meters."""

from __future__ import annotations

from collections.abc import Mapping

from hanlogger.collect import BrokerCollector
from hanlogger.humanize import clean_text
from hanlogger.status.state import BrokerState

LONGEST = 80  # characters of a name that is no meter's


def make_broker_state(collector: BrokerCollector, counts: Mapping[str, Mapping[str, int]]) -> BrokerState:
    """Return the state of a broker's port; `counts`: all counters, by the name of the meter or port."""
    name = collector.port.meter.name
    return BrokerState(
        name=name,
        port=collector.port.url,
        state=collector.state,
        words=collector.words,
        meters=len(collector.meters),
        unacknowledged=len(collector.unacknowledged),
        strangers={clean_text(stranger)[:LONGEST]: why for stranger, why in list(collector.roster.strangers.items())},
        counts={key: number for key, number in counts.get(name, {}).items() if key in BrokerState.COUNTED},
    )
