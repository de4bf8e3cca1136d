"""Energy by interval through the program and a real InfluxDB, held against the simulator's own truth."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise, takewhile
from pathlib import Path

import pytest

from hanlogger.intervals import Span
from hanlogger.intervals.levels import QUARTER_MS
from hanlogger.journal import Journal
from hanlogger.journal.model import to_ms
from hanlogger.model import Chunk
from hanlogger.recordings.capture import Writer
from hanlogger.simulate import HouseState, simulate_telegrams
from tests.support.logger import call, start
from tests.support.programs import ForkedCommand
from tests.support.servers import ORG, Bucket
from tests.support.waiting import PATIENCE, until

BEGIN = datetime(2025, 10, 25, 20, 50, tzinfo=UTC)  # over the night in which an hour comes twice
LENGTH = timedelta(hours=7)
EVERY = timedelta(seconds=30)
HOME = "home"

Truth = dict[int, tuple[int, int]]
"""By border in ms, what the registers of import and export were."""


def simulated() -> tuple[list[tuple[datetime, bytes]], Truth]:
    """The telegrams of a house, and its registers at the borders, by the rule: the last at or before."""
    states: list[HouseState] = []

    def know(state: HouseState) -> HouseState:
        states.append(state)
        return state

    read = simulate_telegrams(3, BEGIN, changes=[know], every=EVERY)
    sent = list(takewhile(lambda each: each[0] < BEGIN + LENGTH, read))
    truth: Truth = {}
    for state in states[: len(sent)]:
        counters = state.counters
        border = -(-to_ms(state.time) // QUARTER_MS) * QUARTER_MS
        truth[border] = (counters.active_import, counters.active_export)
    return sent, truth


def write(file: Path, reads: list[tuple[datetime, bytes]]) -> Path:
    with file.open("w") as text:
        writer = Writer(text, {})
        for time, data in reads:
            writer.write(Chunk(data, time))
    return file


def settings(bucket: Bucket | None, port: str = "/dev/none", **given: str) -> dict[str, str]:
    database = (
        {
            "HANLOGGER_INFLUXDB_URL": bucket.server.url,
            "HANLOGGER_INFLUXDB_ORG": ORG,
            "HANLOGGER_INFLUXDB_BUCKET": bucket.name,
            "HANLOGGER_INFLUXDB_TOKEN": bucket.server.admin_token,
        }
        if bucket
        else {}
    )
    return {"HANLOGGER_PORT": port, "HANLOGGER_METER": HOME, "HANLOGGER_CLOCK_LIMIT": "off", **database, **given}


def stored(bucket: Bucket, direction: str = "import") -> dict[int, float]:
    """Measured intervals in the database: Wh by their beginning in ms."""
    rows = bucket.query(
        f"SELECT value, seconds FROM energy_interval WHERE direction = '{direction}' AND quality = 'measured'"
    )
    return {row["time"]: row["value"] for row in rows if row["seconds"]}


def expected(truth: Truth, number: int = 0) -> dict[int, float]:
    """What each quarter must be, from the first to the last known border."""
    borders = sorted(truth)[:-1]  # the last may still grow
    return {one: float(truth[other][number] - truth[one][number]) for one, other in pairwise(borders)}


def sum_of(bucket: Bucket, direction: str) -> float:
    (row,) = bucket.query(f"SELECT sum(value) AS wh FROM energy_interval WHERE direction = '{direction}'")
    return float(row["wh"])


def read_spans(folder: Path) -> list[Span]:
    with Journal.open(folder / "journal.sqlite3", read_only=True) as journal:
        return journal.intervals.read_spans(HOME)


def run_to_its_end(folder: Path, environ: dict[str, str]) -> int:
    return start(folder, environ=environ).wait(PATIENCE)


@pytest.mark.parametrize("kills", [0, 4])
def test_intervals_are_the_simulators_own_also_after_kills(bucket: Bucket, tmp_path: Path, kills: int) -> None:
    sent, truth = simulated()
    capture = write(tmp_path / "house.txt", sent)
    chance = random.Random(kills)
    for _ in range(kills):
        process = start(tmp_path, environ=settings(bucket, f"file:{capture}"))
        wait_for_cursor(tmp_path, process, chance.randint(1, 500))
        process.kill()
        process.wait()
    assert run_to_its_end(tmp_path, settings(bucket, f"file:{capture}")) == 0
    assert stored(bucket) == expected(truth)
    assert stored(bucket, "export") == expected(truth, 1)


def wait_for_cursor(folder: Path, process: ForkedCommand, reached: int) -> None:
    until(lambda: process.poll() is not None or _cursor(folder) > reached, "some are read")


def _cursor(folder: Path) -> int:
    path = folder / "journal.sqlite3"
    if not path.exists():
        return 0
    try:
        with Journal.open(path, read_only=True) as journal:
            return journal.intervals.get_cursor()
    except Exception:  # noqa: BLE001 it is being made
        return 0


def test_what_comes_late_and_in_disorder_gives_the_same(bucket: Bucket, tmp_path: Path) -> None:
    sent, truth = simulated()
    hours: defaultdict[int, list[tuple[datetime, bytes]]] = defaultdict(list)
    for time, data in sent:
        hours[(time - BEGIN) // timedelta(minutes=50)].append((time, data))
    for number in (5, 0, 2, 2, 7, 1, 8, 3, 6, 4):
        done = call(tmp_path, "import", str(write(tmp_path / f"{number}.txt", hours[number])), environ=settings(bucket))
        assert done.returncode == 0, done.stderr
        if number in (0, 7, 3):
            assert call(tmp_path, "backfill", environ=settings(bucket)).returncode == 0
    assert call(tmp_path, "backfill", environ=settings(bucket)).returncode == 0
    assert stored(bucket) == expected(truth)
    first, last = min(truth), sorted(truth)[-2]
    rest = bucket.query(
        "SELECT * FROM energy_interval WHERE quality <> 'measured' AND value > 0 AND direction = 'import'"
    )
    assert [(row["quality"], row["seconds"]) for row in rest] == [("partial", 600)]  # what was a gap is 0 Wh now
    assert sum_of(bucket, "import") == truth[last][0] - truth[first][0] + rest[0]["value"]


def test_a_corrected_clock_moves_them_and_leaves_nothing_behind(bucket: Bucket, tmp_path: Path) -> None:
    sent, truth = simulated()
    capture = write(tmp_path / "house.txt", sent)
    assert run_to_its_end(tmp_path, settings(bucket, f"file:{capture}", HANLOGGER_CLOCK="utc")) == 0
    wrong = {time + 3_600_000: value for time, value in expected(truth).items()}
    assert stored(bucket) == wrong
    done = call(tmp_path, "backfill", "--as-configured", environ=settings(bucket))
    assert done.returncode == 0, done.stderr
    assert stored(bucket) == expected(truth)


def test_an_hourly_meter_has_hours(bucket: Bucket, tmp_path: Path) -> None:
    sent = list(takewhile(lambda each: each[0] < BEGIN + LENGTH, simulate_telegrams(3, BEGIN, "kaifa-no")))
    longest = max(len(data) for _, data in sent)  # octets: the list of each hour, which has the registers
    few = [each for number, each in enumerate(sent) if number % 20 == 0 or len(each[1]) == longest]
    capture = write(tmp_path / "house.txt", few)
    assert run_to_its_end(tmp_path, settings(bucket, f"file:{capture}")) == 0
    rows = bucket.query("SELECT value, seconds FROM energy_interval WHERE direction = 'import'")
    assert [row["seconds"] for row in rows] == [3600] * 6
    registers = bucket.query("SELECT value FROM active_energy WHERE direction = 'import'")
    assert sum(row["value"] for row in rows) == registers[-1]["value"] - registers[0]["value"]


def test_what_a_database_holds_from_before_is_read_in_once(bucket: Bucket, tmp_path: Path) -> None:
    sent, truth = simulated()
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    assert run_to_its_end(first, settings(bucket, f"file:{write(tmp_path / 'house.txt', sent)}")) == 0
    span = ("--from", "2025-10-01", "--to", "2025-12-01")
    done = call(second, "import", "--from-influxdb", "influxdb", *span, environ=settings(bucket))
    assert done.returncode == 0, done.stderr
    one, other = (read_spans(folder) for folder in (first, second))
    assert one == other
    assert sum((span.imported or Decimal() for span in other[1:-1]), Decimal()) == int(sum(expected(truth).values()))


def test_the_export_has_the_25_hours_of_the_day(tmp_path: Path) -> None:
    sent, truth = simulated()
    capture = write(tmp_path / "house.txt", sent)
    assert call(tmp_path, "import", str(capture), environ=settings(None)).returncode == 0
    done = call(
        tmp_path, "export", "--by", "hour", "--from", "2025-10-26", "--to", "2025-10-27",
        "--zone", "Europe/Stockholm", "--separator", ";", "--decimal", ",", environ=settings(None),
    )  # fmt: skip
    head, *rows = [line.split(";") for line in done.stdout.splitlines()]
    assert head == ["start", "end", "utc_offset", "import_kwh", "export_kwh", "quality"]
    assert len(rows) == 25
    assert [(row[0][-5:], row[2]) for row in rows[1:4]] == [
        ("01:00", "+02:00"),
        ("02:00", "+02:00"),
        ("02:00", "+01:00"),
    ]
    border = to_ms(datetime(2025, 10, 26, 0, tzinfo=UTC))
    watt_hours = truth[border + 4 * QUARTER_MS][0] - truth[border][0]
    assert rows[2][3:] == [f"{watt_hours / 1000:.3f}".replace(".", ","), "0,000", "measured"]
    assert rows[-1][3:] == ["", "", "unknown"]
