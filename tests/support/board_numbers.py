"""What each query of each panel must answer, reckoned from the points alone, by board, panel and letter."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import pairwise

from tests.support.asking import FUSE, Answer, Asked, Interval, Reckon, filled
from tests.support.house_data import (
    DAY,
    HOUR,
    MINUTE,
    PHASES,
    QUARTER,
    Seconds,
    Series,
    buckets,
    by_day,
    each,
    mean,
    percentile,
)

Place = tuple[str, str, str]  # file of the board, title of the panel, letter of the query
Numbers = dict[Seconds, float]
Make = Callable[[Asked], Answer]


def one(value: float | None) -> Numbers:
    return {} if value is None else {0: value}


def last(points: Series) -> Numbers:
    return one(points[-1][1] if points else None)


def rise(points: Series) -> Numbers:
    return one(points[-1][1] - points[0][1] if points else None)


def fine(make: Make) -> Make:
    """Only where steps are shorter than a quarter."""
    return lambda a: make(a) if a.step < QUARTER else {}


def coarse(make: Make) -> Make:
    return lambda a: make(a) if a.step >= QUARTER else {}


def in_steps(a: Asked, points: Iterable[tuple[Seconds, float]], reckon: Reckon) -> Numbers:
    return each(buckets(points, a.step), reckon)


def added(parts: Iterable[Numbers]) -> Numbers:
    found: Numbers = {}
    for part in parts:
        for label, value in part.items():
            found[label] = found.get(label, 0) + value
    return found


def scaled(numbers: Numbers, factor: float) -> Numbers:
    return {at: value * factor for at, value in numbers.items()}


# --- energy


def kwh(intervals: Iterable[Interval]) -> Series:
    return [(at, wh / 1000) for at, wh, _ in intervals]


def by_hour(points: Series) -> Numbers:
    return each(buckets(points, HOUR), math.fsum)


def by_civil_day(points: Series) -> Numbers:
    return by_day(each(buckets(points, QUARTER), math.fsum))


def energy(direction: str) -> Make:
    return lambda a: a.by_meter(
        lambda m: one(math.fsum(v for _, v in found) if (found := kwh(a.intervals(m, direction))) else None), "sum"
    )


def measured(direction: str, steps: Callable[[Series], Numbers]) -> Make:
    return lambda a: a.by_meter(lambda m: steps(_measured(a, m, direction)), "sum")


def _measured(a: Asked, meter: str, direction: str = "import") -> Series:
    return kwh(i for i in a.intervals(meter, direction, "measured") if i[2] > 0)


def over_gaps(steps: Callable[[Series], Numbers]) -> Make:
    """Of gaps of up to a day."""

    def reckon(a: Asked, meter: str) -> Numbers:
        return steps(kwh(i for i in a.intervals(meter, "import", "bounded", "partial") if i[2] <= DAY))

    return lambda a: a.by_meter(lambda m: reckon(a, m), "sum")


def gap_table(a: Asked) -> Answer:
    found: Answer = {}
    for meter in a.meters:
        for at, wh, seconds in a.intervals(meter, "import", "bounded"):
            found.setdefault((meter, "kWh"), {})[at] = wh / 1000
            found.setdefault((meter, "seconds"), {})[at] = seconds
    return found


def together(steps: Callable[[Series], Numbers], direction: str = "import", *, whole: bool = False) -> Make:
    def reckon(a: Asked) -> Numbers:
        return added(steps(kwh(a.intervals(m, direction)) if whole else _measured(a, m, direction)) for m in a.meters)

    return lambda a: filled({("sum",): reckon(a)})


def ranked(rank: str, steps: Callable[[Series], Numbers], least: Seconds) -> Make:
    """The ten highest or lowest of the steps of which at least so many seconds were measured."""

    def reckon(a: Asked, meter: str) -> Numbers:
        lengths = steps([(at, s) for at, _, s in a.intervals(meter, "import", "measured")])
        whole = {at: v for at, v in steps(_measured(a, meter)).items() if lengths[at] >= least}
        order = sorted(whole.items(), key=lambda row: (-row[1] if rank == "top" else row[1], row[0]))
        return dict(sorted(order[:10]))

    return lambda a: a.by_meter(lambda m: reckon(a, m), rank)


def tariffs(direction: str) -> Make:
    def reckon(a: Asked) -> Answer:
        found: Answer = {}
        for meter in a.meters:
            for tariff in "12":
                points = a.of("active_energy_tariff", meter, direction=direction, tariff=tariff)
                found[meter, tariff, "last_first"] = scaled(rise(points), 1 / 1000)
        return filled(found)

    return reckon


def counter(direction: str) -> Make:
    return lambda a: a.by_meter(lambda m: scaled(last(a.of("active_energy", m, direction=direction)), 1e-3), "last")


# --- power


def powers(direction: str, column: str = "mean", reckon: Reckon = mean) -> Make:
    return fine(lambda a: a.by_meter(lambda m: in_steps(a, a.power(m, direction), reckon), column))


def quarter_power(a: Asked, meter: str, direction: str) -> Numbers:
    """Mean power (W) of what was measured in each step."""
    measured = [i for i in a.intervals(meter, direction, "measured") if i[2] > 0]
    energies = each(buckets([(at, wh) for at, wh, _ in measured], a.step), math.fsum)
    lengths = each(buckets([(at, s) for at, _, s in measured], a.step), math.fsum)
    return {at: 3600 * energies[at] / lengths[at] for at in energies}


def quarter_powers(direction: str) -> Make:
    return coarse(lambda a: a.by_meter(lambda m: quarter_power(a, m, direction), "m"))


def net_of_all(a: Asked) -> Answer:
    """Each meter's import less its export, if it has any."""
    parts: list[Numbers] = []
    for m in a.meters:
        for direction, sign in (("import", 1), ("export", -1)):
            raw = in_steps(a, a.power(m, direction), mean)
            parts.append(scaled(raw if a.step < QUARTER else quarter_power(a, m, direction), sign))
    return filled({("sum",): added(parts)})


def net_now(a: Asked) -> Answer:
    def reckon(m: str) -> Numbers:
        out = last(a.power(m, "export"))
        return scaled(added([last(a.power(m, "import")), scaled(out, -1)]), 1)

    return a.by_meter(reckon, "sum")


def base_load(points: Series) -> Numbers:
    tens = [mean(values) for values in buckets(points, 10 * MINUTE).values() if min(values) > 0]
    return one(percentile(tens, 20) if tens else None)


def of_phases(measurement: str, column: str, reckon: Reckon, direction: str = "import") -> Make:
    return lambda a: a.by_phase(measurement, lambda p: in_steps(a, p, reckon), column, direction)


def reactive(direction: str) -> Make:
    return fine(
        lambda a: a.by_meter(lambda m: in_steps(a, a.of("reactive_power", m, direction=direction), mean), "mean")
    )


# --- voltage and current


def inside(low: float, high: float) -> Make:
    def count(points: Series) -> Numbers:
        means = [mean(values) for values in buckets(points, 10 * MINUTE).values()]
        return one(sum(low <= m <= high for m in means) or None)

    return lambda a: a.by_phase("voltage", count, "count")


def minutes_above(a: Asked) -> Answer:
    def count(points: Series) -> Numbers:
        minutes = buckets(points, MINUTE).values()
        return one(sum(abs(mean(v)) > 0.8 * FUSE for v in minutes) if points else None)

    return a.by_phase("current", count, "sum")


def across(measurement: str, column: str, reckon: Callable[[list[float]], float]) -> Make:
    return fine(
        lambda a: {(m, column): each(found, reckon) for m, found in a.means_of_phases(measurement, a.step).items()}
    )


def headroom(a: Asked) -> Answer:
    found = a.means_of_phases("current", a.step)
    return {(m, "max"): one(FUSE - max(max(v) for v in values.values())) for m, values in found.items()}


def fuse_line(a: Asked) -> Answer:
    """A line from the first value of any meter to the last."""
    times = [t for m in a.meters for p in PHASES for t, _ in a.of("current", m, phase=p)]
    return filled({("v",): dict.fromkeys({min(times), max(times)}, float(FUSE)) if times else {}})


def counted(a: Asked) -> Answer:
    """Of each count of power failures, sags and swells, how much it rose and what it is."""
    found: Answer = {}
    for code in ("0-0:96.7.21", "1-0:32.32.0", "1-0:52.36.0"):
        points = a.of("register", "home", obis=code)
        found[code, "rise"], found[code, "all"] = rise(points), last(points)
    return filled(found)


# --- health


def rising(a: Asked, points_from: Callable[[Asked], Series]) -> Numbers:
    """The rise of each step against the one before, of which the database reads one step's length before the range."""
    begin = a.start // a.step * a.step
    points = points_from(a._replace(start=a.start - a.step))
    lasts = sorted(each(buckets(points, a.step), lambda values: values[-1]).items())
    return {t: after - before for (_, before), (t, after) in pairwise(lasts) if t >= begin}


def of_meter(
    name: str, factor: Callable[[Asked], float] = lambda _: 1, column: str = "non_negative_difference"
) -> Make:
    return lambda a: a.by_meter(
        lambda m: scaled(rising(a, lambda b: b.of("hanlogger", m, name=name)), factor(a)), column
    )


def of_logger(name: str) -> Make:
    return lambda a: filled({("attic", "non_negative_difference"): rising(a, lambda b: b.own(name))})


def own_steps(**columns: str) -> Make:
    reckon: dict[str, Reckon] = {
        "undelivered": max,
        "undelivered_age": max,
        "rss": lambda v: v[-1],
        "journal_bytes": lambda v: v[-1],
    }
    return lambda a: filled({("attic", column): in_steps(a, a.own(f), reckon[f]) for column, f in columns.items()})


def gaps(points: Series) -> Numbers:
    return {two: two - one for (one, _), (two, _) in pairwise(points) if two - one > MINUTE}


def missing(a: Asked) -> Answer:
    def reckon(m: str) -> Numbers:
        points = a.power(m, "import")
        return one(sum(gaps(points).values()) if points else None)

    return a.by_meter(reckon, "sum")


def median(values: list[float]) -> float:
    ranked = sorted(values)
    middle = len(ranked) // 2
    return ranked[middle] if len(ranked) % 2 else (ranked[middle - 1] + ranked[middle]) / 2


POWER: dict[str, Make] = {
    "A": powers("import"),
    "B": powers("export"),
    "C": quarter_powers("import"),
    "D": quarter_powers("export"),
    "E": powers("import", "max", max),
}
DAYS: dict[str, Make] = {
    "A": measured("import", by_civil_day),
    "B": measured("export", by_civil_day),
    "C": over_gaps(by_civil_day),
}
BOTH: dict[str, Make] = {"A": energy("import"), "B": energy("export")}
SUMS = (
    "Today",
    "This month so far",
    "This year so far",
    "Yesterday at this time",
    "The month before at this time",
    "The year before at this time",
    "Chosen range",
    "The same, $period earlier",
)

_PANELS: dict[tuple[str, str], dict[str, Make]] = {
    ("live", "Import today"): {"A": energy("import")},
    ("live", "Export today"): {"A": energy("export")},
    ("live", "Import yesterday at this time"): {"A": energy("import")},
    ("live", "Import this month so far"): {"A": energy("import")},
    ("live", "Base load, 24 h"): {"A": lambda a: a.by_meter(lambda m: base_load(a.power(m, "import")), "base")},
    ("live", "Import above, export below"): POWER,
    ("live", "Per phase"): {
        "A": fine(of_phases("active_power", "mean", mean)),
        "B": fine(of_phases("active_power", "mean", mean, "export")),
    },
    ("live", "All meters together"): {"A": net_of_all},
    ("live", "Reactive power"): {"A": reactive("import"), "B": reactive("export")},
    ("voltage", "Time inside 207–253 V, 7 days"): {"A": inside(207, 253), "B": inside(-math.inf, math.inf)},
    ("voltage", "10-minute means"): {"A": of_phases("voltage", "mean", mean)},
    ("voltage", "Sag, normal, swell"): {"A": fine(of_phases("voltage", "mean", mean))},
    ("voltage", "As read"): {"A": fine(of_phases("voltage", "mean", mean))},
    ("voltage", "Between the phases"): {"A": across("voltage", "spread", lambda v: max(v) - min(v))},
    ("voltage", "Distribution"): {"A": fine(of_phases("voltage", "mean", mean))},
    ("voltage", "Power failures, sags and swells"): {"A": counted},
    ("current", "Current and fuse"): {"A": of_phases("current", "max", max), "B": fuse_line},
    ("current", "Headroom"): {"A": fine(headroom)},
    ("current", "Minutes above 80 % today"): {"A": minutes_above},
    ("current", "Highest phase of the fuse"): {"A": across("current", "max", lambda v: max(v) / FUSE)},
    ("current", "Highest phase over the mean"): {"A": across("current", "max_mean", lambda v: max(v) / mean(v))},
    **{("energy", title): BOTH for title in SUMS},
    ("energy", "Of the month's limit"): {"A": lambda _: {}},
    ("energy", "Per hour, 2 days"): {
        "A": measured("import", by_hour),
        "B": measured("export", by_hour),
        "C": over_gaps(by_hour),
    },
    ("energy", "Days"): DAYS,
    ("energy", "Per month"): {
        "A": together(by_civil_day, whole=True),
        "B": together(by_civil_day, "export", whole=True),
    },
    ("energy", "Chosen range: days"): {"A": DAYS["A"], "B": DAYS["B"]},
    ("energy", "The same, $period earlier: days"): {"A": DAYS["A"], "B": DAYS["B"]},
    ("energy", "By hour"): {"A": together(by_hour)},
    ("energy", "By weekday"): {"A": together(by_civil_day)},
    ("energy", "Top hours"): {"A": ranked("top", by_hour, HOUR)},
    ("energy", "Highest hours ever"): {"A": ranked("top", by_hour, HOUR)},
    ("energy", "Highest days ever"): {"A": ranked("top", by_civil_day, 23 * HOUR)},
    ("energy", "Lowest days ever"): {"A": ranked("bottom", by_civil_day, 23 * HOUR)},
    ("energy", "By tariff"): {"A": tariffs("import"), "B": tariffs("export")},
    ("energy", "Counter"): {"A": counter("import"), "B": counter("export")},
    ("energy", "Energy over gaps"): {"A": gap_table},
    ("energy", "All meters per day"): {"A": together(by_civil_day)},
    ("health", "Missing, 7 days"): {"A": missing},
    ("health", "Telegrams per minute"): {"A": of_meter("frames", lambda a: MINUTE / a.step, "non_negative_derivative")},
    ("health", "Gaps, 7 days"): {"A": lambda a: a.by_meter(lambda m: gaps(a.power(m, "import")), "gap")},
    ("health", "Damaged and undecoded"): {"A": of_meter("damaged"), "B": of_meter("undecoded")},
    ("health", "Refused and retried"): {"A": of_logger("refused"), "B": of_logger("retries")},
    ("health", "Waiting for the database"): {"A": own_steps(telegrams="undelivered", age="undelivered_age")},
    ("health", "Meter clock less host clock"): {
        "A": fine(lambda a: a.by_meter(lambda m: in_steps(a, a.of("clock_offset", m), median), "median"))
    },
    ("health", "Logger's memory and journal"): {"A": own_steps(memory="rss", journal="journal_bytes")},
    ("phone", "Import today"): {"A": energy("import")},
    ("phone", "Export today"): {"A": energy("export")},
    ("phone", "Import yesterday at this time"): {"A": energy("import")},
    ("phone", "Import this month so far"): {"A": energy("import")},
    ("phone", "Import above, export below"): POWER,
    ("phone", "Days"): DAYS,
}

EXPECTED: dict[Place, Make] = {
    (board, title, ref): make for (board, title), refs in _PANELS.items() for ref, make in refs.items()
}
"""Of queries over a range."""


def _mean(points: Series) -> Numbers:
    return one(mean([v for _, v in points]) if points else None)


def _shares(a: Asked) -> Answer:
    return a.by_phase("active_power", lambda p: scaled(last(p), 1 / (230.9 * FUSE)), "last")


NOW: dict[Place, Make] = {
    ("live", "Now", "A"): net_now,
    ("phone", "Now", "A"): net_now,
    ("live", "Of the main fuse", "A"): lambda a: a.by_meter(
        lambda m: scaled(_mean(a.power(m, "import")), 1 / (692.8 * FUSE)), "mean"
    ),
    ("live", "Import per phase now, of the fuse", "A"): _shares,
    ("voltage", "Voltage now", "A"): lambda a: a.by_phase("voltage", last, "last"),
    ("current", "Of the fuse", "A"): lambda a: a.by_phase(
        "current", lambda p: scaled(_mean([(t, abs(v)) for t, v in p]), 1 / FUSE), "mean"
    ),
    ("current", "Current now", "A"): lambda a: a.by_phase("current", last, "last"),
}
"""Of queries of the last five minutes."""
