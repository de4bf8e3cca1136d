"""The board about the current of each phase against the main fuse."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.boards.board import Board
from hanlogger.boards.fragments import (
    A_WEEK,
    FINE,
    IN_RANGE,
    INTERVAL,
    NOW,
    by,
    drawn,
    means,
    or_zero,
    over,
    quantity,
    select,
)
from hanlogger.boards.panel_types import bar_gauge, series, stat
from hanlogger.boards.panels import (
    A_DAY_OF_MINUTES,
    BLUE,
    BY_PHASE,
    GREEN,
    NOT_HEARD,
    OF_LIMIT,
    RED,
    TOO_LONG,
    YELLOW,
    Json,
    override,
    shaded,
    target,
)
from hanlogger.boards.text import describe
from hanlogger.language import Text

CODES = ("1-0:31.7.0", "1-0:51.7.0", "1-0:71.7.0")
CURRENT = quantity("current")
PHASE = "$tag_meter $tag_phase"
FUSE = Text("fuse", "säkring")


def select_amperes(every: str, *also: str) -> str:
    """Return a query of the means "m" of each phase's absolute current over `every`: Aidon's meters send a sign."""
    return select('abs("m") AS "m"', over(means("current", every, *also)), by("meter", "phase"))


def make_current_board() -> Board:
    """Return the board, for users who want to charge a car without blowing the main fuse."""
    return Board(
        file="current",
        title=Text("Current against the main fuse", "Ström mot huvudsäkringen"),
        description=Text(
            "Each phase against the main fuse that is chosen above. A slow fuse carries a little more than its rating.",
            "Varje fas mot huvudsäkringen som är vald ovan. En trög säkring bär länge något mer än sitt märkvärde.",
        ),
        since="now-6h",
        refresh="30s",
        panels=[*_draw_now(), *_draw_over_time()],
    )


def _draw_now() -> Iterator[Json]:
    yield _draw_share_of_fuse()
    yield _draw_current_now()


def _draw_share_of_fuse() -> Json:
    lately = select('abs("value") AS "a"', CURRENT, NOW, by("meter", "phase"))
    return bar_gauge(
        Text("Of the fuse", "Av säkringen"),
        describe(
            Text(
                "Mean of the last 5 minutes. Yellow from 80 %, red from 100 %.",
                "Medel av de senaste 5 minuterna. Gult från 80 %, rött från 100 %.",
            ),
            *CODES,
        ),
        [target(select('mean("a") / $fuse', over(lately), by("meter", "phase")), PHASE)],
        unit="percentunit",
        decimals=0,
        steps=OF_LIMIT,
        min=0,
        max=1.25,
        size=(12, 7),
    )


def _draw_current_now() -> Json:
    return stat(
        Text("Current now", "Ström nu"),
        describe(Text("Newest telegram, as it was sent.", "Nyaste telegrammet, som det sändes."), *CODES),
        [target(select('last("value")', CURRENT, NOW, by("meter", "phase")), PHASE)],
        unit="amp",
        decimals=1,
        steps=((None, BLUE),),
        size=(12, 7),
        no_value=NOT_HEARD,
    )


def _draw_over_time() -> Iterator[Json]:
    yield _draw_current_and_fuse()
    yield _draw_headroom()
    yield _draw_minutes_above_80_today()
    yield _draw_highest_phase_and_fuse()
    yield _draw_highest_phase_over_the_mean()


def _draw_current_and_fuse() -> Json:
    highest = select('max("value")', CURRENT, IN_RANGE, drawn("meter", "phase"))
    ends = (select(f'{end}("value") AS "v"', CURRENT, IN_RANGE) for end in ("first", "last"))
    fuse = select('0 * "v" + $fuse', "FROM " + ", ".join(f"({end})" for end in ends))
    return series(
        Text("Current and fuse", "Ström och säkring"),
        describe(
            Text(
                "Highest value within each step of the graph, and the fuse as a red line.",
                "Högsta värdet inom varje steg i diagrammet, och säkringen som röd linje.",
            ),
            *CODES,
        ),
        [target(highest, PHASE), target(fuse, FUSE, ref="B")],
        unit="amp",
        decimals=1,
        fill=0,
        calcs=("lastNotNull", "max"),
        points=A_WEEK,
        size=(24, 11),
        overrides=[
            *BY_PHASE,
            override(
                "byFrameRefID",
                "B",
                color={"mode": "fixed", "fixedColor": RED},
                custom__lineWidth=2,
                custom__spanNulls=True,
            ),
        ],
    )


def _draw_headroom() -> Json:
    return stat(
        Text("Headroom", "Marginal"),
        describe(
            Text(
                "The fuse less the highest 1-minute mean (longer beyond a day) of any phase in the range.",
                "Säkringen minus det högsta 1-minutersmedlet (längre över mer än ett dygn) av någon fas i perioden.",
            ),
            *CODES,
        ),
        [target(select('$fuse - max("m")', over(select_amperes(INTERVAL, FINE)), by("meter")))],
        unit="amp",
        decimals=1,
        steps=((None, RED), (0, YELLOW), (2, GREEN)),
        least="1m",
        points=A_DAY_OF_MINUTES,
        no_value=TOO_LONG,
        size=(12, 5),
    )


def _draw_minutes_above_80_today() -> Json:
    phases = ("meter", "phase")
    above = select('count("m") AS "n"', over(select_amperes("1m")), 'WHERE "m" > 0.8 * $fuse', by(*phases))
    return stat(
        Text("Minutes above 80 % today", "Minuter över 80 % i dag"),
        describe(
            Text(
                "Minutes since midnight whose mean was above 80 % of the fuse.",
                "Minuter sedan midnatt vars medel låg över 80 % av säkringen.",
            ),
            *CODES,
        ),
        [target(select('sum("n")', or_zero(above, CURRENT, IN_RANGE, *phases), by(*phases)), PHASE)],
        unit="suffix: min",
        decimals=0,
        steps=((None, GREEN), (1, YELLOW), (30, RED)),
        since="now/d",
        range_in_title=True,
        size=(12, 5),
    )


def _draw_highest_phase_and_fuse() -> Json:
    five = (over(select_amperes(INTERVAL, FINE)), "WHERE $timeFilter", drawn("meter"))
    return series(
        Text("Highest phase of the fuse", "Högsta fasen av säkringen"),
        describe(
            Text(
                "The highest 5-minute mean of the three phases as a part of the fuse.",
                "Det högsta 5-minutersmedlet av de tre faserna som andel av säkringen.",
            ),
            *CODES,
        ),
        [target(select('max("m") / $fuse', *five))],
        unit="percentunit",
        steps=OF_LIMIT,
        lines_at_steps="line",
        min=0,
        least="5m",
        points=A_WEEK,
        no_value=TOO_LONG,
        overrides=[shaded(BLUE)],
        size=(12, 9),
    )


def _draw_highest_phase_over_the_mean() -> Json:
    five = (over(select_amperes(INTERVAL, FINE)), "WHERE $timeFilter", drawn("meter"))
    return series(
        Text("Highest phase over the mean", "Högsta fasen mot medel"),
        describe(
            Text(
                "1 is an even load, 3 is all on one phase (5-minute means).",
                "1 är jämn last, 3 är allt på en fas (5-minutersmedel).",
            ),
            *CODES,
        ),
        [target(select('max("m") / mean("m")', *five))],
        unit="none",
        decimals=2,
        steps=((None, GREEN), (2, YELLOW)),
        min=1,
        least="5m",
        points=A_WEEK,
        no_value=TOO_LONG,
        custom={"axisSoftMax": 3},
        overrides=[shaded(BLUE)],
        size=(12, 9),
    )
