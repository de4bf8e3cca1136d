"""A simulated year through the real program and a real InfluxDB: each month costs what a second way finds.

The second way (tests/support/naive_bill.py) gets the simulator's own truth, and shares no code with the first. By
default a month of hourly telegrams is simulated, that in which an hour comes twice; `make soak` takes the whole year,
by the quarter.
"""

from __future__ import annotations

import json
import os
import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise, takewhile
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

import pytest

from hanlogger.journal import Journal
from hanlogger.model import Chunk
from hanlogger.recordings.capture import Writer
from hanlogger.simulate import HouseState, simulate_telegrams
from hanlogger.tariffs.spot import find_beginning
from tests.support.logger import call, environment
from tests.support.naive_bill import Quarters, naive_bill, next_month
from tests.support.programs import ForkedCommand
from tests.support.scripted_server import HANG, Reply, Request, scripted_server
from tests.support.sending import SOAK
from tests.support.servers import HTTP, ORG, Bucket
from tests.support.tariffing import HOUR, QUARTER, STOCKHOLM, at, every, head
from tests.support.waiting import until

MONTHS = [date(2025, number, 1) for number in (range(1, 13) if SOAK else (10,))]
BEGIN = at(f"{MONTHS[0]} 00:00") - timedelta(hours=3)
END = at(f"{next_month(MONTHS[-1])} 00:00") + timedelta(hours=3)
EVERY = QUARTER if SOAK else HOUR  # a telegram at each border: what is between them changes no interval
SEED = 11
MINUTE = timedelta(minutes=1)
LATE = timedelta(weeks=1)
PATIENCE = 1800.0  # seconds for a command with a year's telegrams
HOME = "home"

T = TypeVar("T")
Read = tuple[datetime, bytes]

GRID = (
    head("Grid", 'part = "grid"', vat="without")
    + """
[[fixed]]
name = "Subscription"
per = "year"
price = 3105
[[energy]]
name = "Transfer"
rates = [{ months = "11-3", days = "workdays", hours = "06-22", price = 0.61 }, { price = 0.244 }]
[[energy]]
name = "Tax"
price = 0.439
[[power]]
name = "Power fee"
peaks = 3
one_per = "day"
weights = [{ factor = 0.5, hours = "22-06" }]
price = 65.4
"""
)
SUPPLY = (
    head("Supply", 'part = "supply"', vat="without")
    + """
[[energy]]
name = "Spot"
spot = 1
price = 0.06
[[export]]
name = "Sold"
spot = 1
price = -0.02
[[support]]
name = "Support"
scheme = "stromstotte"
threshold = 0.75
share = 0.9
cap = 400
"""
)


@cache
def simulate() -> tuple[list[Read], Quarters]:
    """The telegrams of a house, and by quarter the Wh that its registers moved by; all of an hour's in its first."""
    states: list[HouseState] = []

    def know(state: HouseState) -> HouseState:
        states.append(state)
        return state

    sent = list(takewhile(lambda read: read[0] <= END, simulate_telegrams(SEED, BEGIN, every=EVERY, changes=[know])))
    quarters = dict.fromkeys(every(QUARTER, BEGIN, END), (0, 0))
    for state, later in pairwise(states[: len(sent)]):
        before, after = state.counters, later.counters
        quarters[state.time] = (after.active_import - before.active_import, after.active_export - before.active_export)
    return sent, quarters


@cache
def draw_prices() -> Mapping[datetime, Decimal]:
    """A price for each telegram's time, some of them negative."""
    chance = random.Random(SEED)
    drawn = {start: Decimal(chance.randrange(-900, 25_000)).scaleb(-4) for start in every(EVERY, BEGIN, END)}
    return {start: drawn[find_beginning(start, EVERY // MINUTE)] for start in simulate()[1]}


@cache
def expect() -> dict[date, dict[str, Decimal]]:
    """By month what each line must cost."""
    quarters, prices = simulate()[1], draw_prices()
    return {
        month: naive_bill(GRID, quarters, prices, month) | naive_bill(SUPPLY, quarters, prices, month)
        for month in MONTHS
    }


def name_of(line: str) -> str:
    """A tariff's line, without the rate."""
    return line.partition(":")[0]


class House:
    """A folder with settings, tariffs and prices, in which the program is called."""

    def __init__(self, folder: Path, bucket: Bucket) -> None:
        self.folder, self.bucket = folder, bucket
        self.journal = folder / "journal.sqlite3"
        (folder / "grid.toml").write_text(GRID)
        (folder / "supply.toml").write_text(SUPPLY)
        self.configure()
        with Journal.open(self.journal) as journal:
            journal.prices.merge("SE3", "SEK", draw_prices(), final=True)

    def configure(self, clock: str = "auto", url: str = "") -> None:
        """Write the settings; clock: how the meter's clock is read. url: of what stands before the database."""
        server = self.bucket.server
        (self.folder / "hanlogger.toml").write_text(
            'tariff = ["grid.toml", "supply.toml"]\nkeep = "36500d"\n'
            f'[[meter]]\nname = "{HOME}"\nport = "/dev/null"\nclock = "{clock}"\nclock_limit = "off"\n'
            f'[influxdb]\nurl = "{url or server.url}"\norg = "{ORG}"\nbucket = "{self.bucket.name}"\n'
            f'token = "{server.admin_token}"\n[price]\narea = "SE3"\n'
        )
        (self.folder / "hanlogger.toml").chmod(0o600)

    def write(self, name: str, reads: list[Read]) -> str:
        """Write a capture, and return its name."""
        with (self.folder / name).open("w") as text:
            writer = Writer(text, {})
            for time, data in reads:
                writer.write(Chunk(data, time))
        return name

    def start(self, *arguments: str) -> ForkedCommand:
        """A command in a process of its own, whose words go to the file `log`."""
        with (self.folder / "log").open("ab") as log:
            return ForkedCommand(arguments, self.folder, environment(self.folder), stdout=log, stderr=log)

    def do(self, *arguments: str) -> None:
        """A command that must succeed."""
        assert self.start(*arguments).wait(PATIENCE) == 0, self.log

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()[-2000:]

    def kill_import(self, capture: str) -> None:
        """Kill an import that has taken in a part of a capture, and waits for the rest."""
        octets = (self.folder / capture).read_bytes()
        os.mkfifo(self.folder / "pipe")
        process = self.start("import", "pipe")
        with (self.folder / "pipe").open("wb") as pipe:
            pipe.write(octets[: len(octets) * 9 // 10])
            pipe.flush()
            until(lambda: self.ask(lambda journal: journal.records.count_frames()), "a page is in the journal")
            process.kill()
            process.wait()

    def kill_when(self, reached: Callable[[], object], *arguments: str) -> None:
        """Kill a command as soon as something is reached, wherever it is by then."""
        process = self.start(*arguments)
        until(lambda: process.poll() is not None or reached(), "it has come so far")
        process.kill()
        process.wait()

    def kill_delivery(self, answered: int) -> None:
        """Kill a backfill when the database has taken so many requests more than it has confirmed."""
        with scripted_server() as proxy:
            proxy.answer = lambda request: self.forward(request) if len(proxy.requests) < answered else HANG
            self.configure(url=proxy.url)
            self.kill_when(lambda: len(proxy.requests) >= answered, "backfill")
        self.configure()

    def forward(self, request: Request) -> Reply:
        """What the database answers to a request."""
        url = f"{self.bucket.server.url}{request.path}?{urlencode(request.query, doseq=True)}"
        answer = HTTP.request("POST", url, body=request.sent, headers=request.headers)
        return Reply(
            answer.status, answer.data, {name: value for name, value in answer.headers.items() if name[:2] == "X-"}
        )

    def ask(self, question: Callable[[Journal], T]) -> T:
        """What the journal says now."""
        with Journal.open(self.journal, read_only=True) as journal:
            return question(journal)

    def bill(self, month: date) -> dict[str, Decimal]:
        """What `hanlogger bill` says of each line, all rates of one together."""
        done = call(self.folder, "bill", f"{month:%Y-%m}", "--format", "json")
        assert done.returncode == 0, done.stderr
        amounts: defaultdict[str, Decimal] = defaultdict(Decimal)
        for line in json.loads(done.stdout)["lines"]:
            assert line["quality"] == "measured", line
            amounts[name_of(line["line"])] += Decimal(line["amount"])
        return dict(amounts)

    def delivered_bills(self) -> dict[date, dict[str, Decimal]]:
        """What the database has of each month and line."""
        found: dict[date, defaultdict[str, Decimal]] = {month: defaultdict(Decimal) for month in MONTHS}
        for row in self.bucket.query("SELECT line, known FROM cost_month"):
            month = datetime.fromtimestamp(row["time"] / 1000, UTC).astimezone(STOCKHOLM).date()
            if month in found:
                found[month][name_of(row["line"])] += Decimal(str(row["known"])).quantize(Decimal("0.01"))
        return {month: dict(lines) for month, lines in found.items()}

    def delivered_energy(self, column: int) -> dict[datetime, int]:
        """What the database has of each measured quarter, in Wh; column: 0 import, 1 export."""
        rows = self.bucket.query(
            "SELECT value, seconds FROM energy_interval WHERE quality = 'measured' AND "
            f"direction = '{('import', 'export')[column]}'"
        )
        return {datetime.fromtimestamp(row["time"] / 1000, UTC): int(row["value"]) for row in rows if row["seconds"]}


@pytest.fixture
def house(tmp_path: Path, bucket: Bucket) -> House:
    return House(tmp_path, bucket)


def check(house: House) -> None:
    """Bills, and what was delivered of them and of the energy, are those of the truth."""
    assert {month: house.bill(month) for month in MONTHS} == expect()
    assert house.delivered_bills() == expect()
    quarters = simulate()[1]
    for column in (0, 1):
        truth = {start: quarters[start][column] for start in every(EVERY, BEGIN, END)}
        assert house.delivered_energy(column) == truth


TIMEOUT = pytest.mark.timeout(3600 if SOAK else 900)


@TIMEOUT
def test_each_month_costs_what_the_second_way_finds(house: House) -> None:
    house.do("import", house.write("all.txt", simulate()[0]))
    house.do("backfill")
    check(house)
    assert all(amount for month in expect().values() for amount in month.values())  # each line is put to the test


@TIMEOUT
def test_kills_in_the_midst_of_import_and_delivery_change_no_bill(house: House) -> None:
    capture = house.write("all.txt", simulate()[0])
    house.kill_import(capture)
    house.kill_when(lambda: house.ask(lambda journal: journal.intervals.get_cursor()), "import", capture)
    house.do("import", capture)
    house.kill_delivery(answered=2)
    house.do("backfill")
    check(house)


@TIMEOUT
def test_telegrams_that_come_a_week_late_give_the_same_bill(house: House) -> None:
    sent = simulate()[0]
    late = [read for read in sent if 9 <= read[0].day < 12]
    house.do("import", house.write("in-time.txt", [read for read in sent if read not in late]))
    house.do("backfill")
    assert house.delivered_bills() != expect()
    house.do("import", house.write("late.txt", [(time + LATE, data) for time, data in late]))
    house.do("backfill")
    check(house)


@TIMEOUT
def test_a_corrected_clock_gives_the_bill_of_the_right_hours(house: House) -> None:
    house.configure(clock="utc")
    house.do("import", house.write("all.txt", simulate()[0]))
    house.do("backfill")
    assert house.delivered_bills() != expect()
    house.configure()
    house.do("backfill", "--as-configured")
    check(house)
