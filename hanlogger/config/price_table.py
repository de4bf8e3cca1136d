"""The settings of spot prices: of which area, and where they come from."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from hanlogger.config import checks
from hanlogger.config.tables import NUMBER, About, Table, allow_within
from hanlogger.prices.areas import AREAS


class PriceTable(Table):
    """Where the spot prices of an area come from: at most one of `url`, `file` and `fixed`."""

    area: Annotated[
        str,
        AfterValidator(checks.check_area),
        About("the area whose spot prices are kept; it decides currency and zone", ", ".join(AREAS), '"SE3"'),
    ]
    url: Annotated[
        str,
        AfterValidator(checks.check_price_url),
        About(
            "where a day's prices are asked for, in the JSON form of elprisetjustnu.se and hvakosterstrommen.no; those "
            "two, for areas in Sweden and Norway, where none is given",
            "an address that begins with http:// or https://, with {year}, {month}, {day} and, if need be, {area}",
            '"https://example.org/{year}/{month}-{day}_{area}.json"',
        ),
    ] = ""
    file: Annotated[
        Path | None,
        About(
            "a CSV file with the columns time and price that holds the prices instead; read again when it changes",
            "the path of a file",
            '"/etc/hanlogger/prices.csv"',
        ),
    ] = None
    fixed: Annotated[
        Decimal | None,
        allow_within(Decimal(-100), Decimal(100)),
        NUMBER,
        About(
            "one price at all times instead, of a kWh without value added tax",
            "a number from -100 to 100",
            "0.85",
        ),
    ] = None
