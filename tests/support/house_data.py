"""Made-up houses for the boards' queries, and what the queries must answer, reckoned without a database.

Three meters over nine days in October and four in March, a change of the clocks in each, and over the last minutes up
to now: `home` has three phases and panels, `barn` one phase and a meter that was exchanged, `cabin` a counter that is
sent once an hour. `home` was not recorded for five hours. Power is a multiple of 60 W for each whole minute, so every
counter is exact.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MINUTE, QUARTER, HOUR, DAY = 60, 900, 3600, 86_400
HEALTH = 5 * MINUTE  # apart
PHASES = ("L1", "L2", "L3")

Seconds = int
Series = list[tuple[Seconds, float]]
Key = tuple[str, ...]  # measurement, then "tag=value" in the order of the tags' names


def local(*civil: int) -> Seconds:
    """Epoch seconds of a civil time in Stockholm."""
    return int(datetime(*civil, tzinfo=STOCKHOLM).timestamp())  # type: ignore[arg-type, misc]


OCTOBER = (local(2025, 10, 19), local(2025, 10, 28))
MARCH = (local(2026, 3, 27), local(2026, 3, 31))
GAP = (local(2025, 10, 22, 11), local(2025, 10, 22, 16))
EXCHANGE = local(2025, 10, 24, 12, 34)


@dataclass
class Data:
    """All series, by measurement and tags; texts apart. `only`: what is not of these measurements is not kept."""

    series: dict[Key, Series] = field(default_factory=dict)
    texts: dict[Key, tuple[Seconds, str]] = field(default_factory=dict)
    only: tuple[str, ...] = ()

    def add(self, measurement: str, time: Seconds, value: float, *, name: str = "value", **tags: str) -> None:
        if self.only and measurement not in self.only:
            return
        key = (measurement, name, *(f"{tag}={tags[tag]}" for tag in sorted(tags)))
        self.series.setdefault(key, []).append((time, value))

    def of(self, measurement: str, *, name: str = "value", start: Seconds, end: Seconds, **tags: str) -> Series:
        """The one series with these tags (others may be there too) within the range, its ends included."""
        wanted = {f"{tag}={value}" for tag, value in tags.items()}
        found = [s for key, s in self.series.items() if key[:2] == (measurement, name) and wanted <= set(key[2:])]
        assert len(found) < 2, (measurement, tags)
        if not found:
            return []
        return found[0][bisect_left(found[0], (start,)) : bisect_right(found[0], (end, math.inf))]

    def lines(self) -> Iterator[str]:
        """Line protocol, precision s."""
        for key, points in self.series.items():
            measurement, name, *tags = key
            head = ",".join((measurement, *tags))
            yield from (f"{head} {name}={value} {time}" for time, value in points)
        for key, (time, text) in self.texts.items():
            yield f'{",".join(key)} text="{text}" {time}'


def october_and_march() -> Data:
    """Both runs of days, the second without what does not change with the clocks."""
    data = Data()
    _run_of_days(data, *OCTOBER)
    data.only = ("active_power", "active_energy", "energy_interval")
    _run_of_days(data, *MARCH)
    return data


def _run_of_days(data: Data, start: Seconds, end: Seconds) -> None:
    counters = {"home": [4_000_000, 900_000], "barn": [7_654_321, 0], "cabin": [123_456, 0]}
    steps = {"frames": 0, "damaged": 0, "undecoded": 0, "refused": 0, "retries": 0}
    for time in range(start, end + HOUR, MINUTE):
        _home(data, time, counters["home"])
        _barn(data, time, counters["barn"])
        _cabin(data, time, counters["cabin"])
        if time % HEALTH == 0:
            _health(data, time, steps)
    for meter in counters:
        for direction in ("import", "export"):
            intervals(
                data,
                data.of("active_energy", start=start, end=end + HOUR, meter=meter, direction=direction),
                meter,
                direction,
            )
    for code, text in (("0-0:96.1.1", "7359992890941742"), ("1-0:0.2.129", "AIDON_V0001")):
        data.texts["meter_text", "meter=home", f"obis={code}"] = (start, text)


def _home(data: Data, time: Seconds, counters: list[int]) -> None:
    """Three phases, panels about noon: the sum of the phases is what is counted."""
    hour = time % DAY / HOUR  # UTC
    sun = max(0, round(100 * math.sin((hour - 5) / 12 * math.pi)))
    phases = [60 * ((time // MINUTE * k) % m + base) for k, m, base in ((7, 23, 3), (11, 41, 2), (5, 17, 8))]
    net = sum(phases) - 60 * sun
    counters[0] += max(0, net) // 60  # W for a minute are sixtieths of a Wh
    counters[1] += max(0, -net) // 60
    if GAP[0] <= time < GAP[1]:
        return
    for direction, power in (("import", max(0, net)), ("export", max(0, -net)), ("net", net)):
        data.add("active_power", time, power, meter="home", direction=direction, phase="total")
    for n, code in enumerate(("0-0:96.7.21", "1-0:32.32.0", "1-0:52.36.0")):
        data.add("register", time, time // DAY // (n + 2), meter="home", obis=code)
    data.add("register", time, time % 7, meter="home", obis="0-0:96.14.0")  # another one
    for n, tariff in enumerate("12"):
        counted = counters[0] * (n + 1) // 3
        data.add("active_energy_tariff", time, counted, meter="home", direction="import", tariff=tariff)
    for n, (phase, power) in enumerate(zip(PHASES, phases, strict=True)):
        data.add("active_power", time, power, meter="home", direction="import", phase=phase)
        data.add("active_power", time, time // MINUTE * (n + 2) % 7, meter="home", direction="export", phase=phase)
        volts = 230 + (time // MINUTE * (n + 3) % 31) - 15 + (14 if n == 1 and 7 < hour < 9 else 0)
        data.add("voltage", time, volts, meter="home", phase=phase)
        fed_in = -1 if n == 2 and 9 < hour < 14 else 1  # one phase tells by its sign which way its current flows
        data.add("current", time, fed_in * round(power / 230 * 2.2, 3), meter="home", phase=phase)
    for direction, k in (("import", 3), ("export", 4)):
        data.add("reactive_power", time, time // MINUTE * k % 300, meter="home", direction=direction, phase="total")
    for direction, counter in zip(("import", "export"), counters, strict=True):
        data.add(
            "active_energy", time, counter, meter="home", direction=direction, phase="total", obis=_CODES[direction]
        )


_CODES = {"import": "1-0:1.8.0", "export": "1-0:2.8.0"}


def _barn(data: Data, time: Seconds, counters: list[int]) -> None:
    power = 60 * (time // MINUTE * 13 % 29 + 1)
    if time == EXCHANGE:
        counters[0] = 17
    counters[0] += power // 60
    for direction in ("import", "net"):
        data.add("active_power", time, power, meter="barn", direction=direction, phase="total")
    data.add("active_energy", time, counters[0], meter="barn", direction="import", phase="total", obis="1-0:1.8.0")
    data.add("voltage", time, 228 + time // MINUTE % 5, meter="barn", phase="L1")
    data.add("current", time, round(power / 230, 3), meter="barn", phase="L1")


def _cabin(data: Data, time: Seconds, counters: list[int]) -> None:
    """Power each minute, the counter at the full hour, where the hourly list is stored."""
    power = 60 * (time // MINUTE * 19 % 13 + 4)
    counters[0] += power // 60
    for direction in ("import", "net"):
        data.add("active_power", time, power, meter="cabin", direction=direction, phase="total")
    if time % HOUR == 0:
        data.add("active_energy", time, counters[0], meter="cabin", direction="import", phase="total", obis="1-0:1.8.0")


def intervals(data: Data, counter: Series, meter: str, direction: str) -> None:
    """Add the energy by interval of a counter, by the border rule of docs/design.md section 7."""
    counts: list[Series] = []
    for time, value in counter:
        if not counts or value < counts[-1][-1][1]:
            counts.append([])
        counts[-1].append((time, value))
    sums: dict[tuple[str, Seconds], tuple[float, Seconds]] = {}
    for count in counts:
        for quality, start, end, wh in _spans(count):
            at = (quality, start // QUARTER * QUARTER)
            before = sums.get(at, (0, 0))
            sums[at] = (before[0] + wh, before[1] + end - start)
    for (quality, time), (wh, seconds) in sorted(sums.items()):
        tags = {"meter": meter, "direction": direction, "quality": quality}
        data.add("energy_interval", time, wh, **tags)
        data.add("energy_interval", time, seconds, name="seconds", **tags)


def _spans(count: Series) -> Iterator[tuple[str, Seconds, Seconds, float]]:
    """What is known of a counter between the borders at which it is known, and before and after them."""
    first, last = count[0], count[-1]
    borders = range(-(-first[0] // QUARTER) * QUARTER, last[0] + 1, QUARTER)
    known = [(border, value) for border in borders if (value := _level(count, border)) is not None]
    for (start, before), (end, after) in pairwise(known):
        whole = end - start == QUARTER or (end - start == HOUR and start % HOUR == 0)
        yield "measured" if whole else "bounded", start, end, after - before
    for (start, before), (end, after) in ((first, known[0]), (known[-1], last)):
        if end > start:
            yield "partial", start, end, after - before


def _level(count: Series, border: Seconds) -> float | None:
    """What a counter said at a border: the last it sent in the minute before."""
    at = bisect_right(count, (border, math.inf)) - 1
    return count[at][1] if at >= 0 and count[at][0] >= border - MINUTE else None


def _health(data: Data, time: Seconds, steps: dict[str, int]) -> None:
    minute = time // MINUTE
    steps["frames"] += 6 - minute % 11 // 10
    steps["damaged"] += minute % 97 == 0
    steps["undecoded"] += minute % 389 == 0
    steps["refused"] += minute % 701 == 0
    steps["retries"] += minute % 211 == 0
    for meter in ("home", "barn"):
        for name in ("frames", "damaged", "undecoded"):
            data.add("hanlogger", time, steps[name], name=name, logger="attic", meter=meter)
        data.add("hanlogger", time, minute % 10, name="silence", logger="attic", meter=meter)
        data.add("clock_offset", time, minute * 7 % 13 - 6, meter=meter)
    own = {
        "undelivered": minute % 50,
        "undelivered_age": minute % 50 * 10,
        "refused": steps["refused"],
        "retries": steps["retries"],
        "journal_bytes": minute % 1000 * 1000,
        "rss": 5e7 + minute % 7,
    }
    for name, value in own.items():
        data.add("hanlogger", time, value, name=name, logger="attic")


def lately(now: Seconds) -> Data:
    """The 20 minutes up to `now`, rounded down to 10 s, each 10 s."""
    data = Data()
    now = now // 10 * 10
    for time in range(now - 20 * MINUTE, now + 10, 10):
        step = time // 10
        for n, meter in enumerate(("home", "barn", "cabin")):
            for direction in ("import", "net"):
                data.add("active_power", time, 60 * (step % 17 + n), meter=meter, direction=direction, phase="total")
        data.add("active_power", time, 7 * (step % 5 + 1), meter="home", direction="export", phase="total")
        for n, phase in enumerate(PHASES):
            data.add("active_power", time, 100 * (step % 7 + n), meter="home", direction="import", phase=phase)
            data.add("voltage", time, 225 + step % 7 + n, meter="home", phase=phase)
            data.add("current", time, (step % 11 + n) * (-1 if phase == "L3" else 1), meter="home", phase=phase)
        if time % MINUTE == 0:
            for meter in ("home", "barn"):
                data.add("hanlogger", time, step % 5, name="silence", logger="attic", meter=meter)
    return data


# --- what must come out


def buckets(points: Iterable[tuple[Seconds, float]], width: Seconds, offset: Seconds = 0) -> dict[Seconds, list[float]]:
    """The values of each bucket that has any, by its beginning."""
    found: dict[Seconds, list[float]] = {}
    for time, value in points:
        found.setdefault((time - offset) // width * width + offset, []).append(value)
    return found


def mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """By the nearest rank."""
    ranked = sorted(values)
    return ranked[max(0, math.floor(len(ranked) * percent / 100 + 0.5) - 1)]


def by_day(values: dict[Seconds, float]) -> dict[Seconds, float]:
    """Sums of calendar days in Stockholm, by their midnight."""
    days: dict[Seconds, float] = {}
    for time, value in values.items():
        civil = datetime.fromtimestamp(time, STOCKHOLM)
        midnight = int(datetime(civil.year, civil.month, civil.day, tzinfo=STOCKHOLM).timestamp())
        days[midnight] = days.get(midnight, 0) + value
    return days


def each(found: dict[Seconds, list[float]], reckon: Callable[[list[float]], float]) -> dict[Seconds, float]:
    return {time: reckon(values) for time, values in found.items()}
