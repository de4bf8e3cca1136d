"""The settings of a meter and its port, with the limits that boards and alert rules compare with."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from hanlogger.config import checks, units
from hanlogger.config.broker_table import BrokerTable
from hanlogger.config.http_table import HttpTable
from hanlogger.config.ports import check_port
from hanlogger.config.tables import FACTOR, FACTORS, NUMBER, YEARS, About, Table, allow_within
from hanlogger.sources import LineSettings


class ScaleTable(Table):
    """Scale factors that a meter's messages do not state."""

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


class LimitTable(Table):
    """Limits that boards and alert rules compare with, and what is paid."""

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
        allow_within(1.0, 1e4),
        NUMBER,
        About("the main fuse", "amperes, a number from 1 to 10000", "20"),
    ] = None
    power_limit: Annotated[
        float | None,
        allow_within(1.0, 1e9),
        NUMBER,
        About(
            "alert above this power; from the fuse where none is given", "watts, a number from 1 to 1000000000", "11000"
        ),
    ] = None
    hour_limit: Annotated[
        float | None,
        allow_within(0.001, 1e6),
        NUMBER,
        About("alert above this energy in an hour", "kilowatt-hours, a number from 0.001 to 1000000", "5"),
    ] = None
    day_limit: Annotated[
        float | None,
        allow_within(0.001, 1e6),
        NUMBER,
        About("alert above this energy in a day", "kilowatt-hours, a number from 0.001 to 1000000", "60"),
    ] = None
    month_limit: Annotated[
        float | None,
        allow_within(0.001, 1e6),
        NUMBER,
        About("alert above this energy in a calendar month", "kilowatt-hours, a number from 0.001 to 1000000", "1500"),
    ] = None
    tariff: Annotated[
        tuple[Path, ...],
        BeforeValidator(units.to_list),
        About(
            "what is paid: files of tariffs (docs/tariffs.md), of each part of the contracts one at a time",
            "the path of a file, or a list of paths",
            '["grid.toml", "supply.toml"]',
            joined=True,
        ),
    ] = ()


class MeterTable(LimitTable):
    """The settings of a meter and its port."""

    name: Annotated[
        str,
        BeforeValidator(units.check_name),
        About("your name for the meter: the tag of everything it sends", "letters A-Z a-z, digits, _ and -", '"home"'),
    ] = "home"
    port: Annotated[
        str,
        AfterValidator(check_port),
        About(
            "where the meter is read",
            "a device, auto (the one plugged in), socket://HOST:PORT, rfc2217://HOST:PORT, "
            "http://HOST/api/v1/telegram and others (docs/connect.md), ws://HOST/PATH, mqtt://HOST/TOPIC, "
            "kafka://HOST/TOPIC, both with s for TLS, via:NAME (by the port of that name), file:PATH, - or demo:",
            '"/dev/serial/by-id/usb-FTDI_FT232R-if00-port0"',
        ),
    ]
    serial: Annotated[
        LineSettings | None,
        BeforeValidator(checks.check_line),
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
        BeforeValidator(checks.check_silence),
        About(
            "open the port again after this long without a telegram; auto: six of the meter's own intervals",
            'a time such as "2min", at least 1s, or "auto"',
            '"auto"',
            none="auto",
        ),
    ] = None
    clock: Annotated[
        str,
        AfterValidator(checks.check_clock),
        About(
            "how the meter's clock is read",
            "auto, normal-time, flag, local, utc, receive or an offset such as +02:00",
            '"auto"',
        ),
    ] = "auto"
    zone: Annotated[
        str,
        AfterValidator(checks.check_zone),
        About(
            "the time zone of clock = local",
            "a name of the IANA time zone database, such as Europe/Stockholm",
            '"Europe/Oslo"',
        ),
    ] = "Europe/Oslo"
    clock_limit: Annotated[
        timedelta | None,
        Field(ge=timedelta(seconds=1), le=YEARS),
        BeforeValidator(checks.check_clock_limit),
        About(
            "a clock further off than this is not believed, and the arrival time is taken instead",
            'a time such as "1d", at least 1s, or "off"',
            '"1d"',
            none="off",
        ),
    ] = timedelta(days=1)
    scale: ScaleTable = ScaleTable()
    broker: BrokerTable = BrokerTable()
    http: HttpTable = HttpTable()
    ratio: Annotated[
        Decimal,
        FACTORS,
        NUMBER,
        About("of a transformer meter: multiplies currents, powers and energies", FACTOR, "60"),
    ] = Decimal(1)
    keys: Annotated[
        tuple[SecretStr, ...],
        AfterValidator(checks.check_keys),
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
        AfterValidator(checks.check_tag_value),
        About("a free text beside the name", "any text on one line", '"Summer house, north wall"'),
    ] = ""
    tags: Annotated[
        dict[str, str],
        AfterValidator(checks.check_tags),
        About(
            "more tags on every point of this meter",
            "names of letters, digits and _ that hanlogger does not use itself, with texts on one line",
            '{ building = "A", flat = "1203" }',
        ),
    ] = Field(default_factory=dict)
