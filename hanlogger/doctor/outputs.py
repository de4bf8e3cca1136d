"""Check of what other programs get from the running logger."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.doctor.context import Host
from hanlogger.doctor.finding import Finding, note_warning, note_well


def check_relays(host: Host) -> Iterator[Finding]:
    """Yield whether other programs can read the port of each meter that is relayed."""
    running = host.running
    for relay in running.relays if running else ():
        if relay.words:
            yield note_warning("relay-closed", relay.meter, address=relay.address, words=relay.words)
        else:
            yield note_well("relay", relay.meter, address=relay.address, clients=relay.clients)
