"""The areas of the market: currency, zone, and a server that is known to publish their prices in the form we read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Area(NamedTuple):
    """What holds for an area unless settings say otherwise."""

    currency: str
    zone: str
    url: str  # "" where no server in the form that is read is known


_SWEDEN = Area(
    "SEK", "Europe/Stockholm", "https://www.elprisetjustnu.se/api/v1/prices/{year}/{month}-{day}_{area}.json"
)
_NORWAY = Area("NOK", "Europe/Oslo", "https://www.hvakosterstrommen.no/api/v1/prices/{year}/{month}-{day}_{area}.json")
_DENMARK = Area("DKK", "Europe/Copenhagen", "")
_FINLAND = Area("EUR", "Europe/Helsinki", "")

AREAS: Mapping[str, Area] = {
    **dict.fromkeys(("SE1", "SE2", "SE3", "SE4"), _SWEDEN),
    **dict.fromkeys(("NO1", "NO2", "NO3", "NO4", "NO5"), _NORWAY),
    **dict.fromkeys(("DK1", "DK2"), _DENMARK),
    "FI": _FINLAND,
}
