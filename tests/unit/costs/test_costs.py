"""What a meter costs: by quarter and line as points, by month, and in the hour that runs; each held to a plain sum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from hanlogger.costs import Contracts, CostPoints, NowCosts, read_month
from hanlogger.costs.months import MARGIN, find_until, list_affected, read_no_prices, read_spans
from hanlogger.costs.names import A_DAY, Names, from_texts, list_names, make_tariff_key, note_change, to_texts
from hanlogger.costs.now import find_power
from hanlogger.errors import ConfigError
from hanlogger.intervals import QUARTER, Quality
from hanlogger.intervals.levels import QUARTER_MS, Level
from hanlogger.journal import Journal
from hanlogger.journal.energy.announcements import from_text
from hanlogger.journal.energy.quarters import Change
from hanlogger.journal.model import IMPORT, from_ms, to_ms
from hanlogger.model import Frame, Meter, Point
from hanlogger.tariffs.calendar import Period
from hanlogger.tariffs.reading import read_tariff
from tests.support.web import frames_of, meter_state, record

HOME = Meter("home")
START = datetime(2026, 1, 31, 20, 0, tzinfo=UTC)  # three hours before a month begins in Stockholm
MINUTES = 9 * 60
HEAD = """
name = "Grid"
currency = "SEK"
prices = "without VAT"
source = "test"
source_date = 2026-11-29
"""
RULE = (
    HEAD
    + """
[[fixed]]
name = "Subscription"
price = 100
[[energy]]
name = "Transfer"
[[energy.rates]]
price = 0.50
hours = "6-22"
[[energy.rates]]
price = 0.20
[[energy]]
name = "Spot"
price = 0.03
spot = 1
[[export]]
name = "Sold"
price = 0.10
[[power]]
name = "Power"
price = 45
peaks = 3
one_per = "hour"
"""
)


def quarters(start: datetime, end: datetime) -> list[datetime]:
    first = int(start.timestamp()) // 900
    return [datetime.fromtimestamp(900 * number, UTC) for number in range(first, int(end.timestamp()) // 900)]


def prices(start: datetime, end: datetime, _currency: str) -> dict[datetime, Decimal]:
    """A price for every quarter but those of one hour, from a rule of its own."""
    return {at: Decimal(at.hour * 4 + at.minute // 15) / 100 for at in quarters(start, end) if at.hour != 2}


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    return frames_of("p1-aidon", [START + timedelta(minutes=number) for number in range(MINUTES + 1)])


@pytest.fixture
def journal(tmp_path: Path, frames: list[Frame]) -> Iterator[Journal]:
    record(tmp_path / "journal.sqlite3", "home", frames)
    with Journal.open(tmp_path / "journal.sqlite3") as opened:
        yield opened


@pytest.fixture
def contracts(tmp_path: Path) -> Contracts:
    (tmp_path / "grid.toml").write_text(RULE, "utf-8")
    return Contracts({"home": [tmp_path / "grid.toml"]})


def announced(journal: Journal, after: int = 0) -> Change:
    change = Change(frozenset(), frozenset())
    for each in journal.records.read_after(after, 10_000):
        if each.kind == "intervals":
            change |= from_text(each.data)
    return change


def make(journal: Journal, contracts: Contracts, change: Change) -> list[Point]:
    amounts = journal.intervals.read_amounts("home", change)
    return CostPoints(journal, contracts, prices).make(HOME, change, amounts)


def fields(point: Point) -> dict[str, Decimal | str]:
    return dict(point.fields)


def of(points: list[Point], measurement: str) -> list[Point]:
    return [point for point in points if point.measurement == measurement]


def rate(line: str, start: datetime) -> Fraction | None:
    """The price of a kWh with value added tax by the rule above, worked out by hand."""
    hour = (start + timedelta(hours=1)).hour  # January, Stockholm
    spot = prices(start, start + QUARTER, "").get(start)
    net = {
        "Transfer": Fraction(1, 2) if 6 <= hour < 22 else Fraction(1, 5),
        "Spot": None if spot is None else Fraction(3, 100) + Fraction(spot),
        "Sold": Fraction(-1, 10),
    }[line]
    return None if net is None else net * Fraction(125, 100)


def test_each_quarter_costs_its_energy_times_its_price(journal: Journal, contracts: Contracts) -> None:
    energy: defaultdict[tuple[str, datetime, str], Fraction] = defaultdict(Fraction)
    unknown = 0
    for span in journal.intervals.read_spans("home"):
        begin = span.start.replace(minute=span.start.minute // 15 * 15)
        energy["import", begin, span.quality] += Fraction(span.imported or 0)
        energy["export", begin, span.quality] += Fraction(span.exported or 0)
    points = of(make(journal, contracts, announced(journal)), "cost")
    assert {dict(point.tags)["line"] for point in points} == {"Transfer", "Spot", "Sold"}
    for point in points:
        tags, found = dict(point.tags), fields(point)
        assert point.time is not None
        wh = energy[tags["direction"], point.time, tags["quality"]]
        price = rate(tags["line"], point.time)
        if price is None and wh:
            unknown += 1
            assert found == {"unpriced": wh, "known": 0}
        else:
            assert found == {"unpriced": 0, "known": Decimal(str(found["known"]))}
            assert abs(Fraction(found["known"]) - wh / 1000 * (price or 0)) <= Fraction(1, 10**9)
    assert unknown == 4
    measured = [point for point in points if dict(point.tags)["line"] == "Transfer"]
    assert len(measured) == len({(way, at, kind) for way, at, kind in energy if way == "import"})


def test_a_month_costs_what_its_bill_says_line_by_line(journal: Journal, contracts: Contracts) -> None:
    points = make(journal, contracts, announced(journal))
    months = of(points, "cost_month")
    begin = datetime(2026, 1, 31, 23, tzinfo=UTC)
    bill = read_month(journal, "home", contracts.load("home"), prices, date(2026, 2, 1), datetime.now(UTC))
    told = {dict(point.tags)["line"]: fields(point) for point in months if point.time == begin}
    assert set(told) == {line.name for line in bill.lines}
    for line in bill.lines:
        assert "value" not in told[line.name]  # never a part as if it were all, nor what was so before
        assert told[line.name]["known"] == line.known
        assert told[line.name]["quality"] == line.quality
        assert told[line.name]["unknown"] == (line.quality == "unknown")
    assert {point.time for point in months} == {begin, datetime(2025, 12, 31, 23, tzinfo=UTC)}


def test_peaks_stand_at_their_month_by_rank_with_their_hour(journal: Journal, contracts: Contracts) -> None:
    begin = datetime(2026, 1, 31, 23, tzinfo=UTC)
    sums: dict[datetime, Fraction] = {}
    for span in journal.intervals.read_spans("home", begin):
        if span.quality == "measured" and span.start >= begin:
            hour = span.start.replace(minute=0)
            sums[hour] = sums.get(hour, Fraction(0)) + Fraction(span.imported or 0)
    whole = {hour: wh for hour, wh in sums.items() if hour < START + timedelta(minutes=MINUTES)}
    wanted = sorted(whole.items(), key=lambda each: (-each[1], each[0]))[:3]
    peaks = [point for point in of(make(journal, contracts, announced(journal)), "power_peak") if point.time == begin]
    told: dict[str, object] = {
        dict(point.tags)["rank"]: (fields(point)["at"], fields(point)["value"]) for point in peaks
    }
    expected: dict[str, object] = {str(rank): (to_ms(hour), wh) for rank, (hour, wh) in enumerate(wanted, 1)}
    assert told == expected


def test_peaks_that_a_month_has_no_more_are_of_nothing(journal: Journal, contracts: Contracts) -> None:
    begin = datetime(2026, 1, 31, 23, tzinfo=UTC)
    change = announced(journal)
    journal.records.forget("home", begin + timedelta(hours=2, seconds=1))
    peaks = [point for point in of(make(journal, contracts, change), "power_peak") if point.time == begin]
    powers = {dict(point.tags)["rank"]: fields(point)["value"] for point in peaks}
    assert list(powers) == ["1", "2", "3"]
    assert [rank for rank, power in powers.items() if power] == ["1", "2"]


def test_a_gap_is_priced_to_its_end(tmp_path: Path, contracts: Contracts) -> None:
    begin, end = START, START + timedelta(days=3)
    with Journal.open(tmp_path / "gap.sqlite3") as journal:
        levels = [Level(to_ms(begin), Decimal(1000)), Level(to_ms(end), Decimal(5000))]
        journal.intervals.merge([(HOME, {IMPORT: levels})])
        making = CostPoints(journal, contracts, lambda start, end, _: {at: Decimal(1) for at in quarters(start, end)})
        change = Change(frozenset({to_ms(begin) // QUARTER_MS}), frozenset())
        points = of(making.make(HOME, change, journal.intervals.read_amounts("home", change)), "cost")
    told = {dict(point.tags)["line"]: fields(point) for point in points}
    assert told["Spot"] == {"unpriced": 0, "known": 4 * Decimal("1.03") * Decimal("1.25")}


def test_a_month_is_left_to_the_next_announcement_that_touches_it(journal: Journal, contracts: Contracts) -> None:
    making, change, newest = CostPoints(journal, contracts, prices), announced(journal), journal.newest

    def months(record: int, gone: frozenset[tuple[int, int, Quality]] = frozenset()) -> set[date]:
        now = Change(change.quarters, gone)
        points = making.make(HOME, now, journal.intervals.read_amounts("home", now), record)
        return {(each.time + MARGIN).date() for each in points if each.measurement == "cost_month" and each.time}

    january, february = date(2026, 1, 1), date(2026, 2, 1)
    february_begins = datetime(2026, 1, 31, 23, tzinfo=UTC)
    levels = [Level(to_ms(february_begins) + number * QUARTER_MS, Decimal(number)) for number in range(3)]
    journal.intervals.merge([(Meter("cabin"), {IMPORT: levels})])
    assert months(newest) == {january, february}
    journal.intervals.announce(HOME, february_begins)
    assert months(newest) == {january}
    assert months(journal.newest) == {january, february}
    quarter = to_ms(february_begins) // QUARTER_MS
    assert months(newest, frozenset({(IMPORT, quarter, "bounded")})) == {january, february}  # which the next says not


def by_series(points: list[Point]) -> dict[object, Point]:
    """What a database holds of points: of each series and time the newest."""
    return {(point.measurement, point.tags, point.time): point for point in points}


def test_a_late_peak_renews_the_later_months_whose_fee_looks_back_to_it(tmp_path: Path) -> None:
    rule = HEAD + "customer_since = 2025-01-01\n" + RULE.removeprefix(HEAD) + 'over = "12 months"\n'
    (tmp_path / "grid.toml").write_text(rule, "utf-8")
    contracts = Contracts({"home": [tmp_path / "grid.toml"]})
    hours = [datetime(2025, month, 10, hour, tzinfo=UTC) for month in (1, 2) for hour in (12, 13)]
    levels = [Level(to_ms(hour), Decimal(wh)) for hour, wh in zip(hours, (0, 1000, 6000, 7000), strict=True)]
    with Journal.open(tmp_path / "months.sqlite3") as journal:
        journal.intervals.merge([(HOME, {IMPORT: levels})])
        before, newest = make(journal, contracts, announced(journal)), journal.newest
        late = Level(to_ms(datetime(2025, 1, 10, 14, tzinfo=UTC)), Decimal(5000))
        journal.intervals.merge([(HOME, {IMPORT: [late]})])
        held = by_series([*before, *make(journal, contracts, announced(journal, newest))])
        anew = by_series(make(journal, contracts, announced(journal)))
    assert {key: held[key] for key in anew} == anew
    changed = {point.time for point in before if held[point.measurement, point.tags, point.time] != point}
    assert {time for time in changed if time and (time + MARGIN).day == 1} == {
        contracts.load("home")[0].clock.find_month(date(2025, month, 1)).start for month in (1, 2)
    }


@pytest.mark.parametrize(("over", "months"), [("month", 1), ("12 months", 12), ("mean of 12 months", 12)])
def test_a_month_affects_itself_and_the_eleven_after_it_where_a_fee_looks_back(over: str, months: int) -> None:
    tariffs = [read_tariff(RULE + f'over = "{over}"\n', "grid")]
    january = date(2025, 1, 1)
    following = {date(2025, number, 1) for number in range(1, months + 1)}
    assert list_affected(tariffs, {january}, date(2026, 6, 1)) == following
    assert list_affected(tariffs, {january}, date(2025, 2, 1)) == {each for each in following if each.month < 3}
    assert list_affected(tariffs, {date(2025, 3, 1)}, january) == {date(2025, 3, 1)}


def test_what_a_changed_tariff_has_no_more_is_of_nothing_wherever_it_is_priced_anew(
    journal: Journal, contracts: Contracts, tmp_path: Path
) -> None:
    names = list_names(contracts.load("home"))
    assert from_texts(to_texts(names)) == names
    before = make(journal, contracts, announced(journal))
    assert {
        tuple(value for key, value in point.tags if key in {"line", "component", "rank"})
        for point in of(before, "power_peak")
    } == {(line, rank) for line, _, rank in names.peaks}
    journal.learnt.put(make_tariff_key("home"), to_texts(names) | note_change(START))
    changed = RULE.replace('"Transfer"', '"Grid"').replace("peaks = 3", "peaks = 1").replace('"Sold"', '"Solar"')
    (tmp_path / "grid.toml").write_text(changed, "utf-8")
    after = make(journal, contracts, announced(journal))
    assert by_series(before).keys() <= by_series(after).keys()
    costs = [point for point in of(after, "cost") if fields(point)["known"]]
    assert {dict(point.tags)["line"] for point in costs} == {"Grid", "Spot"}
    months = {dict(point.tags)["line"] for point in of(after, "cost_month") if fields(point)["known"]}
    assert {"Transfer", "Sold"} & {name.partition(":")[0] for name in months} == set()
    ranks = {dict(point.tags)["rank"] for point in of(after, "power_peak") if fields(point)["value"]}
    assert ranks == {"1"}


def test_what_a_tariff_had_before_it_was_changed_is_in_nothing_that_comes_later(
    journal: Journal, contracts: Contracts
) -> None:
    changed_at = from_ms(min(announced(journal).quarters) * QUARTER_MS) + timedelta(hours=2)
    former = Names(frozenset({("Old", "import")}), frozenset({("Old",)}), frozenset({("Old", "", "1")}))
    journal.learnt.put(make_tariff_key("home"), to_texts(former) | note_change(changed_at - A_DAY))
    old = [point for point in make(journal, contracts, announced(journal)) if dict(point.tags)["line"] == "Old"]
    assert len(of(old, "cost")) == 9  # of two hours, and of the quarter in which it was changed
    times = {point.time for point in of(old, "cost")}
    assert changed_at in times
    assert changed_at + QUARTER not in times
    assert len(of(old, "cost_month")) == len(of(old, "power_peak")) == 1
    journal.learnt.put(make_tariff_key("home"), to_texts(former) | note_change(START - timedelta(days=40)))
    assert "Old" not in {dict(point.tags)["line"] for point in make(journal, contracts, announced(journal))}


def test_energy_that_is_corrected_away_costs_nothing_any_more(journal: Journal, contracts: Contracts) -> None:
    quarter = to_ms(START) // QUARTER_MS - 40
    change = Change(frozenset({quarter}), frozenset({(IMPORT, quarter, "bounded")}))
    made = make(journal, contracts, change)
    points = of(made, "cost")
    assert {dict(point.tags)["line"] for point in points} == {"Transfer", "Spot"}  # and not what is sold
    assert all(fields(point) == {"unpriced": 0, "known": 0} for point in points)
    months = {dict(point.tags)["line"]: fields(point) for point in of(made, "cost_month")}
    nothing = {"known": 0, "quality": "measured", "quantity": 0, "unknown": 0}
    assert months["Spot: time unknown"] == months["Transfer: time unknown"] == nothing  # a gap that has been filled
    assert "Sold: time unknown" not in months


def test_a_cap_counts_from_the_beginning_of_the_month(journal: Journal, contracts: Contracts, tmp_path: Path) -> None:
    scheme = '[[support]]\nname = "Help"\nscheme = "norgespris"\nthreshold = 0.40\ncap = 2\n'
    (tmp_path / "grid.toml").write_text(HEAD + scheme, "utf-8")
    change = announced(journal)
    late = Change(
        frozenset(each for each in change.quarters if each * QUARTER_MS >= to_ms(START) + 6 * 4 * QUARTER_MS),
        frozenset(),
    )
    everything = {(p.time, p.tags): p.fields for p in of(make(journal, contracts, change), "cost")}
    alone = {(p.time, p.tags): p.fields for p in of(make(journal, contracts, late), "cost")}
    assert alone
    assert alone == {key: everything[key] for key in alone}


def test_a_wrong_tariff_costs_the_costs_alone_and_says_so_once(
    journal: Journal, contracts: Contracts, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "grid.toml").write_text("nonsense = 1", "utf-8")
    making, change = CostPoints(journal, contracts, prices), announced(journal)
    assert making.make(HOME, change, ()) == making.make(HOME, change, ()) == []
    assert [record.message.count("grid.toml") for record in caplog.records] == [1]
    with pytest.raises(ConfigError):
        contracts.load("home")
    (tmp_path / "grid.toml").write_text(RULE, "utf-8")
    assert contracts.load("home")


def test_the_running_hour_is_the_register_now_less_the_one_at_its_beginning(
    journal: Journal, contracts: Contracts, frames: list[Frame]
) -> None:
    now = START + timedelta(hours=8, minutes=25, seconds=30)
    came = [frame for frame in frames if frame.received_at <= now]
    state = meter_state("home", came[-1:])
    first = meter_state("home", [frame for frame in frames if frame.received_at == START + timedelta(hours=8)])
    costs = NowCosts(journal, contracts, {}, read_no_prices).compute(state, now)
    assert costs is not None
    running = costs.fees[0].running
    assert running is not None
    registers = [Decimal(each.registers["1-0:1.8.0"].value) for each in (first, state)]
    assert running.so_far == (registers[1] - registers[0]) / 1000
    assert (running.start, running.quality) == (START + timedelta(hours=8), "measured")
    power = Decimal(state.registers["1-0:1.7.0"].value) - Decimal(state.registers["1-0:2.7.0"].value)
    left = Fraction(2070, 3600)
    forecast = Fraction(running.so_far) + Fraction(max(power, Decimal(0))) / 1000 * left
    assert abs(Fraction(running.forecast) - forecast) <= Fraction(1, 2000)


def test_an_hour_whose_beginning_is_not_known_is_known_in_part(
    journal: Journal, contracts: Contracts, frames: list[Frame]
) -> None:
    now = START + timedelta(minutes=40)  # the first telegram is of the full hour
    state = meter_state("home", [frames[40]])
    later = replace(state, clock_offset=90.0)  # the border is 90 s before the first telegram
    costs = NowCosts(journal, contracts, {}, read_no_prices).compute(later, now)
    assert costs is not None
    assert costs.fees[0].running is not None
    assert costs.fees[0].running.quality == "at least"


def test_a_silent_meter_has_no_running_hour(journal: Journal, contracts: Contracts, frames: list[Frame]) -> None:
    state = meter_state("home", frames[-1:])
    costs = NowCosts(journal, contracts, {}, read_no_prices).compute(state, START + timedelta(minutes=MINUTES + 10))
    assert costs is not None
    assert costs.fees[0].running is None


def test_a_meter_without_a_tariff_costs_nothing(journal: Journal, frames: list[Frame]) -> None:
    now = START + timedelta(minutes=MINUTES)
    assert (
        NowCosts(journal, Contracts({"home": ()}), {}, read_no_prices).compute(meter_state("home", frames[-1:]), now)
        is None
    )


def test_a_month_is_known_up_to_the_last_interval_or_missing_up_to_now(journal: Journal) -> None:
    spans = journal.intervals.read_spans("home")
    month = Period(datetime(2026, 1, 31, 23, tzinfo=UTC), datetime(2026, 2, 28, 23, tzinfo=UTC))
    last = START + timedelta(minutes=MINUTES)
    assert find_until(spans, month, last + timedelta(minutes=10)) == last
    assert find_until(spans, month, last + timedelta(minutes=70)) == last  # of an hour, made some minutes later
    assert find_until(spans, month, last + timedelta(hours=2)) == last + timedelta(hours=2)
    assert find_until(spans, month, month.end) is None


def test_a_border_between_two_telegrams_takes_the_one_before_it(
    journal: Journal, contracts: Contracts, frames: list[Frame]
) -> None:
    now = START + timedelta(hours=8, minutes=25, seconds=30)
    state = replace(meter_state("home", [each for each in frames if each.received_at <= now][-1:]), clock_offset=-30.0)
    first = meter_state("home", [each for each in frames if each.received_at == START + timedelta(hours=8)])
    costs = NowCosts(journal, contracts, {}, read_no_prices).compute(state, now)  # the border is at 30 s past the hour
    assert costs is not None
    assert costs.fees[0].running is not None
    registers = [Decimal(each.registers["1-0:1.8.0"].value) for each in (first, state)]
    assert costs.fees[0].running.so_far == (registers[1] - registers[0]) / 1000


def test_the_power_of_a_direction_is_never_below_nought(frames: list[Frame]) -> None:
    state = meter_state("home", frames[-1:])
    now = frames[-1].received_at
    net = Decimal(state.registers["1-0:1.7.0"].value) - Decimal(state.registers["1-0:2.7.0"].value)
    assert find_power(state, "import", now) == max(net, Decimal(0))
    assert find_power(state, "export", now) == max(-net, Decimal(0))
    assert net != 0


def test_a_bill_is_made_anew_when_the_quarter_or_the_tariff_is_another(
    journal: Journal, contracts: Contracts, frames: list[Frame], tmp_path: Path
) -> None:
    costs = NowCosts(journal, contracts, {}, read_no_prices)
    state, now = meter_state("home", frames[-1:]), START + timedelta(minutes=MINUTES)
    before = costs.compute(state, now)
    (tmp_path / "grid.toml").write_text(RULE.replace("price = 100", "price = 1000"), "utf-8")
    after = costs.compute(state, now)
    assert before is not None
    assert after is not None
    assert before.known is not None
    assert after.known == before.known + 1125


def test_spans_of_the_months_before_are_read_where_a_fee_looks_back(
    journal: Journal, contracts: Contracts, tmp_path: Path
) -> None:
    march = date(2026, 3, 1)
    assert read_spans(journal, "home", contracts.load("home"), march) == []
    (tmp_path / "grid.toml").write_text(RULE + 'over = "12 months"\n', "utf-8")
    for month in (march, date(2026, 12, 1)):  # January 2026 is the eleventh before December
        assert read_spans(journal, "home", contracts.load("home"), month) == journal.intervals.read_spans("home")


def test_a_month_that_has_just_begun_is_known_up_to_its_beginning(journal: Journal, contracts: Contracts) -> None:
    begin = datetime(2026, 1, 31, 23, tzinfo=UTC)
    now = begin + timedelta(minutes=5)
    bill = read_month(journal, "home", contracts.load("home"), prices, date(2026, 2, 1), now)
    assert bill.until == begin


def test_a_month_is_read_as_far_as_the_clock_of_any_tariff_says(journal: Journal) -> None:
    asked: list[tuple[datetime, datetime]] = []

    def ask(start: datetime, end: datetime, _currency: str) -> dict[datetime, Decimal]:
        asked.append((start, end))
        return {}

    far = read_tariff(HEAD + 'zone = "America/New_York"\npart = "supply"\n', "far")
    near = read_tariff(HEAD + 'part = "grid"\n', "near")
    read_month(journal, "home", [far, near], ask, date(2026, 2, 1), datetime.now(UTC))
    begin, end = datetime(2026, 1, 31, 23, tzinfo=UTC), datetime(2026, 3, 1, 5, tzinfo=UTC)
    assert asked == [(begin - MARGIN, end + MARGIN)]
    assert read_spans(journal, "home", [far, near], date(2026, 2, 1))[0].start == begin - MARGIN


def test_what_comes_after_now_does_not_say_up_to_when_a_month_is_known(journal: Journal) -> None:
    spans = journal.intervals.read_spans("home")
    month = Period(datetime(2026, 1, 31, 23, tzinfo=UTC), datetime(2026, 2, 28, 23, tzinfo=UTC))
    now = START + timedelta(hours=5, minutes=5)
    assert find_until(spans, month, now) == START + timedelta(hours=5)
