"""Open the outputs of a running logger beside its databases; each is imported only where it is set."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from hanlogger.config import Settings
from hanlogger.deliver.drafts import Costs, list_no_costs
from hanlogger.journal import Entry, Journal
from hanlogger.model import DEMO
from hanlogger.prices.loading import load_prices

if TYPE_CHECKING:
    from hanlogger.homeassistant.publisher import Publisher
    from hanlogger.prices.feed import PriceFeed
    from hanlogger.relay.server import Relay
    from hanlogger.running.cost_watch import CostWatch
    from hanlogger.web import Pages

log = logging.getLogger(__name__)


def open_relay(settings: Settings) -> Relay | None:
    """Return the relay that the settings ask for, not yet started; None where they ask for none."""
    if settings.relay is None or not settings.relay.addresses:
        return None
    from hanlogger.relay.server import Relay  # noqa: PLC0415 asyncio costs 4 MB

    return Relay(settings.relay.addresses)


def open_home_assistant(settings: Settings, stop: threading.Event) -> Publisher | None:
    """Return the publisher for Home Assistant, not yet started; None where none is set, or no port is meant for it."""
    to = settings.home_assistant
    live = [port for port in settings.ports if not port.ends and (port.meter.name != DEMO or (to and to.demo))]
    if to is None or not live:
        return None
    from hanlogger.homeassistant.publisher import Publisher  # noqa: PLC0415 paho costs 3 MB

    return Publisher(to, settings.logger, stop)


def open_costs(settings: Settings, journal: Journal, stop: threading.Event) -> tuple[Costs, CostWatch | None]:
    """Return what makes the points of costs for deliveries, and the thread that computes what the month costs so far.

    The thread is not yet started; there is none where no meter has a tariff.
    """
    if not any(settings.tariffs.values()):
        return list_no_costs, None
    from hanlogger.costs import Contracts, CostPoints, NowCosts  # noqa: PLC0415 tariffs are a tenth of a start
    from hanlogger.running.cost_watch import CostWatch  # noqa: PLC0415

    contracts = Contracts(settings.tariffs)
    prices = partial(load_prices, journal, settings.price)
    now = NowCosts(journal, contracts, settings.keys, prices)
    delivered = {port.meter.name: port.meter for port in settings.ports} if settings.served else {}
    return CostPoints(journal, contracts, prices).make, CostWatch(journal, contracts, now, delivered, stop)


def open_prices(settings: Settings, journal: Journal, stop: threading.Event) -> PriceFeed | None:
    """Return the thread that keeps spot prices in the journal, not yet started; None where no area is set."""
    if settings.price is None:
        return None
    from hanlogger.prices.feed import PriceFeed  # noqa: PLC0415 most loggers keep no prices

    return PriceFeed(journal, settings.price, stop)


def open_pages(settings: Settings) -> Pages | None:
    """Return the pages for a browser, which listen but do not serve yet; None where they are off or cannot listen."""
    if settings.web.listen is None:
        return None
    from hanlogger.web import Pages  # noqa: PLC0415 it costs memory that a logger without pages is not to have

    try:
        return Pages(settings, settings.web.listen)
    except OSError as error:
        words = "no page is served: cannot listen at %s (%s); recording goes on. Set another address: listen in [web]"
        log.warning(words, settings.web.listen, error.strerror or error)
        return None


def tell_nobody(_: Sequence[Entry]) -> None:
    """Do nothing with frames that were recorded."""
