"""The settings, their types, and what is told about them: the table behind files, variables, errors and the example."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from hanlogger.config import checks, units
from hanlogger.sources import LineSettings


@dataclass(frozen=True)
class About:
    """What a user is told about a setting."""

    text: str
    allowed: str
    example: str  # as TOML
    none: str = ""  # what is said for None, where that means something
    secret: bool = False
    joined: bool = False  # in the environment: a list, separated by commas
    octets: bool = False  # a number of octets


NUMBER = BeforeValidator(checks.number)
FACTOR = "a number from 0.000001 to 1000000"


def within(least: Any, most: Any) -> Any:
    """A finite number. What lies outside does harm: an alarm that never ends, a point with a million digits."""
    return Field(ge=least, le=most, allow_inf_nan=False)


FACTORS = within(Decimal("0.000001"), Decimal(1_000_000))
YEARS = timedelta(days=36_500)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ScaleTable(_Table):
    """Factors that a meter's messages do not state."""

    energy: Annotated[
        Decimal | None,
        FACTORS,
        NUMBER,
        About("what one step of an energy counter is, in Wh", FACTOR, "10"),
    ] = None
    current: Annotated[
        Decimal | None,
        FACTORS,
        NUMBER,
        About("what one step of a current is, in A", FACTOR, "0.01"),
    ] = None
    voltage: Annotated[
        Decimal | None,
        FACTORS,
        NUMBER,
        About("what one step of a voltage is, in V", FACTOR, "0.1"),
    ] = None


class LimitTable(_Table):
    """What boards and alert rules compare with."""

    net: Annotated[
        Literal["3x400", "3x230", "1x230"] | None,
        About(
            "the mains: 3x400 V with neutral, 3x230 V without (IT), one phase of 230 V",
            '"3x400", "3x230" or "1x230"',
            '"3x400"',
        ),
    ] = None
    fuse: Annotated[
        float | None,
        within(1.0, 1e4),
        NUMBER,
        About("the main fuse", "amperes, a number from 1 to 10000", "20"),
    ] = None
    power_limit: Annotated[
        float | None,
        within(1.0, 1e9),
        NUMBER,
        About(
            "alert above this power; from the fuse where none is given", "watts, a number from 1 to 1000000000", "11000"
        ),
    ] = None
    hour_limit: Annotated[
        float | None,
        within(0.001, 1e6),
        NUMBER,
        About("alert above this energy in an hour", "kilowatt-hours, a number from 0.001 to 1000000", "5"),
    ] = None
    day_limit: Annotated[
        float | None,
        within(0.001, 1e6),
        NUMBER,
        About("alert above this energy in a day", "kilowatt-hours, a number from 0.001 to 1000000", "60"),
    ] = None


class MeterTable(LimitTable):
    """A meter and its port."""

    name: Annotated[
        str,
        BeforeValidator(units.name),
        About("your name for the meter: the tag of everything it sends", "letters A-Z a-z, digits, _ and -", '"home"'),
    ] = "home"
    port: Annotated[
        str,
        AfterValidator(checks.port),
        About(
            "where the meter is read",
            "a device, auto (the one plugged in), socket://HOST:PORT, rfc2217://HOST:PORT, file:PATH, - or demo:",
            '"/dev/serial/by-id/usb-FTDI_FT232R-if00-port0"',
        ),
    ]
    serial: Annotated[
        LineSettings | None,
        BeforeValidator(checks.line),
        About(
            "the line: Swedish P1 is 115200 8N1, Aidon and Kaifa in Norway 2400 8E1, Kamstrup there 2400 8N1",
            "auto (found by trying), or speed and 8N1, 8E1 or 7E1: 115200 8N1, 2400 8E1, 2400 8N1, 9600 7E1 and others",
            '"auto"',
            none="auto",
        ),
    ] = None
    silence: Annotated[
        timedelta | None,
        Field(ge=timedelta(seconds=1), le=YEARS),
        BeforeValidator(checks.silence),
        About(
            "open the port again after this long without a telegram; auto: six of the meter's own intervals",
            'a time such as "2min", at least 1s, or "auto"',
            '"auto"',
            none="auto",
        ),
    ] = None
    clock: Annotated[
        str,
        AfterValidator(checks.clock),
        About(
            "how the meter's clock is read",
            "auto, normal-time, flag, local, utc, receive or an offset such as +02:00",
            '"auto"',
        ),
    ] = "auto"
    zone: Annotated[
        str,
        AfterValidator(checks.zone),
        About(
            "the time zone of clock = local",
            "a name of the IANA time zone database, such as Europe/Stockholm",
            '"Europe/Oslo"',
        ),
    ] = "Europe/Oslo"
    clock_limit: Annotated[
        timedelta | None,
        Field(ge=timedelta(seconds=1), le=YEARS),
        BeforeValidator(checks.clock_limit),
        About(
            "a clock further off than this is not believed, and the time of receipt taken instead",
            'a time such as "1d", at least 1s, or "off"',
            '"1d"',
            none="off",
        ),
    ] = timedelta(days=1)
    scale: ScaleTable = ScaleTable()
    ratio: Annotated[
        Decimal,
        FACTORS,
        NUMBER,
        About("of a transformer meter: multiplies currents, powers and energies", FACTOR, "60"),
    ] = Decimal(1)
    keys: Annotated[
        tuple[SecretStr, ...],
        AfterValidator(checks.keys),
        About(
            "for encrypted meters, the newest first: 32 hex digits, an authentication key after a colon",
            "a list of keys, each 32 hex digits, or 32 : 32",
            '["00112233445566778899AABBCCDDEEFF"]',
            secret=True,
            joined=True,
        ),
    ] = ()
    key_file: Annotated[
        Path | None,
        About(
            "the same in a file, a key a line, so that the key is not in here",
            "the path of a file",
            '"/etc/hanlogger/home.key"',
        ),
    ] = None
    label: Annotated[
        str,
        AfterValidator(checks.tag_value),
        About("a free text beside the name", "any text on one line", '"Summer house, north wall"'),
    ] = ""
    tags: Annotated[
        dict[str, str],
        AfterValidator(checks.tags),
        About(
            "more tags on every point of this meter",
            "names of letters, digits and _ that hanlogger does not use itself, with texts on one line",
            '{ building = "A", flat = "1203" }',
        ),
    ] = {}


class DestinationTable(_Table):
    """An InfluxDB 2."""

    url: Annotated[
        str,
        AfterValidator(checks.web),
        About("where InfluxDB answers", "an address that begins with http:// or https://", '"http://localhost:8086"'),
    ]
    org: Annotated[str, Field(min_length=1), About("its organisation", "a name", '"home"')] = "home"
    bucket: Annotated[str, Field(min_length=1), About("the bucket to write to", "a name", '"hanlogger"')] = "hanlogger"
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
        AfterValidator(checks.token),
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


class GrafanaTable(_Table):
    """A Grafana, which `doctor` looks at."""

    url: Annotated[
        str,
        AfterValidator(checks.web),
        About("where Grafana answers", "an address that begins with http:// or https://", '"http://localhost:3000"'),
    ]
    user: Annotated[str, Field(min_length=1), About("who logs in", "a name", '"admin"')] = "admin"
    password: Annotated[
        SecretStr | None,
        Field(min_length=1),
        About("the user's password; better in a file of its own", "a password", '"…"', secret=True),
    ] = None
    password_file: Annotated[
        Path | None,
        About("the file that holds the password", "the path of a file", '"/etc/hanlogger/grafana"'),
    ] = None


class Schema(LimitTable):
    """The whole configuration."""

    journal: Annotated[
        Path | None,
        About("where every telegram is kept", "the path of a file", '"/var/lib/hanlogger/journal.sqlite3"'),
    ] = None
    keep: Annotated[
        timedelta,
        Field(ge=timedelta(minutes=1), le=YEARS),
        BeforeValidator(units.duration),
        About(
            "how long a delivered telegram is kept in the journal",
            "a time such as 90d, 12h, 4w, from 1min to 36500d",
            '"90d"',
        ),
    ] = timedelta(days=90)
    max_size: Annotated[
        int,
        Field(ge=10**6, le=10**15),
        BeforeValidator(units.size),
        About(
            "how large the journal may grow",
            "a size such as 2 GB, 500 MB, from 1 MB to 1000 TB",
            '"2 GB"',
            octets=True,
        ),
    ] = 2 * 10**9
    max_series: Annotated[
        int,
        within(1, 1_000_000),
        NUMBER,
        About(
            "how many different series of one meter are sent; further ones are kept in the journal and counted",
            "a whole number from 1 to 1000000",
            "1000",
        ),
    ] = 1000
    logger: Annotated[
        str | None,
        BeforeValidator(units.name),
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
        AfterValidator(checks.target),
        About("where alerts are sent", "an e-mail address or a webhook, https://…", '"name@example.org"', secret=True),
    ] = None
    notify_file: Annotated[
        Path | None,
        About("the same in a file: a webhook's address is a secret", "the path of a file", '"/etc/hanlogger/notify"'),
    ] = None
    meter: tuple[MeterTable, ...] = ()
    influxdb: DestinationTable | None = None
    grafana: GrafanaTable | None = None
    destination: dict[Annotated[str, BeforeValidator(units.name)], DestinationTable] = {}


def about(model: type[BaseModel], key: str) -> About | None:
    """What is told about a setting; None for a table of settings."""
    found: Any = next((m for m in model.model_fields[key].metadata if isinstance(m, About)), None)
    return found if isinstance(found, About) else None
