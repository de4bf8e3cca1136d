"""How long each board takes with a year of one meter: the sum of its queries, one after another, on a real InfluxDB.

    PATH=/where/influxd/is:$PATH python benchmarks/boards.py [--days 365] [--folder DIR]

The meter sends each ten seconds. With --folder the filled database is kept there and used again. A time is the best of
three, as a page that is opened anew finds its data in the memory of the system; folded rows count as if they were open.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from hanlogger.boards.board import list_panels
from hanlogger.boards.provisioning import make_boards
from hanlogger.boards.settings import BoardSettings
from tests.support.asking import on_screen
from tests.support.servers import Bucket, OwnInfluxdb, own_server

DAY, PERIOD, QUARTER = 86_400, 10, 900
RANGES = {"24 h": DAY, "30 d": 30 * DAY, "a year": 365 * DAY}
LINES = 250_000  # in one request
MONTH = 32  # days

PHASES = ("L1", "L2", "L3")
POWERS = [
    f"active_power,direction={direction},meter=home,obis=1-0:{c + at}.7.0,phase={phase}"
    for direction, c in (("import", 1), ("export", 2))
    for at, phase in ((0, "total"), (20, "L1"), (40, "L2"), (60, "L3"))
]


class Series(NamedTuple):
    """One series. grows: by how much at the most from one value to the next; 0: any value from `low` to `high`."""

    head: str
    period: int  # s
    low: int
    high: int
    grows: int = 0
    field: str = "value"
    days: int = 366  # up to now; of what boards ask for over short ranges alone a month is enough


def _of_phases(measurement: str, code: int, low: int, high: int) -> list[Series]:
    head = measurement + ",meter=home,obis=1-0:{}.7.0,phase={}"
    return [Series(head.format(code + 20 * n, phase), PERIOD, low, high) for n, phase in enumerate(PHASES)]


YEAR = [
    *_of_phases("voltage", 32, 220, 240),
    *_of_phases("current", 31, 0, 20),
    *(Series(f"energy_interval,direction={d},meter=home,quality=measured", QUARTER, 0, 1500)
      for d in ("import", "export")),
    *(Series(f"cost,direction=import,line={line},meter=home,quality=measured", QUARTER, 0, 2, field="known")
      for line in ("Spot", "Tax", "Transfer", "Markup")),
    Series("spot_price,area=SE3,currency=SEK", QUARTER, -1, 3),
    *(Series(head, PERIOD, 0, 6000, days=MONTH) for head in POWERS),
    *(Series(f"reactive_power,direction={d},meter=home,obis=1-0:{c}.7.0,phase=total", PERIOD, 0, 900, days=MONTH)
      for d, c in (("import", 3), ("export", 4))),
    *(Series(f"active_energy,direction={d},meter=home,obis=1-0:{c}.8.0,phase=total", PERIOD, 10**6, 0, 12, days=MONTH)
      for d, c in (("import", 1), ("export", 2))),
    *(Series(f"active_energy_tariff,direction=import,meter=home,obis=1-0:1.8.{n},tariff={n}", PERIOD, 10**6, 0, 6,
             days=MONTH) for n in (1, 2)),
    *(Series(f"register,meter=home,obis={code}", PERIOD, 3, 3, days=MONTH) for code in
      ("0-0:96.7.21", "0-0:96.7.9", "1-0:32.32.0", "1-0:52.32.0", "1-0:72.32.0")),
    Series("clock_offset,meter=home", PERIOD, -2, 2, days=MONTH),
    *(Series("hanlogger,logger=attic,meter=home", 60, 0, 0, grows, name)
      for name, grows in (("frames", 12), ("damaged", 1), ("undecoded", 1))),
    *(Series("hanlogger,logger=attic", 60, 0, 1000, 0, name)
      for name in ("undelivered", "undelivered_age", "rss", "journal_bytes")),
    *(Series("hanlogger,logger=attic", 60, 0, 0, 1, name) for name in ("refused", "retries")),
]  # fmt: skip


OTHER_FIELDS = {"energy_interval": ",seconds=900", "cost": ",unpriced=0"}
"""Fields that each point of a measurement has besides, and that never change."""


def fill(bucket: Bucket, days: int, now: int) -> None:
    """Write the year up to `now`, series by series."""
    for number, series in enumerate(YEAR):
        head = f"{series.head} {series.field}="
        tail = OTHER_FIELDS.get(series.head.partition(",")[0], "") + " "
        values = _values(series)
        times = range((now - min(days, series.days) * DAY) // series.period * series.period, now, series.period)
        for at in range(0, len(times), LINES):
            part = times[at : at + LINES]
            bucket.write("\n".join([f"{head}{next(values)}{tail}{time}" for time in part]).encode(), precision="s")
        print(f"\r{number + 1} of {len(YEAR)} series written", end="", file=sys.stderr)
    print(file=sys.stderr)


def _values(series: Series) -> Iterator[int]:
    chance = random.Random(series.head + series.field)
    some = [chance.randint(series.low, max(series.low, series.high)) for _ in range(9973)]
    steps = [chance.randint(0, series.grows) for _ in range(9973)]
    value = series.low
    while True:
        for one, step in zip(some, steps, strict=True):
            value += step
            yield value if series.grows else one


def measure(bucket: Bucket, now: int) -> Iterator[str]:
    """Yield a line for each board: its seconds for each range, and its slowest panel."""
    yield f"{'board':10}" + "".join(f"{name:>10}" for name in RANGES) + "   slowest at the last range"
    for board in make_boards(BoardSettings()):
        sums, slowest = [], (0.0, "")
        for length in RANGES.values():
            times = {}
            for panel in list_panels(board):
                times[panel["title"].en] = sum(_ask(bucket, query) for query in on_screen(panel, now - length, now))
            sums.append(sum(times.values()))
            slowest = max((seconds, title) for title, seconds in times.items())
        yield f"{board.file:10}" + "".join(f"{s:9.2f}s" for s in sums) + f"   {slowest[1]}: {slowest[0]:.2f} s"


def _ask(bucket: Bucket, query: str) -> float:
    best = float("inf")
    for _ in range(3):
        begun = time.perf_counter()
        bucket.query(query)
        best = min(best, time.perf_counter() - begun)
    return best


def main() -> None:
    """Fill a database, or take the one that is there, and print the table."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    options.add_argument("--days", type=int, default=365)
    options.add_argument("--folder", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        filled = folder / "filled-until"
        with own_server(folder, set_up=not filled.exists()) as server:
            if not filled.exists():
                now = int(time.time()) // PERIOD * PERIOD
                fill(_bucket(server), chosen.days, now)
                filled.write_text(str(now), encoding="ascii")
            for line in measure(_bucket(server), int(filled.read_text("ascii"))):
                print(line)


def _bucket(server: OwnInfluxdb) -> Bucket:
    return Bucket(server, "hanlogger", "")


if __name__ == "__main__":
    main()
