"""The folded panels of the energy board: an average day, the highest and lowest, tariffs, counters and gaps."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.boards.energy_sums import CODES, KILOWATT_HOURS
from hanlogger.boards.fragments import (
    IN_RANGE,
    KWH,
    Direction,
    by,
    measured,
    over,
    quantity,
    select,
    steps,
    total,
    used,
)
from hanlogger.boards.panel_types import bar_chart, stat, table
from hanlogger.boards.panels import (
    IMPORT,
    METER_NAME,
    SIDES,
    YELLOW,
    Json,
    both_ways,
    coloured,
    override,
    rows,
    target,
)
from hanlogger.boards.settings import BoardSettings
from hanlogger.boards.text import describe
from hanlogger.language import Text

HOUR, SHORTEST_DAY = 3600, 82_800  # s; the day on which summer time begins has 23 hours
EVER = "now-10y/y"
WEEKDAYS = (
    Text("Monday", "måndag"),
    Text("Tuesday", "tisdag"),
    Text("Wednesday", "onsdag"),
    Text("Thursday", "torsdag"),
    Text("Friday", "fredag"),
    Text("Saturday", "lördag"),
    Text("Sunday", "söndag"),
)
_ENERGY = Text("Energy", "Energi")


def draw_average_day(settings: BoardSettings) -> Iterator[Json]:
    """Yield the average import of each hour of the day, and of each day of the week, over the range."""
    hours = Text(
        "Mean import of each clock hour over the range, of all meters that are chosen.",
        "Medeluttag för varje klocktimme i perioden, för alla valda mätare.",
    )
    yield _draw_average(Text("By hour", "Per timme på dygnet"), hours, "1h", "HH", settings.zone, [])
    week = Text(
        "Mean import of each day of the week over the range, of all meters that are chosen.",
        "Medeluttag för varje veckodag i perioden, för alla valda mätare.",
    )
    names = {str(n): {"text": name, "index": n} for n, name in enumerate(WEEKDAYS, start=1)}
    named = [override("byName", "Time", mappings=[{"type": "value", "options": names}])]
    yield _draw_average(Text("By weekday", "Per veckodag"), week, "1d", "E", settings.zone, named)


def _draw_average(title: Text, text: Text, every: str, name: str, zone: str, overrides: list[Json]) -> Json:
    grouped = by(every=every, fill="none", zone=zone)
    fields = {
        "Time": {"aggregations": [], "operation": "groupby"},
        "import": {"aggregations": ["mean"], "operation": "aggregate"},
    }
    return bar_chart(
        title,
        describe(text, CODES[0]),
        [target(measured("import", grouped), "import")],
        x="Time",
        unit=KILOWATT_HOURS,
        decimals=2 if every == "1h" else 1,
        transformations=[
            {"id": "formatTime", "options": {"timeField": "Time", "outputFormat": name, "timezone": zone}},
            {"id": "groupBy", "options": {"fields": fields}},
            {"id": "sortBy", "options": {"sort": [{"field": "Time", "desc": False}]}},
            {"id": "organize", "options": {"renameByName": {"import (mean)": Text("import", "uttag")}}},
        ],
        overrides=[coloured("/./", IMPORT), *overrides],
        size=(12, 9),
    )


def draw_extremes(settings: BoardSettings) -> Iterator[Json]:
    """Yield the highest hours of the range, and the highest and lowest of ten years, each with its date."""
    zone = settings.zone
    yield _draw_ranked(Text("Top hours", "Högsta timmarna"), "top", _select_wholes("1h", HOUR, zone), since=None)
    yield _draw_ranked(Text("Highest hours ever", "Högsta timmarna någonsin"), "top", _select_wholes("1h", HOUR, zone))
    yield _draw_ranked(
        Text("Highest days ever", "Högsta dygnen någonsin"), "top", _select_wholes("1d", SHORTEST_DAY, zone)
    )
    yield _draw_ranked(
        Text("Lowest days ever", "Lägsta dygnen någonsin"), "bottom", _select_wholes("1d", SHORTEST_DAY, zone)
    )


def _select_wholes(every: str, least: int, zone: str) -> str:
    """Return FROM and WHERE over the sums "e" of the steps of which at least `least` s were measured."""
    summed = measured("import", steps(every, zone), f'{KWH} AS "e", sum("seconds") AS "s"')
    return f'{over(summed)} WHERE "s" >= {least}'


def _draw_ranked(title: Text, rank: str, source: str, since: str | None = EVER) -> Json:
    ten = Text(
        "The ten with the most import, or the least. Only what was measured from beginning to end counts.",
        "De tio med störst uttag, eller minst. Bara det som är mätt från början till slut räknas.",
    )
    return table(
        title,
        describe(ten, CODES[0]),
        [rows(select(f'{rank}("e", 10)', source, by("meter")))],
        unit=KILOWATT_HOURS,
        decimals=2,
        steps=((None, IMPORT),),
        since=since,
        range_in_title=since is not None,
        overrides=[override("byType", "time", unit="time: YYYY-MM-DD HH:mm")],
        columns={"Time": Text("From", "Från"), rank: _ENERGY, "meter": METER_NAME},
        sort=(rank, rank == "top"),
        size=(12, 9),
    )


def draw_counters() -> Iterator[Json]:
    """Yield energy by tariff, the counters as the display shows them, and what is known over gaps alone."""
    yield _draw_by_tariff()
    yield _draw_counter_now()
    yield _draw_over_gaps()


def _draw_by_tariff() -> Json:
    def used_by_tariff(direction: Direction) -> str:
        where = f"\"direction\" = '{direction}' AND {IN_RANGE}"
        rise = '(last("value") - first("value")) / 1000'
        return select(rise, quantity("active_energy_tariff"), where, by("meter", "tariff"))

    return stat(
        Text("By tariff", "Per tariff"),
        describe(
            Text(
                "Rise of the meter's tariff registers over the range.", "Ökning av mätarens tariffregister i perioden."
            ),
            *("1-0:1.8.1", "1-0:1.8.2", "1-0:2.8.1", "1-0:2.8.2"),
        ),
        both_ways(used_by_tariff, " $tag_tariff"),
        unit=KILOWATT_HOURS,
        decimals=0,
        overrides=SIDES,
        no_value=Text("the meter counts no tariffs", "mätaren räknar inga tariffer"),
        size=(12, 5),
    )


def _draw_counter_now() -> Json:
    def newest(direction: Direction) -> str:
        return select('last("value") / 1000', total("active_energy", direction), IN_RANGE, by("meter"))

    return stat(
        Text("Counter", "Mätarställning"),
        describe(
            Text("At the end of the range, as the meter's display shows it.", "Vid periodens slut, som på displayen."),
            *CODES,
        ),
        both_ways(newest),
        unit=KILOWATT_HOURS,
        decimals=0,
        overrides=SIDES,
        size=(12, 5),
    )


def _draw_over_gaps() -> Json:
    where = f'"quality" = \'bounded\' AND "seconds" > 0 AND {IN_RANGE}'
    return table(
        Text("Energy over gaps", "Energi under luckor"),
        describe(
            Text(
                "Import during gaps, of which the sum alone is known: it is in the totals, and in no hour or day.",
                "Uttag under luckor, där bara summan är känd: den är med i summorna men inte i någon timme eller dygn.",
            ),
            CODES[0],
        ),
        [rows(used("import", '"value" / 1000 AS "kWh", "seconds"', where, grouped=by("meter")))],
        unit=KILOWATT_HOURS,
        decimals=1,
        steps=((None, YELLOW),),
        no_value=Text("none to list", "inga att lista"),
        overrides=[
            override("byType", "time", unit="time: YYYY-MM-DD HH:mm"),
            override("byName", "seconds", unit="dthms"),
        ],
        columns={"Time": Text("From", "Från"), "seconds": Text("Length", "Längd"), "kWh": _ENERGY, "meter": METER_NAME},
        size=(24, 8),
    )
