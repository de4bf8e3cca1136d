"""Check of what other programs get from the running logger."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.doctor.context import Host
from hanlogger.doctor.finding import Finding, warning, well


def check_relays(host: Host) -> Iterator[Finding]:
    """Yield whether other programs can read the port of each meter that is relayed."""
    running = host.running
    for relay in running.relays if running else ():
        if relay.words:
            yield warning("relay-closed", relay.meter, address=relay.address, words=relay.words)
        else:
            yield well("relay", relay.meter, address=relay.address, clients=relay.clients)
