"""Registers that a database holds from before, for intervals whose telegrams are gone.

Of each quarter of an hour the database gives the first, the last, the lowest and the highest value with its time, which
is all that intervals are made of (hanlogger.intervals.levels); a month at a time, so that years need little memory.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hanlogger.errors import WriteUnavailable
from hanlogger.http import NoAnswer
from hanlogger.humanize import clean_text, format_utc
from hanlogger.influxdb import Destination, mask
from hanlogger.influxdb.answered import read_answer
from hanlogger.influxdb.answers import make_error
from hanlogger.influxdb.requests import connect, explain, get_limits, query_flux
from hanlogger.intervals.levels import Level
from hanlogger.journal.model import DIRECTIONS, to_ms

STEP = timedelta(days=31)  # of one query
LONGEST = 600.0  # seconds that a server may take for it
MOST = 64 * 2**20  # octets of an answer: a month of both directions has about 4 MB

_FLUX = """
data = from(bucket: {bucket}) |> range(start: {start}, stop: {end})
  |> filter(fn: (r) => r._measurement == "active_energy" and r._field == "value" and r.meter == "{meter}"
    and r.phase == "total")
  |> group(columns: ["direction"]) |> sort(columns: ["_time"]) |> window(every: 15m)
union(tables: [data |> first(), data |> last(), data |> min(), data |> max()])
  |> keep(columns: ["_time", "_value", "direction"])
"""


def read_registers(source: Destination, meter: str, start: datetime, end: datetime) -> Iterator[dict[int, list[Level]]]:
    """Yield the levels of a meter by direction, for each month from `start` to `end`; empty where there are none.

    meter: a name of [A-Za-z0-9_-]+. WriteUnavailable if the database cannot be reached or fails, WriteRejected if it
    refuses the query.
    """
    while start < end:
        stop = min(start + STEP, end)
        yield read_table(io.StringIO(_query(source, meter, start, stop)))
        start = stop


def read_table(lines: Iterable[str]) -> dict[int, list[Level]]:
    """Return the levels in an answer, which is CSV with a header before each of its tables (annotated or not).

    WriteUnavailable for a table of errors: a query that fails once its answer has begun ends with one, in a status 200.
    """
    levels: dict[int, list[Level]] = {}
    names: list[str] = []
    for row in csv.reader(lines):
        if "_value" in row or {"error", "reference"} <= set(row):
            names = row
        elif names and len(row) == len(names) and not row[0].startswith("#"):
            cells = dict(zip(names, row, strict=True))
            if "error" in cells:
                raise WriteUnavailable(f"the database ends its answer with an error: {clean_text(cells['error'])}")
            if cells["direction"] in DIRECTIONS:
                level = Level(to_ms(datetime.fromisoformat(cells["_time"])), Decimal(cells["_value"]))
                levels.setdefault(DIRECTIONS.index(cells["direction"]), []).append(level)
    return levels


def _query(source: Destination, meter: str, start: datetime, end: datetime) -> str:
    token = source.read_token()
    bucket = '"' + source.bucket.replace("\\", "\\\\").replace('"', '\\"') + '"'
    flux = _FLUX.format(bucket=bucket, meter=meter, start=format_utc(start), end=format_utc(end))
    try:
        with connect(source, get_limits(source)._replace(read=LONGEST, most=MOST)) as server:
            response = query_flux(server, source, token, flux)
    except NoAnswer as error:
        raise WriteUnavailable(mask(str(explain(error, source)), token)) from error
    if response.status != 200:
        raise make_error(read_answer(response).mask(token), source, datetime.now(UTC))
    if len(response.data) >= MOST:
        raise WriteUnavailable(f"the answer of {source.url} is longer than {MOST} octets: give a shorter time")
    return response.data.decode()
