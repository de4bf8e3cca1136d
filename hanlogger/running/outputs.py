"""What other programs get from a running logger beside a database; each part is imported only where it is set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hanlogger.config import Settings
from hanlogger.journal import Entry

if TYPE_CHECKING:
    from hanlogger.relay.server import Relay


def open_relay(settings: Settings) -> Relay | None:
    """Return the relay that the settings ask for, not yet started; None where they ask for none."""
    if settings.relay is None or not settings.relay.addresses:
        return None
    from hanlogger.relay.server import Relay  # noqa: PLC0415 asyncio costs 4 MB

    return Relay(settings.relay.addresses)


def tell_nobody(_: Sequence[Entry]) -> None:
    """Do nothing with frames that were recorded."""
