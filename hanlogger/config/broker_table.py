"""The settings of a broker behind a meter's port."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from hanlogger.config import checks, units
from hanlogger.config.tables import NUMBER, YEARS, About, LoginTable, allow_within
from hanlogger.sources.broker import Sasl


class BrokerTable(LoginTable):
    """How hanlogger connects to a broker, and which messages it takes."""

    client_id: Annotated[
        str,
        AfterValidator(checks.check_client_id),
        About(
            "MQTT: the client id, which must differ for each logger and stay the same; made once where none is given",
            "letters, digits and other printable characters, 128 at most",
            '"hanlogger-cellar"',
        ),
    ] = ""
    session: Annotated[
        timedelta,
        Field(ge=timedelta(seconds=1), le=YEARS),
        BeforeValidator(units.to_duration),
        About(
            "MQTT: how long the broker keeps messages while hanlogger is not connected",
            "a time such as 7d, 12h, from 1s to 36500d",
            '"7d"',
        ),
    ] = timedelta(days=7)
    group: Annotated[
        str,
        Field(min_length=1),
        About("Kafka: the consumer group, whose workers share the topic", "a name", '"hanlogger"'),
    ] = "hanlogger"
    sasl: Annotated[
        Sasl,
        About(
            "Kafka: the SASL mechanism, where there is a user",
            '"PLAIN", "SCRAM-SHA-256" or "SCRAM-SHA-512"',
            '"SCRAM-SHA-512"',
        ),
    ] = "PLAIN"
    ack: Annotated[
        Literal["journal", "delivered"],
        About(
            "when a message is acknowledged: once it is in the journal, or once every database has it",
            '"journal" or "delivered"',
            '"journal"',
        ),
    ] = "journal"
    most: Annotated[
        int,
        allow_within(1, 10_000),
        NUMBER,
        About("the most messages that may wait for their acknowledgement", "a whole number from 1 to 10000", "200"),
    ] = 200
    meters: Annotated[
        tuple[Annotated[str, BeforeValidator(units.check_name)], ...],
        About(
            "the names of the meters to take, where not all are to be taken",
            "a list of names, each of letters A-Z a-z, digits, _ and -",
            '["flat1", "flat2"]',
            joined=True,
        ),
    ] = ()
    new_meters: Annotated[
        int,
        allow_within(0, 100_000),
        NUMBER,
        About(
            "the most meters to take that neither this list nor a [[meter]] names",
            "a whole number from 0 to 100000",
            "100",
        ),
    ] = 100
