"""Panels about telegrams that did not come, from the telegrams alone: a logger that is dead can tell nothing."""

from __future__ import annotations

from hanlogger.boards.fragments import IN_RANGE, LATELY, and_the_end, by, or_zero, over, power, select
from hanlogger.boards.panel_types import stat, status_history, table
from hanlogger.boards.panels import GREEN, METER_NAME, NOT_FOR_A_WEEK, RED, YELLOW, Json, rows, target
from hanlogger.boards.text import describe
from hanlogger.language import Text

GAP = 60  # s without a telegram that count as a gap


def draw_since_last_telegram() -> Json:
    """Return the panel of the time since each meter's last telegram, whether the logger lives or not."""
    newest = select('last("value") AS "v"', power("import"), LATELY, by("meter"))
    return stat(
        Text("Since the last telegram", "Sedan senaste telegrammet"),
        describe(
            Text(
                "To half a minute, reckoned by the database: it goes on rising while the logger is dead.",
                "På en halv minut när, räknat av databasen: det växer också medan loggern är död.",
            ),
            "1-0:1.7.0",
        ),
        [target(select('elapsed("v", 1s) AS "silence"', and_the_end(newest, LATELY), by("meter")))],
        unit="s",
        decimals=0,
        steps=((None, GREEN), (GAP, YELLOW), (300, RED)),
        no_value=NOT_FOR_A_WEEK,
    )


def draw_coverage_per_hour() -> Json:
    """Return the panel of the minutes of each hour in which a telegram came."""
    whole_minutes = by("meter", every="1m", offset="now()", fill="0")
    there = select('count("value") / count("value") AS "there"', power("import"), IN_RANGE, whole_minutes)
    return status_history(
        Text("Coverage per hour, 2 days", "Täckning per timme, 2 dygn"),
        describe(
            Text(
                "The part of the minutes, of the running hour too, in which a telegram came.",
                "Andelen av minuterna, även den pågående timmens, då ett telegram kom.",
            ),
            "1-0:1.7.0",
        ),
        [target(select('mean("there")', over(there), "WHERE $timeFilter", by("meter", every="1h", fill="none")))],
        unit="percentunit",
        decimals=1,
        steps=((None, RED), (0.5, YELLOW), (0.98, GREEN)),
        since="48h",
        range_in_title=True,
        size=(12, 8),
    )


def select_gaps() -> str:
    """Return a query of each gap "gap" (s) of each meter at its end, the one that goes on at the end of the range."""
    sent = select('"value" AS "v"', power("import"), IN_RANGE, by("meter"))
    between = select('elapsed("v", 1s) AS "gap"', and_the_end(sent, IN_RANGE), by("meter"))
    return select('"gap"', over(between), f'WHERE "gap" > {GAP}', by("meter"))


def draw_missing_7_days() -> Json:
    """Return the panel of all gaps together; 0 where telegrams came and none is missing."""
    found = select('sum("gap") AS "n"', over(select_gaps()), by("meter"))
    return stat(
        Text("Missing, 7 days", "Saknas, 7 dygn"),
        describe(
            Text(
                f"All gaps of more than {GAP} seconds together, the one that goes on too.",
                f"Alla luckor på mer än {GAP} sekunder tillsammans, även den som pågår.",
            ),
            "1-0:1.7.0",
        ),
        [target(select('sum("n")', or_zero(found, power("import"), IN_RANGE, "meter"), by("meter")))],
        unit="dthms",
        steps=((None, GREEN), (1, YELLOW), (3_600, RED)),
        since="7d",
        range_in_title=True,
        size=(8, 7),
    )


def draw_gaps_7_days() -> Json:
    """Return the table of gaps."""
    return table(
        Text("Gaps, 7 days", "Luckor, 7 dygn"),
        describe(
            Text(
                f"More than {GAP} seconds without a telegram. The one that goes on ends now.",
                f"Mer än {GAP} sekunder utan telegram. Den som pågår slutar nu.",
            ),
            "1-0:1.7.0",
        ),
        [rows(select_gaps())],
        unit="dthms",
        steps=((None, YELLOW), (3_600, RED)),
        since="7d",
        range_in_title=True,
        no_value=Text("none to list: see what is missing", "inga att lista: se vad som saknas"),
        columns={"Time": Text("Until", "Till"), "gap": Text("Length", "Längd"), "meter": METER_NAME},
        sort=("Time", True),
        size=(12, 8),
    )
