"""The whole configuration as one table: files, variables, error texts, the example and the manual are made from it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from hanlogger.config import checks, units
from hanlogger.config.broker_table import BrokerTable
from hanlogger.config.http_table import HttpTable
from hanlogger.config.meter_table import LimitTable, MeterTable, ScaleTable
from hanlogger.config.output_tables import HomeAssistantTable, RelayTable
from hanlogger.config.price_table import PriceTable
from hanlogger.config.server_tables import DestinationTable, GrafanaTable, WebTable
from hanlogger.config.tables import NUMBER, YEARS, About, allow_within, get_about

__all__ = [
    "About",
    "BrokerTable",
    "DestinationTable",
    "GrafanaTable",
    "HomeAssistantTable",
    "HttpTable",
    "LimitTable",
    "MeterTable",
    "PriceTable",
    "RelayTable",
    "ScaleTable",
    "Schema",
    "WebTable",
    "get_about",
]


class Schema(LimitTable):
    """The top of the configuration file, with the tables in it."""

    journal: Annotated[
        Path | None,
        About("the file that holds every telegram", "the path of a file", '"/var/lib/hanlogger/journal.sqlite3"'),
    ] = None
    keep: Annotated[
        timedelta,
        Field(ge=timedelta(minutes=1), le=YEARS),
        BeforeValidator(units.to_duration),
        About(
            "how long a delivered telegram is kept in the journal",
            "a time such as 90d, 12h, 4w, from 1min to 36500d",
            '"90d"',
        ),
    ] = timedelta(days=90)
    keep_intervals: Annotated[
        timedelta,
        Field(ge=timedelta(days=1), le=YEARS),
        BeforeValidator(units.to_duration),
        About(
            "how long the energy of each quarter of an hour is kept in the journal",
            "a time such as 3650d or 520w, from 1d to 36500d",
            '"3650d"',
        ),
    ] = timedelta(days=3650)
    max_size: Annotated[
        int,
        Field(ge=10**6, le=10**15),
        BeforeValidator(units.to_size),
        About(
            "how large the journal may grow",
            "a size such as 2 GB, 500 MB, from 1 MB to 1000 TB",
            '"2 GB"',
            octets=True,
        ),
    ] = 2 * 10**9
    max_series: Annotated[
        int,
        allow_within(1, 1_000_000),
        NUMBER,
        About(
            "how many different series of one meter are sent; further ones are kept in the journal and counted",
            "a whole number from 1 to 1000000",
            "1000",
        ),
    ] = 1000
    building_fuse: Annotated[
        float | None,
        allow_within(1.0, 1e5),
        NUMBER,
        About(
            "the fuse of the building that all meters are in: alert when together they come near it",
            "amperes, a number from 1 to 100000",
            "160",
        ),
    ] = None
    logger: Annotated[
        str | None,
        BeforeValidator(units.check_name),
        About(
            "this logger's name, the tag of its own health; the host's name where none is given",
            "letters A-Z a-z, digits, _ and -",
            '"cellar"',
        ),
    ] = None
    language: Annotated[
        Literal["en", "sv"],
        About("the language of Grafana's boards and alerts", '"en" or "sv"', '"sv"'),
    ] = "en"
    notify: Annotated[
        SecretStr | None,
        AfterValidator(checks.check_target),
        About("where alerts are sent", "an e-mail address or a webhook, https://…", '"name@example.org"', secret=True),
    ] = None
    notify_file: Annotated[
        Path | None,
        About("the same in a file: a webhook's address is a secret", "the path of a file", '"/etc/hanlogger/notify"'),
    ] = None
    meter: tuple[MeterTable, ...] = ()
    influxdb: DestinationTable | None = None
    grafana: GrafanaTable | None = None
    relay: RelayTable | None = None
    homeassistant: HomeAssistantTable | None = None
    price: PriceTable | None = None
    web: WebTable = WebTable()
    destination: dict[Annotated[str, BeforeValidator(units.check_name)], DestinationTable] = Field(default_factory=dict)
