"""The board about energy by hour, day and month, all of it from the energy by interval."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.boards.board import Board
from hanlogger.boards.energy_compared import draw_comparison
from hanlogger.boards.energy_known import draw_average_day, draw_counters, draw_extremes
from hanlogger.boards.energy_sums import (
    CODES,
    COUNTED,
    KILOWATT_HOURS,
    LAST_MONTH,
    LAST_YEAR,
    THIS_MONTH,
    THIS_YEAR,
    TODAY,
    YESTERDAY,
    draw_both_sums,
    draw_month_limit,
)
from hanlogger.boards.fragments import KWH, by, measured, over_gaps, steps, used
from hanlogger.boards.panel_types import bar_chart, bars
from hanlogger.boards.panels import (
    BELOW,
    EXPORT,
    GAP_COLOUR,
    IMPORT,
    SIDES,
    Json,
    both_ways,
    coloured,
    row,
    shaded,
    sized,
    target,
)
from hanlogger.boards.settings import BoardSettings
from hanlogger.boards.text import describe
from hanlogger.language import Text

GAPS = Text(
    f"{COUNTED.en} Grey: used during a gap of up to a day that begins there; a longer gap is left empty, "
    "and listed under counters.",
    f"{COUNTED.sv} Grått: använt under en lucka på högst ett dygn som börjar där; en längre lucka lämnas tom, "
    "och står under mätarställningar.",
)
GAP_NAME = Text("$tag_meter over a gap", "$tag_meter under en lucka")


def make_energy_board(settings: BoardSettings) -> Board:
    """Return the board, for users who want to check their bill."""
    return Board(
        file="energy",
        title=Text("Energy", "Energi"),
        description=Text(
            "Import and export by hour, day and month, equal to the meter's registers.",
            "Uttag och inmatning per timme, dygn och månad, lika med mätarens register.",
        ),
        since="now/M",
        refresh="5m",
        panels=[*_draw_sums(settings), *_draw_over_time(settings), *_draw_folded(settings)],
        compares=True,
    )


def _draw_sums(settings: BoardSettings) -> Iterator[Json]:
    for now in (TODAY, THIS_MONTH, THIS_YEAR):
        yield sized(draw_both_sums(now), 8, 5)
    for before in (YESTERDAY, LAST_MONTH, LAST_YEAR):
        yield sized(draw_both_sums(before), 6, 5)
    yield draw_month_limit(settings.month)


def _draw_over_time(settings: BoardSettings) -> Iterator[Json]:
    yield _draw_per_hour()
    yield draw_days(settings)
    yield _draw_per_month(settings)


def _draw_folded(settings: BoardSettings) -> Iterator[Json]:
    yield row(Text("Compared with a period before", "Jämfört med en tidigare period"), *draw_comparison(settings))
    yield row(Text("An average day", "Ett vanligt dygn"), *draw_average_day(settings))
    yield row(Text("Highest and lowest", "Högst och lägst"), *draw_extremes(settings))
    yield row(Text("Tariffs, counters and gaps", "Tariffer, mätarställningar och luckor"), *draw_counters())
    yield row(Text("Several meters", "Flera mätare"), _draw_all_meters_per_day(settings))


def _select_energies(every: str, zone: str = "") -> list[Json]:
    return [
        *both_ways(lambda way: measured(way, steps(every, zone))),
        target(over_gaps(every, zone), GAP_NAME, ref="C"),
    ]


def _draw_bars(title: Text, description: Text, targets: list[Json], since: str | None = None) -> Json:
    return bars(
        title,
        describe(description, *CODES),
        targets,
        unit=KILOWATT_HOURS,
        decimals=1,
        overrides=[*SIDES, shaded(GAP_COLOUR, "C"), BELOW],
        since=since,
        range_in_title=since is not None,
    )


def _draw_per_hour() -> Json:
    text = Text(
        f"Clock hours, the last two days; export below. {GAPS.en}",
        f"Hela klocktimmar, de senaste två dygnen; inmatning nedåt. {GAPS.sv}",
    )
    return _draw_bars(Text("Per hour, 2 days", "Per timme, 2 dygn"), text, _select_energies("1h"), since="now-1d/d")


def draw_days(settings: BoardSettings, since: str | None = None) -> Json:
    """Return the panel of the energy of calendar days in the range of the board, or since a time of its own."""
    text = Text(
        f"Calendar days, of 23 and 25 hours too; export below. {GAPS.en}",
        f"Kalenderdygn, även med 23 och 25 timmar; inmatning nedåt. {GAPS.sv}",
    )
    return _draw_bars(Text("Days", "Dygn"), text, _select_energies("1d", settings.zone), since)


def _draw_per_month(settings: BoardSettings) -> Json:
    by_day = [
        target(used("import", KWH, grouped=by(every="1d", fill="none", zone=settings.zone)), "import"),
        target(used("export", KWH, grouped=by(every="1d", fill="none", zone=settings.zone)), "export", ref="B"),
    ]
    return bar_chart(
        Text("Per month", "Per månad"),
        describe(
            Text(
                "The last twelve months and this one, of all meters that are chosen: to check a bill by. "
                f"{COUNTED.en} The energy of a gap counts for the month in which the gap begins.",
                "De senaste tolv månaderna och denna, för alla valda mätare: att jämföra en räkning med. "
                f"{COUNTED.sv} En luckas energi räknas till den månad då luckan börjar.",
            ),
            *CODES,
        ),
        by_day,
        x="Time",
        unit=KILOWATT_HOURS,
        decimals=0,
        since="now-12M/M",
        range_in_title=True,
        transformations=_group_by_month(settings.zone),
        overrides=[coloured("/^(import|uttag)/", IMPORT), coloured("/^(export|inmatning)/", EXPORT)],
    )


def _group_by_month(zone: str) -> list[Json]:
    """Return the transformations from days to months, which InfluxQL cannot group by: name of the month, then sum."""
    month = {"timeField": "Time", "outputFormat": "YYYY-MM", "useTimezone": False, "timezone": zone}
    summed = {"aggregations": ["sum"], "operation": "aggregate"}
    fields = {"Time": {"aggregations": [], "operation": "groupby"}, "import": summed, "export": summed}
    names = {"import (sum)": Text("import", "uttag"), "export (sum)": Text("export", "inmatning")}
    return [
        {"id": "joinByField", "options": {"byField": "Time", "mode": "outer"}},
        {"id": "formatTime", "options": month},
        {"id": "groupBy", "options": {"fields": fields}},
        {"id": "organize", "options": {"renameByName": names}},
    ]


def _draw_all_meters_per_day(settings: BoardSettings) -> Json:
    daily = by(every="1d", fill="none", zone=settings.zone)
    return bars(
        Text("All meters per day", "Alla mätare per dygn"),
        describe(
            Text("Import of the meters chosen above, added up.", "Uttag av de valda mätarna, summerat."), "1-0:1.8.0"
        ),
        [target(measured("import", daily), Text("together", "tillsammans"))],
        unit=KILOWATT_HOURS,
        decimals=1,
        overrides=[coloured("/./", IMPORT)],
    )
