"""The board about energy from the cumulative counters, by hour, day and month."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.boards.board import Board
from hanlogger.boards.fragments import IN_RANGE, Direction, drawn, energy, select, total
from hanlogger.boards.panel_types import bar_chart, bars, series, stat, table
from hanlogger.boards.panels import (
    BLUE,
    EXPORT_NAME,
    IMPORT,
    IMPORT_NAME,
    SIDES,
    Json,
    coloured,
    override,
    rows,
    target,
)
from hanlogger.boards.settings import BoardSettings
from hanlogger.boards.text import Text, describe

CODES = ("1-0:1.8.0", "1-0:2.8.0")
COUNTED = Text(
    "From the meter's counter: nothing is lost where telegrams are missing. "
    "The energy of a gap is spread over its hours.",
    "Från mätarställningen: inget är förlorat där telegram saknas. En luckas energi fördelas över dess timmar.",
)
HOURLY = 3_900_000  # ms over which a line joins the readings of a counter that is sent once an hour


def energy_board(settings: BoardSettings) -> Board:
    """Return the board, for users who want to check their bill."""
    return Board(
        uid="han-energy",
        file="energy",
        title=Text("Energy", "Energi"),
        description=Text(
            "Import and export by hour, day and month, equal to the meter's registers.",
            "Uttag och inmatning per timme, dygn och månad, lika med mätarens register.",
        ),
        since="now/M",
        refresh="5m",
        panels=[*_sums(settings), *_hours(), *_days(settings), *_over_range(settings)],
    )


def _sums(settings: BoardSettings) -> Iterator[Json]:
    def sums(title: Text, since: str) -> Json:
        both = [
            target(energy("import", "meter"), IMPORT_NAME),
            target(energy("export", "meter"), EXPORT_NAME, ref="B"),
        ]
        return _total(title, since, both)

    yield sums(Text("Today", "I dag"), "now/d")
    yield _total(Text("Yesterday", "I går"), "now-1d/d", _both_by_day(settings.zone), pick="firstNotNull")
    yield sums(Text("This month", "Denna månad"), "now/M")


def _total(title: Text, since: str, targets: list[Json], pick: str = "lastNotNull") -> Json:
    return stat(
        title,
        describe(COUNTED, *CODES),
        targets,
        pick=pick,
        unit="watth",
        decimals=1,
        steps=((None, BLUE),),
        color={"mode": "fixed", "fixedColor": BLUE},
        overrides=SIDES,
        since=since,
        range_in_title=True,
        size=(8, 5),
    )


def _both_by_day(zone: str) -> list[Json]:
    return [
        target(energy("import", "meter", every="1d", zone=zone), IMPORT_NAME),
        target(energy("export", "meter", every="1d", zone=zone), EXPORT_NAME, ref="B"),
    ]


def _hours() -> Iterator[Json]:
    yield bars(
        Text("Per hour", "Per timme"),
        describe(
            Text(
                f"The last 48 hours; export below. {COUNTED.en}",
                f"De senaste 48 timmarna; inmatning nedåt. {COUNTED.sv}",
            ),
            *CODES,
        ),
        [
            target(energy("import", "meter", what='"e"'), IMPORT_NAME),
            target(energy("export", "meter", what='-1 * "e"'), EXPORT_NAME, ref="B"),
        ],
        unit="watth",
        calcs=("sum", "max"),
        since="48h",
        overrides=SIDES,
    )


def _days(settings: BoardSettings) -> Iterator[Json]:
    yield _per_day(settings)
    yield _per_month(settings)


def _per_day(settings: BoardSettings) -> Json:
    return bars(
        Text("Days", "Dygn"),
        describe(
            Text(
                f"Calendar days, of 23 and 25 hours too; export below. {COUNTED.en}",
                f"Kalenderdygn, även med 23 och 25 timmar; inmatning nedåt. {COUNTED.sv}",
            ),
            *CODES,
        ),
        [
            target(energy("import", "meter", every="1d", zone=settings.zone), IMPORT_NAME),
            target(
                energy("export", "meter", what='-1 * sum("e")', every="1d", zone=settings.zone),
                EXPORT_NAME,
                ref="B",
            ),
        ],
        unit="watth",
        overrides=SIDES,
    )


def _per_month(settings: BoardSettings) -> Json:
    return bar_chart(
        Text("Per month", "Per månad"),
        describe(
            Text(
                f"The last twelve months and this one. {COUNTED.en}",
                f"De senaste tolv månaderna och denna. {COUNTED.sv}",
            ),
            "1-0:1.8.0",
        ),
        [target(energy("import", every="1d", zone=settings.zone), "energy")],
        x="Time",
        unit="watth",
        decimals=1,
        since="now-12M/M",
        transformations=_by_month(settings.zone),
        overrides=[coloured("/./", IMPORT)],
    )


def _by_month(zone: str) -> list[Json]:
    """Return the transformations from days to months, which InfluxQL cannot group by: name of the month, then sum."""
    month = {"timeField": "Time", "outputFormat": "YYYY-MM", "useTimezone": False, "timezone": zone}
    fields = {
        "Time": {"aggregations": [], "operation": "groupby"},
        "energy": {"aggregations": ["sum"], "operation": "aggregate"},
    }
    return [
        {"id": "formatTime", "options": month},
        {"id": "groupBy", "options": {"fields": fields}},
        {"id": "organize", "options": {"renameByName": {"energy (sum)": Text("import", "uttag")}}},
    ]


def _over_range(settings: BoardSettings) -> Iterator[Json]:
    yield _top_hours()
    yield _counter_over_range()
    yield _all_meters_per_day(settings)


def _top_hours() -> Json:
    return table(
        Text("Top hours", "Högsta timmarna"),
        describe(
            Text(
                "The ten hours of the range with the most import: what a power tariff is billed by.",
                "De tio timmar i perioden med störst uttag: det som en effekttariff räknas på.",
            ),
            "1-0:1.8.0",
        ),
        [rows(energy("import", "meter", what='top("e", 10)'))],
        unit="watth",
        decimals=2,
        steps=((None, IMPORT),),
        overrides=[override("byType", "time", unit="time: YYYY-MM-DD HH:mm")],
        transformations=[
            {
                "id": "organize",
                "options": {
                    "indexByName": {"Time": 0, "top": 1, "meter": 2},
                    "renameByName": {
                        "Time": Text("Hour from", "Timme från"),
                        "meter": Text("Meter", "Mätare"),
                        "top": Text("Energy", "Energi"),
                    },
                },
            },
            {"id": "sortBy", "options": {"sort": [{"field": Text("Energy", "Energi"), "desc": True}]}},
        ],
    )


def _counter_over_range() -> Json:
    return series(
        Text("Counter", "Mätarställning"),
        describe(Text("As the meter's display shows it.", "Som mätarens display visar den."), *CODES),
        [
            target(select('last("value")', total("active_energy", "import"), IN_RANGE, drawn("meter")), IMPORT_NAME),
            target(
                select('last("value")', total("active_energy", "export"), IN_RANGE, drawn("meter")),
                EXPORT_NAME,
                ref="B",
            ),
        ],
        unit="watth",
        decimals=1,
        fill=0,
        bridged=HOURLY,
        overrides=SIDES,
        size=(12, 9),
    )


def _all_meters_per_day(settings: BoardSettings) -> Json:
    return bars(
        Text("All meters per day", "Alla mätare per dygn"),
        describe(
            Text("Import of the meters chosen above, added up.", "Uttag av de valda mätarna, summerat."), "1-0:1.8.0"
        ),
        [target(energy("import", every="1d", zone=settings.zone), Text("together", "tillsammans"))],
        unit="watth",
        decimals=1,
        overrides=[coloured("/./", IMPORT)],
    )


def _counter(direction: Direction) -> str:
    return select('last("value")', total("active_energy", direction), IN_RANGE, drawn("meter"))
