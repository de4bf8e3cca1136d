"""The settings of what other programs get from hanlogger beside a database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, PlainValidator

from hanlogger.address import Address
from hanlogger.config import checks
from hanlogger.config.tables import About, LoginTable, Table


class RelayTable(Table):
    """The relay, which passes on every telegram over TCP."""

    listen: Annotated[
        Address | Mapping[str, Address],
        PlainValidator(checks.check_listen),
        About(
            "where other programs may read the telegrams as they came; with several meters one address for each",
            'HOST:PORT such as "127.0.0.1:2001", or { home = "127.0.0.1:2001", flat = "127.0.0.1:2002" }',
            '"127.0.0.1:2001"',
        ),
    ]
    demo: Annotated[
        bool,
        About("whether the telegrams of the demo are passed on too, which are invented", "true or false", "true"),
    ] = False


class HomeAssistantTable(LoginTable):
    """The broker at which a Home Assistant listens."""

    broker: Annotated[
        str,
        AfterValidator(checks.check_broker),
        About(
            "the MQTT broker of Home Assistant, which then finds the meters by itself",
            "mqtt://HOST:PORT, or mqtts://HOST:PORT with TLS",
            '"mqtt://homeassistant.local:1883"',
        ),
    ]
    prefix: Annotated[
        str,
        AfterValidator(checks.check_prefix),
        About("where Home Assistant looks for devices", "a topic without + and #", '"homeassistant"'),
    ] = "homeassistant"
    demo: Annotated[
        bool,
        About("whether it gets the demo's meter too, which is invented", "true or false", "true"),
    ] = False
