"""The panels of the health board about the delivery to the database and about the process."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.boards.fragments import A_WEEK, HEALTH, METER, by, drawn, quantity, rise, select
from hanlogger.boards.panel_types import bars, series, table
from hanlogger.boards.panels import BLUE, RED, Json, override, rows, shaded, target
from hanlogger.boards.text import describe, name_codes
from hanlogger.language import Text
from hanlogger.points.catalogue import CATALOGUE, TEXT

LOGGER = '"logger" =~ /./ AND $timeFilter'  # selects points about the logger, not about one meter


def draw_delivery() -> Iterator[Json]:
    """Yield the panels about what the database refused and what waits for it."""
    yield _draw_refused_and_retried()
    yield _draw_waiting_for_the_database()


def draw_two_rises(title: Text, about: Text, of: tuple[str, str], *counters: tuple[str, Text, str]) -> Json:
    """Return the panel of how much two counters of the logger's health rise in each step, of an hour at least.

    of: the condition that selects what they are about, and the tag that names it. counters: field, name, colour.
    """
    where, tag = of
    letters = "AB"
    return bars(
        title,
        about,
        [
            target(rise(field, where, tag), Text(f"$tag_{tag} {name.en}", f"$tag_{tag} {name.sv}"), ref=ref)
            for ref, (field, name, _) in zip(letters, counters, strict=True)
        ],
        unit="none",
        decimals=0,
        min=0,
        least="1h",
        points=A_WEEK,
        overrides=[shaded(colour, ref) for ref, (_, _, colour) in zip(letters, counters, strict=True)],
        size=(12, 8),
    )


def _draw_refused_and_retried() -> Json:
    return draw_two_rises(
        Text("Refused and retried", "Avvisade och omprövade"),
        Text(
            "Refused: the database does not accept the points; listed with its reason, see `hanlogger refused`. "
            "Retries: it did not answer; nothing is lost.",
            "Avvisade: databasen godtar inte punkterna; listade med dess skäl, se `hanlogger refused`. "
            "Omförsök: den svarade inte; inget är förlorat.",
        ),
        (LOGGER, "logger"),
        ("refused", Text("refused", "avvisade"), RED),
        ("retries", Text("retries", "omförsök"), BLUE),
    )


def _draw_waiting_for_the_database() -> Json:
    waiting = select(
        'max("undelivered") AS "telegrams", max("undelivered_age") AS "age"', HEALTH, LOGGER, drawn("logger")
    )
    return series(
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


def draw_process() -> Iterator[Json]:
    """Yield the panels about the memory of the logger, its journal, and the texts that the meter sends."""
    yield _draw_memory_and_journal()
    yield _draw_identity()


def _draw_memory_and_journal() -> Json:
    used = select('last("rss") AS "memory", last("journal_bytes") AS "journal"', HEALTH, LOGGER, drawn("logger"))
    return series(
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


def _draw_identity() -> Json:
    return table(
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
        overrides=[
            override(
                "byName",
                "obis",
                mappings=[name_codes(str(obis) for obis, one in CATALOGUE.items() if one.measurement == TEXT)],
            )
        ],
        columns={"obis": Text("Register", "Register"), "last": Text("Text", "Text")},
        size=(12, 9),
    )
