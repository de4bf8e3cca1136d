"""The board about the logger's health: whether telegrams arrive whole and reach the database in time."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.boards.board import Board
from hanlogger.boards.fragments import IN_RANGE, METER, NOW, by, drawn, over, power, quantity, select
from hanlogger.boards.panel_types import bars, series, stat, status_history, table
from hanlogger.boards.panels import BLUE, GREEN, RED, YELLOW, Json, override, rows, shaded, target
from hanlogger.boards.text import Text, describe
from hanlogger.points.catalogue import CATALOGUE, TEXT

HEALTH = quantity("hanlogger")
GAP = 60  # s without a telegram that count as a gap
LOGGER = '"logger" =~ /./ AND $timeFilter'  # selects points about the logger, not about one meter


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
        panels=[*_telegrams(), *_missing(), *_damage(), *_database(), *_meter(), *_process()],
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
    yield status_history(
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
    gaps = select('elapsed("value", 1s) AS "gap"', power("import"), IN_RANGE, by("meter"))
    length = Text("Length", "Längd")
    yield table(
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
            target(_per_hour("damaged", IN_RANGE, "meter"), Text("$tag_meter damaged", "$tag_meter skadade")),
            target(
                _per_hour("undecoded", IN_RANGE, "meter"), Text("$tag_meter undecoded", "$tag_meter oavkodade"), ref="B"
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


def _database() -> Iterator[Json]:
    yield bars(
        Text("Refused and retried per hour", "Avvisade och omprövade per timme"),
        Text(
            "Refused: the database does not accept the points; listed with its reason, see `hanlogger refused`. "
            "Retries: it did not answer; nothing is lost.",
            "Avvisade: databasen godtar inte punkterna; listade med dess skäl, se `hanlogger refused`. "
            "Omförsök: den svarade inte; inget är förlorat.",
        ),
        [
            target(_per_hour("refused", LOGGER, "logger"), Text("$tag_logger refused", "$tag_logger avvisade")),
            target(
                _per_hour("retries", LOGGER, "logger"), Text("$tag_logger retries", "$tag_logger omförsök"), ref="B"
            ),
        ],
        unit="none",
        decimals=0,
        min=0,
        overrides=[
            shaded(RED, "A"),
            shaded(BLUE, "B"),
        ],
        size=(12, 8),
    )
    waiting = select(
        'max("undelivered") AS "telegrams", max("undelivered_age") AS "age"', HEALTH, LOGGER, drawn("logger")
    )
    yield series(
        Text("Waiting for the database", "Väntar på databasen"),
        Text(
            "Telegrams in the journal that the database does not have yet, and the age of the oldest (right).",
            "Telegram i journalen som databasen inte har än, och den äldstas ålder (höger).",
        ),
        [target(waiting, "$tag_logger $col")],
        least="1m",
        unit="none",
        decimals=0,
        min=0,
        overrides=[override("byRegexp", "/age$/", unit="s", decimals=1, custom__axisPlacement="right")],
        size=(12, 9),
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


def _process() -> Iterator[Json]:
    used = select('last("rss") AS "memory", last("journal_bytes") AS "journal"', HEALTH, LOGGER, drawn("logger"))
    yield series(
        Text("Logger's memory and journal", "Loggerns minne och journal"),
        Text(
            "Resident memory of the process and size of the journal file.",
            "Processens minne och journalfilens storlek.",
        ),
        [target(used, "$tag_logger $col")],
        least="1m",
        unit="bytes",
        fill=0,
        min=0,
        size=(12, 9),
    )
    yield table(
        Text("Identity", "Identitet"),
        describe(
            Text(
                "What the meter says about itself. Choose one meter.", "Vad mätaren säger om sig själv. Välj en mätare."
            ),
            "0-0:96.1.1",
            "1-0:0.2.129",
        ),
        [rows(select('last("text")', quantity("meter_text"), METER, by("obis")))],
        unit="string",
        no_value=Text("the meter sends no texts", "mätaren sänder inga texter"),
        overrides=[override("byName", "obis", mappings=[_code_names()])],
        transformations=[
            {
                "id": "organize",
                "options": {
                    "excludeByName": {"Time": True},
                    "renameByName": {"obis": Text("Register", "Register"), "last": Text("Text", "Text")},
                },
            }
        ],
        size=(12, 9),
    )


def _per_hour(field: str, where: str, tag: str) -> str:
    return select(f'non_negative_difference(last("{field}"))', HEALTH, where, by(tag, every="1h", fill="none"))


def _code_names() -> Json:
    """Return the mappings of each OBIS code of a text to its name in the catalogue."""
    known = {str(obis): known for obis, known in CATALOGUE.items() if known.measurement == TEXT}
    return {
        "type": "value",
        "options": {
            code: {"text": Text(f"{known.english} ({code})", f"{known.swedish} ({code})"), "index": i}
            for i, (code, known) in enumerate(known.items())
        },
    }
