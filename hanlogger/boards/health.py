"""The board about the logger's health: whether telegrams arrive whole and reach the database in time."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.boards.board import Board
from hanlogger.boards.fragments import A_WEEK, FINE, HEALTH, IN_RANGE, INTERVAL, by, drawn, quantity, select
from hanlogger.boards.health_delivery import draw_delivery, draw_process, draw_two_rises
from hanlogger.boards.panel_types import series
from hanlogger.boards.panels import GREEN, RED, TOO_LONG, YELLOW, Json, row, target
from hanlogger.boards.silence import (
    draw_coverage_per_hour,
    draw_gaps_7_days,
    draw_missing_7_days,
    draw_since_last_telegram,
)
from hanlogger.boards.text import describe
from hanlogger.language import Text


def make_health_board() -> Board:
    """Return the board, for users who want to know whether hanlogger is still recording."""
    return Board(
        file="health",
        title=Text("Logger health", "Loggerns hälsa"),
        description=Text(
            "What hanlogger says about itself each minute, kept in the journal like telegrams.",
            "Vad hanlogger säger om sig själv varje minut, sparat i journalen som telegrammen.",
        ),
        since="now-24h",
        refresh="1m",
        panels=[
            *_draw_telegrams(),
            *_draw_damage(),
            *draw_delivery(),
            row(Text("More", "Mer"), *_draw_meter(), *draw_process()),
        ],
    )


def _draw_telegrams() -> Iterator[Json]:
    yield {**draw_since_last_telegram(), "size": (8, 7)}
    yield draw_missing_7_days()
    yield {**_draw_telegrams_per_minute(), "size": (8, 7)}
    yield draw_coverage_per_hour()
    yield draw_gaps_7_days()


def _draw_telegrams_per_minute() -> Json:
    rising = select(
        'non_negative_derivative(last("frames"), 1m)', HEALTH, IN_RANGE, by("meter", every=INTERVAL, fill="none")
    )
    return series(
        Text("Telegrams per minute", "Telegram per minut"),
        Text("Whole telegrams from each meter, each minute.", "Hela telegram från varje mätare, varje minut."),
        [target(rising)],
        unit="none",
        decimals=1,
        min=0,
        least="1m",
        points=A_WEEK,
    )


def _draw_damage() -> Iterator[Json]:
    yield draw_two_rises(
        Text("Damaged and undecoded", "Skadade och oavkodade"),
        Text(
            "Damaged: the checksum was wrong (a loose plug, a long cable). "
            "Undecoded: arrived whole but could not be decoded; kept, see `hanlogger refused`.",
            "Skadade: kontrollsumman stämde inte (glappande kontakt, lång kabel). "
            "Oavkodade: kom fram hela men kunde inte avkodas; sparade, se `hanlogger refused`.",
        ),
        (IN_RANGE, "meter"),
        ("damaged", Text("damaged", "skadade"), RED),
        ("undecoded", Text("undecoded", "oavkodade"), YELLOW),
    )


def _draw_meter() -> Iterator[Json]:
    yield series(
        Text("Meter clock less host clock", "Mätarens klocka minus datorns"),
        describe(
            Text(
                "A few seconds are usual. A stable whole hour: the setting `clock` is wrong.",
                "Några sekunder är vanligt. En stadig hel timme: inställningen `clock` är fel.",
            ),
            "0-0:1.0.0",
        ),
        [target(select('median("value")', quantity("clock_offset"), FINE, "AND", IN_RANGE, drawn("meter")))],
        unit="s",
        decimals=1,
        steps=((None, RED), (-120, GREEN), (120, RED)),
        fill=0,
        points=A_WEEK,
        no_value=TOO_LONG,
        size=(24, 9),
    )
