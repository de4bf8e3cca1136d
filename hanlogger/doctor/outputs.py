"""Checks of what other programs get from the running logger, and of the spot prices that it keeps."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.doctor.context import Host
from hanlogger.doctor.finding import Finding, note_warning, note_well
from hanlogger.doctor.history import format_host_time


def check_relays(host: Host) -> Iterator[Finding]:
    """Yield whether other programs can read the port of each meter that is relayed."""
    running = host.running
    for relay in running.relays if running else ():
        if relay.words:
            yield note_warning("relay-closed", relay.meter, address=relay.address, words=relay.words)
        else:
            yield note_well("relay", relay.meter, address=relay.address, clients=relay.clients)


def check_home_assistant(host: Host) -> Iterator[Finding]:
    """Yield whether the running logger can tell a Home Assistant of its meters."""
    running = host.running
    told = running.home_assistant if running else None
    if told is not None and told.words:
        yield note_warning("home-assistant-fails", broker=told.broker, words=told.words)
    elif told is not None:
        yield note_well("home-assistant", broker=told.broker, messages=told.published)


def check_prices(host: Host) -> Iterator[Finding]:
    """Yield whether the running logger has the spot prices of now, and what is wrong with them."""
    running = host.running
    prices = running.prices if running else None
    if prices is None:
        return
    facts = {"area": prices.area, "source": prices.source}
    if prices.words:
        yield note_warning("prices-missing", **facts, words=prices.words)
    elif prices.end is not None:
        yield note_well("prices", **facts, end=format_host_time(prices.end))
