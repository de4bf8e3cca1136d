"""Find which meters each destination of a running logger takes, and which none takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from hanlogger.config import Settings
from hanlogger.deliver.no_requests import NO_DATABASE
from hanlogger.influxdb import Destination


def list_filters(settings: Settings) -> Mapping[str, Callable[[str], bool]]:
    """Return the filter of each destination that has one, by name, for `journal.destinations.use_filters`."""
    left_over = find_left_by_all(settings.served)
    filters = {to.name: to.takes for to in settings.destinations if not to.takes_all}
    return {**filters, NO_DATABASE: left_over} if left_over else filters


def find_left_by_all(destinations: Sequence[Destination]) -> Callable[[str], bool] | None:
    """Return a filter for the meters that no destination takes, whose frames are decoded and listed all the same.

    None where there is no destination at all, or where one of them takes every meter.
    """
    if not destinations or any(to.takes_all for to in destinations):
        return None
    return lambda meter: not any(to.takes(meter) for to in destinations)
