"""Where each table of settings stands: in the file, in variables of the environment, in the manual."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import BaseModel

from hanlogger.config.schema import (
    BrokerTable,
    DestinationTable,
    GrafanaTable,
    HomeAssistantTable,
    HttpTable,
    MeterTable,
    PriceTable,
    RelayTable,
    ScaleTable,
    Schema,
    WebTable,
)

SettingPath = tuple[str | int, ...]
"""The keys and numbers that lead to a setting: ("meter", 0, "scale", "energy")."""


class Place(NamedTuple):
    """A table of settings, and where it stands."""

    table: type[BaseModel]
    path: SettingPath  # of the first meter's, where each meter has one
    text: str = ""  # what it is for, behind its header in the file

    @property
    def name(self) -> str:
        """The key under which it stands; "" for the settings of a meter, and for those at the top of the file."""
        return next((key for key in self.path[-1:] if isinstance(key, str)), "")

    @property
    def header(self) -> str:
        """The line that begins it in the file; "" where it has none."""
        if self.table is MeterTable:
            return "[[meter]]"
        return "" if self.in_meter else f"[{self.name}]" if self.name else ""

    @property
    def prefix(self) -> str:
        """What is written before its keys in the file: `scale.`, or nothing."""
        return f"{self.name}." if self.in_meter else ""

    @property
    def in_meter(self) -> bool:
        """Whether it is a table within a meter's: its keys are written with its name before them."""
        return self.path[:1] == ("meter",) and bool(self.name)


PLACES = (
    Place(Schema, ()),
    Place(MeterTable, ("meter", 0), "one of these for each meter"),
    Place(ScaleTable, ("meter", 0, "scale")),
    Place(BrokerTable, ("meter", 0, "broker")),
    Place(HttpTable, ("meter", 0, "http")),
    Place(
        DestinationTable,
        ("influxdb",),
        "without it hanlogger records and shows, and delivers everything once it is there",
    ),
    Place(GrafanaTable, ("grafana",), "for `hanlogger doctor`, which looks at its data source too"),
    Place(RelayTable, ("relay",), "so that other programs read the same port"),
    Place(HomeAssistantTable, ("homeassistant",), "so that a Home Assistant finds the meters by itself"),
    Place(PriceTable, ("price",), "spot prices, for what computes costs"),
    Place(WebTable, ("web",), "the pages that `hanlogger run` serves to a browser"),
)
"""All tables but `[destination.NAME]`, of which there are any number, each as [influxdb] is."""

TABLES: dict[str, type[BaseModel]] = {
    "meter": MeterTable,
    "destination": DestinationTable,
    **{place.name: place.table for place in PLACES if place.name},
}
"""The tables by the key under which they stand, or any number of them."""
