"""The board about the logger's health: whether telegrams arrive whole and reach the database in time."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.boards.board import Board
from hanlogger.boards.fragments import HEALTH, IN_RANGE, NOW, by, drawn, over, power, quantity, rise_per_hour, select
from hanlogger.boards.health_delivery import delivery_panels, process_panels
from hanlogger.boards.panel_types import bars, series, stat, status_history, table
from hanlogger.boards.panels import GREEN, RED, YELLOW, Json, rows, shaded, target
from hanlogger.boards.text import Text, describe

GAP = 60  # s without a telegram that count as a gap


def health_board() -> Board:
    """Return the board, for users who want to know whether hanlogger is still recording."""
    return Board(
        uid="han-health",
        file="health",
        title=Text("Logger health", "Loggerns hälsa"),
        description=Text(
            "What hanlogger says about itself each minute, kept in the journal like telegrams.",
            "Vad hanlogger säger om sig själv varje minut, sparat i journalen som telegrammen.",
        ),
        since="now-24h",
        refresh="1m",
        panels=[*_telegrams(), *_missing(), *_damage(), *delivery_panels(), *_meter(), *process_panels()],
    )


def _telegrams() -> Iterator[Json]:
    yield stat(
        Text("Since the last telegram", "Sedan senaste telegrammet"),
        Text(
            "Seconds, as the logger reported it in its last minute.",
            "Sekunder, som loggern rapporterade det under sin senaste minut.",
        ),
        [target(select('last("silence")', HEALTH, NOW, by("meter")))],
        unit="s",
        decimals=0,
        steps=((None, GREEN), (60, YELLOW), (300, RED)),
        no_value=Text("the logger is silent", "loggern är tyst"),
        size=(8, 7),
    )
    each_minute = select('non_negative_derivative("frames", 1m) AS "d"', HEALTH, IN_RANGE, by("meter"))
    yield series(
        Text("Telegrams per minute", "Telegram per minut"),
        Text("Whole telegrams from each meter, each minute.", "Hela telegram från varje mätare, varje minut."),
        [target(select('mean("d")', over(each_minute), "WHERE $timeFilter", drawn("meter")))],
        unit="none",
        decimals=1,
        min=0,
        size=(16, 7),
        least="1m",
    )


def _missing() -> Iterator[Json]:
    yield _coverage_per_hour()
    yield _gaps_7_days()


def _coverage_per_hour() -> Json:
    return status_history(
        Text("Coverage per hour", "Täckning per timme"),
        describe(
            Text(
                "Telegrams recorded of those expected. The first and last column are parts of an hour.",
                "Registrerade telegram av de väntade. Första och sista kolumnen är delar av en timme.",
            ),
            "1-0:1.7.0",
        ),
        [
            target(
                select(
                    'count("value") / (3600 / $period)', power("import"), IN_RANGE, by("meter", every="1h", fill="0")
                )
            )
        ],
        unit="percentunit",
        decimals=1,
        steps=((None, RED), (0.5, YELLOW), (0.98, GREEN)),
        size=(12, 8),
    )


def _gaps_7_days() -> Json:
    gaps = select('elapsed("value", 1s) AS "gap"', power("import"), IN_RANGE, by("meter"))
    length = Text("Length", "Längd")
    return table(
        Text("Gaps, 7 days", "Luckor, 7 dygn"),
        describe(
            Text(f"More than {GAP} seconds without a telegram.", f"Mer än {GAP} sekunder utan telegram."), "1-0:1.7.0"
        ),
        [rows(select('"gap"', over(gaps), f'WHERE "gap" > {GAP}', by("meter")))],
        unit="dthms",
        steps=((None, YELLOW), (3_600, RED)),
        since="7d",
        range_in_title=True,
        no_value=Text("no gaps", "inga luckor"),
        transformations=[
            {
                "id": "organize",
                "options": {
                    "indexByName": {"Time": 0, "gap": 1, "meter": 2},
                    "renameByName": {"Time": Text("Until", "Till"), "meter": Text("Meter", "Mätare"), "gap": length},
                },
            },
            {"id": "sortBy", "options": {"sort": [{"field": Text("Until", "Till"), "desc": True}]}},
        ],
        size=(12, 8),
    )


def _damage() -> Iterator[Json]:
    yield bars(
        Text("Damaged and undecoded per hour", "Skadade och oavkodade per timme"),
        Text(
            "Damaged: the checksum was wrong (a loose plug, a long cable). "
            "Undecoded: arrived whole but could not be decoded; kept, see `hanlogger refused`.",
            "Skadade: kontrollsumman stämde inte (glappande kontakt, lång kabel). "
            "Oavkodade: kom fram hela men kunde inte avkodas; sparade, se `hanlogger refused`.",
        ),
        [
            target(rise_per_hour("damaged", IN_RANGE, "meter"), Text("$tag_meter damaged", "$tag_meter skadade")),
            target(
                rise_per_hour("undecoded", IN_RANGE, "meter"),
                Text("$tag_meter undecoded", "$tag_meter oavkodade"),
                ref="B",
            ),
        ],
        unit="none",
        decimals=0,
        min=0,
        overrides=[
            shaded(RED, "A"),
            shaded(YELLOW, "B"),
        ],
        size=(12, 8),
    )


def _meter() -> Iterator[Json]:
    yield series(
        Text("Meter clock less host clock", "Mätarens klocka minus datorns"),
        describe(
            Text(
                "A few seconds are usual. A stable whole hour: the setting `clock` is wrong.",
                "Några sekunder är vanligt. En stadig hel timme: inställningen `clock` är fel.",
            ),
            "0-0:1.0.0",
        ),
        [target(select('median("value")', quantity("clock_offset"), IN_RANGE, drawn("meter")))],
        unit="s",
        decimals=1,
        steps=((None, RED), (-120, GREEN), (120, RED)),
        fill=0,
        size=(12, 9),
    )
