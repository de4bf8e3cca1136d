"""Compare the filters of destinations with the meters that are read: one that fits none is probably a mistake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from hanlogger.influxdb import Destination
from hanlogger.sources import Port


def describe_unmatched(destinations: Iterable[Destination], ports: Sequence[Port]) -> Iterator[str]:
    """Yield a warning for each pattern that fits no meter, where the names of all meters are known.

    They are not known where a broker brings meters that no setting names.
    """
    names = _list_names(ports)
    if names is None:
        return
    for to in destinations:
        for pattern in list_unmatched(to, names):
            yield f'{to.name}: meters = "{pattern}" fits none of the meters, which are {", ".join(names)}'


def list_unmatched(to: Destination, names: Iterable[str]) -> list[str]:
    """Return the patterns of a destination that fit none of these names."""
    known = list(names)
    return [pattern for pattern in to.meters if not any(fnmatchcase(name, pattern) for name in known)]


def _list_names(ports: Sequence[Port]) -> list[str] | None:
    """Return the names of all meters that can come; None where a broker's port brings others than are named."""
    brokers = [port.broker for port in ports if port.broker is not None and port.asks_broker]
    if not ports or any(not broker.meters and broker.new_meters for broker in brokers):
        return None
    listed = [name for broker in brokers for name in broker.meters]
    return sorted({*listed, *(port.meter.name for port in ports)})
