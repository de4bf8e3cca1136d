"""The settings of servers: an InfluxDB, a Grafana, and the pages that `hanlogger run` serves itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from hanlogger.address import Address
from hanlogger.config import checks, units
from hanlogger.config.tables import About, Password, PasswordFile, Table
from hanlogger.influxdb.destination import DatabaseKind


class DestinationTable(Table):
    """A database that telegrams are delivered to: an InfluxDB 2, or a VictoriaMetrics."""

    url: Annotated[
        str,
        AfterValidator(checks.check_web),
        About("where InfluxDB answers", "an address that begins with http:// or https://", '"http://localhost:8086"'),
    ]
    kind: Annotated[
        DatabaseKind,
        About(
            "what the database is; a VictoriaMetrics has no organisation, bucket or token of its own",
            '"influxdb" or "victoriametrics"',
            '"influxdb"',
        ),
    ] = "influxdb"
    org: Annotated[str, Field(min_length=1), About("its organisation", "a name", '"home"')] = "home"
    bucket: Annotated[str, Field(min_length=1), About("the bucket to write to", "a name", '"hanlogger"')] = "hanlogger"
    meters: Annotated[
        tuple[str, ...],
        BeforeValidator(units.to_list),
        AfterValidator(checks.check_meter_patterns),
        About(
            "the meters that it gets, by patterns of their names; every meter where none is given",
            "a list of names and patterns of letters A-Z a-z, digits, _ and -, where * stands for any number of "
            "characters and ? for one",
            '["flat-*", "laundry"]',
            joined=True,
        ),
    ] = ()
    nodes: Annotated[
        tuple[str, ...],
        BeforeValidator(units.to_list),
        AfterValidator(checks.check_webs),
        About(
            "every process of a cluster of VictoriaMetrics, whose counters tell what is dropped and what is stored",
            "a list of addresses that begin with http:// or https://, of each vminsert, vmstorage and vmselect",
            '["http://vminsert:8480", "http://vmstorage-1:8482", "http://vmselect:8481"]',
            joined=True,
        ),
    ] = ()
    demo: Annotated[
        bool,
        About(
            "whether it gets the telegrams of the demo too, which are invented; no other database does",
            "true or false",
            "true",
        ),
    ] = False
    token: Annotated[
        SecretStr | None,
        Field(min_length=1),
        AfterValidator(checks.check_token),
        About(
            "a token that may write to the bucket; better in a file of its own", "a token", '"the-token"', secret=True
        ),
    ] = None
    token_file: Annotated[
        Path | None,
        About(
            "the file that holds the token; read again at each attempt", "the path of a file", '"/etc/hanlogger/token"'
        ),
    ] = None
    ca_file: Annotated[
        Path | None,
        About(
            "certificates to trust for https, beside the system's", "the path of a PEM file", '"/etc/hanlogger/ca.pem"'
        ),
    ] = None


class GrafanaTable(Table):
    """A Grafana, which `hanlogger doctor` examines."""

    url: Annotated[
        str,
        AfterValidator(checks.check_web),
        About("where Grafana answers", "an address that begins with http:// or https://", '"http://localhost:3000"'),
    ]
    user: Annotated[str, Field(min_length=1), About("the user name", "a name", '"admin"')] = "admin"
    password: Password = None
    password_file: PasswordFile = None


class WebTable(Table):
    """The pages that `hanlogger run` serves to a browser."""

    listen: Annotated[
        Address | None,
        BeforeValidator(checks.check_page_address),
        About(
            "where `hanlogger run` serves its pages; only this computer sees them unless another address is given",
            'a host and a port, "0.0.0.0:8088" for every network of this computer, or "off"',
            '"127.0.0.1:8088"',
            none="off",
        ),
    ] = Address("127.0.0.1", 8088)
    hosts: Annotated[
        tuple[str, ...],
        AfterValidator(checks.check_host_names),
        About(
            "further names under which a browser, a proxy or a container finds the pages; any other is refused",
            "a list of host names without a port",
            '["meter.example.org"]',
            joined=True,
        ),
    ] = ()
