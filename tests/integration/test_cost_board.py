"""Every query of the board Cost on a real InfluxDB, which has what delivery made of a journal, held to plain sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from hanlogger.boards.board import list_panels
from hanlogger.boards.cost import make_cost_board
from hanlogger.boards.fee_rules import make_hour_fee_rule
from hanlogger.boards.settings import BoardSettings, RuleSettings
from hanlogger.costs import Contracts, CostPoints
from hanlogger.costs.months import Prices, read_no_prices
from hanlogger.intervals import Span
from hanlogger.journal import Journal
from hanlogger.journal.energy.announcements import from_text
from hanlogger.model import Meter
from hanlogger.points.costs import make_running_point
from hanlogger.points.lineprotocol import encode_points
from hanlogger.points.points import make_interval_point, make_price_point
from tests.support.asking import Asked, expanded
from tests.support.house_data import Data
from tests.support.servers import Bucket
from tests.support.tariffing import head
from tests.support.web import frames_of, record

HOME = Meter("home")
START = datetime(2026, 1, 31, 20, tzinfo=UTC)
END = START + timedelta(days=3)
FEBRUARY = datetime(2026, 1, 31, 23, tzinfo=UTC)
QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)
RULE = f"""{head("Grid")}
[[fixed]]
name = "Subscription"
price = 100
[[energy]]
name = "Transfer"
price = 0.25
[[energy]]
name = "Spot"
price = 0
spot = 1
[[power]]
name = "Power fee"
price = 45
peaks = 2
"""


def spot(at: datetime) -> Decimal | None:
    """The price of a quarter; none from 02 to 03 UTC."""
    return None if at.hour == 2 else Decimal(at.hour * 4 + at.minute // 15) / 100


def prices(_start: datetime, _end: datetime, _currency: str) -> dict[datetime, Decimal]:
    every = (START + number * QUARTER for number in range((END - START) // QUARTER))
    return {at: price for at in every if (price := spot(at)) is not None}


def deliver(journal: Journal, bucket: Bucket, known: Prices) -> None:
    """Write what all that is announced costs, by the file `grid.toml` beside the journal."""
    making = CostPoints(journal, Contracts({"home": [journal.path.parent / "grid.toml"]}), known)
    for each in journal.records.read_after(0, 10_000):
        if each.kind == "intervals":
            change = from_text(each.data)
            amounts = journal.intervals.read_amounts("home", change)
            bucket.write(b"".join(encode_points(making.make(HOME, change, amounts))))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A journal of three days."""
    path = tmp_path / "journal.sqlite3"
    record(path, "home", frames_of("p1-aidon", [START + number * QUARTER for number in range(3 * 96 + 1)]))
    (tmp_path / "grid.toml").write_text(RULE, "utf-8")
    with Journal.open(path) as opened:
        yield opened


@pytest.fixture
def spans(journal: Journal, bucket: Bucket) -> list[Span]:
    """The spans of three days, whose points stand in the bucket as delivery makes them."""
    deliver(journal, bucket, prices)
    found = journal.intervals.read_spans("home")
    energy = [
        make_interval_point(HOME, "import", each.quality, each.imported or Decimal(0), QUARTER, each.start)
        for each in found
    ]
    told = [make_price_point("SE3", "SEK", price, at) for at, price in prices(START, END, "SEK").items()]
    bucket.write(b"".join(encode_points([*energy, *told])))
    return found


def ask(
    bucket: Bucket, title: str, ref: str = "A", start: datetime = START, end: datetime = END
) -> list[dict[str, Any]]:
    panels = {panel["title"].en: panel for panel in list_panels(make_cost_board(BoardSettings()))}
    query = next(target["query"] for target in panels[title]["targets"] if target["refId"] == ref)
    asked = Asked(Data(), int(start.timestamp()), int(end.timestamp()) - 1, ("home",))
    return bucket.query(expanded(query, asked))


def local_day(at: datetime) -> date:
    return (at + timedelta(hours=1)).date()


def test_the_energy_of_a_time_costs_what_its_quarters_do(bucket: Bucket, spans: list[Span]) -> None:
    cost = Fraction(0)
    for span in spans:
        wh = Fraction(span.imported or 0)
        cost += wh / 1000 * (Fraction(1, 4) + Fraction(spot(span.start) or 0) * Fraction(5, 4))
    assert ask(bucket, "Energy today")[0]["sum"] == pytest.approx(float(cost))


def test_days_and_lines_are_sums_of_their_quarters(bucket: Bucket, spans: list[Span]) -> None:
    sums: defaultdict[tuple[str, date], Fraction] = defaultdict(Fraction)
    for span in spans:
        wh, price = Fraction(span.imported or 0) / 1000, spot(span.start)
        sums["Transfer", local_day(span.start)] += wh / 4
        sums["Spot", local_day(span.start)] += wh * Fraction(price or 0) * Fraction(5, 4)
    found = {
        (row["line"], local_day(datetime.fromtimestamp(row["time"] / 1000, UTC))): row["sum"]
        for row in ask(bucket, "By day and line")
    }
    assert found.keys() == sums.keys()
    for key, value in sums.items():
        assert found[key] == pytest.approx(float(value)), key


def test_the_month_is_the_sum_of_its_rounded_lines_and_says_where_a_price_is_missing(
    bucket: Bucket, spans: list[Span]
) -> None:
    inside = [span for span in spans if span.start >= FEBRUARY]
    kwh = sum((Fraction(span.imported or 0) for span in inside), Fraction(0)) / 1000
    spots = sum((Fraction(s.imported or 0) * Fraction(spot(s.start) or 0) for s in inside), Fraction(0)) / 1000
    lines = {"Subscription": 100.0, "Transfer": float(kwh / 4), "Spot": float(spots * Fraction(5, 4))}
    lines["Power fee"] = float(sum(top(inside)[:2], Fraction(0)) / 2 * 45)
    rows = {row["line"]: row for row in ask(bucket, "Month by line", start=FEBRUARY)}
    assert {name: row["known"] for name, row in rows.items()} == {
        name: pytest.approx(value, abs=0.006) for name, value in lines.items()
    }
    assert rows["Spot"]["quality"] == "unknown"
    total = ask(bucket, "This month so far", start=FEBRUARY)[0]["sum"]
    assert total == pytest.approx(sum(row["known"] for row in rows.values()))
    assert ask(bucket, "Lines with missing prices", start=FEBRUARY)[0]["sum"] == 1


def test_a_price_that_is_taken_out_and_hours_that_are_forgotten_leave_no_old_figure(
    journal: Journal, bucket: Bucket, spans: list[Span]
) -> None:
    deliver(journal, bucket, read_no_prices)
    assert {row["line"] for row in ask(bucket, "By day and line")} == {"Transfer"}
    transfer = sum((Fraction(span.imported or 0) for span in spans), Fraction(0)) / 4000
    assert ask(bucket, "Energy today")[0]["sum"] == pytest.approx(float(transfer))
    assert len(ask(bucket, "Peaks of the month", start=FEBRUARY)) == 2
    journal.records.forget("home", FEBRUARY + HOUR + QUARTER)
    deliver(journal, bucket, read_no_prices)
    assert len(ask(bucket, "Peaks of the month", start=FEBRUARY)) == 1


def hours_of(spans: list[Span]) -> dict[datetime, Fraction]:
    sums: defaultdict[datetime, list[Fraction]] = defaultdict(list)
    for span in spans:
        sums[span.start.replace(minute=0)].append(Fraction(span.imported or 0) / 1000)
    return {hour: sum(parts, Fraction(0)) for hour, parts in sums.items() if len(parts) == 4}


def top(spans: list[Span]) -> list[Fraction]:
    return sorted(hours_of(spans).values(), reverse=True)


def test_the_peaks_are_the_greatest_hours_with_their_time(bucket: Bucket, spans: list[Span]) -> None:
    hours = hours_of([span for span in spans if span.start >= FEBRUARY])
    wanted = sorted(hours.items(), key=lambda each: (-each[1], each[0]))[:2]
    rows = sorted(ask(bucket, "Peaks of the month", start=FEBRUARY), key=lambda row: row["rank"])
    assert [(row["rank"], row["at"]) for row in rows] == [
        (str(rank), hour.timestamp() * 1000) for rank, (hour, _) in enumerate(wanted, 1)
    ]
    assert [row["power"] for row in rows] == pytest.approx([float(kwh) for _, kwh in wanted])


def test_price_and_consumption_stand_side_by_side_by_quarter(bucket: Bucket, spans: list[Span]) -> None:
    used = {
        row["time"]: next(v for k, v in row.items() if k not in ("time", "meter"))
        for row in ask(bucket, "Price against consumption by quarter, 2 days")
    }
    assert used == {
        int(span.start.timestamp()) * 1000: pytest.approx(float(Fraction(span.imported or 0) / 1000))
        for span in spans
        if span.quality == "measured"
    }
    told = {row["time"]: row["mean"] for row in ask(bucket, "Price against consumption by quarter, 2 days", "B")}
    assert told == {int(at.timestamp()) * 1000: pytest.approx(float(p)) for at, p in prices(START, END, "").items()}


def test_the_running_hour_is_the_newest_and_the_rule_asks_what_it_adds(bucket: Bucket) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    for minutes, extra in ((2, 0), (1, 13)):
        fields = {"forecast": Decimal(5100), "limit": Decimal(4200), "allowed": Decimal(3933), "extra": Decimal(extra)}
        bucket.write(
            b"".join(encode_points([make_running_point("home", "Power fee", now - timedelta(minutes=minutes), fields)]))
        )
    values = [next(v for k, v in ask(bucket, "This hour", ref)[0].items() if k.startswith("last")) for ref in "ABC"]
    assert values == pytest.approx([5.1, 4.2, 3.933])
    assert ask(bucket, "Raises the fee by")[0]["last"] == 13
    begin = now - timedelta(minutes=10)
    drawn = ask(bucket, "Running hour against its limit, 24 h", start=begin, end=now)
    assert [next(v for k, v in row.items() if k.startswith("last")) for row in drawn] == pytest.approx([5.1, 5.1])
    limits = ask(bucket, "Running hour against its limit, 24 h", "B", start=begin, end=now)
    assert len(limits) == 2
    rule = make_hour_fee_rule(RuleSettings()).query.replace("$timeFilter", f"time > {int(begin.timestamp())}s")
    assert [(row["meter"], row["line"], row["last"]) for row in bucket.query(rule)] == [("home", "Power fee", 13)]
