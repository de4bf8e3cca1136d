"""The board about voltage: how far each phase is from 230 V, and for how long."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.boards.board import Board
from hanlogger.boards.failures import draw_failures
from hanlogger.boards.fragments import A_WEEK, FINE, IN_RANGE, INTERVAL, NOW, by, drawn, means, over, quantity, select
from hanlogger.boards.panel_types import histogram, series, stat, state_timeline
from hanlogger.boards.panels import (
    A_DAY_OF_MINUTES,
    BLUE,
    BY_PHASE,
    GREEN,
    NOT_HEARD,
    RED,
    TOO_LONG,
    YELLOW,
    Json,
    math,
    row,
    shaded,
    target,
)
from hanlogger.boards.text import describe
from hanlogger.language import Text

A_WEEK_OF_TENS = 1008  # steps at most: of ten minutes up to a week
LOW, HIGH = 207, 253  # V; 230 V less and plus 10 % (EN 50160)
STEPS = ((None, RED), (LOW, GREEN), (HIGH, RED))
CODES = ("1-0:32.7.0", "1-0:52.7.0", "1-0:72.7.0")
VOLTAGE = quantity("voltage")
PHASE = "$tag_meter $tag_phase"
INDICATIVE = Text(
    "Indicative: the port gives one value each 10 seconds, not the 10-minute RMS values that EN 50160 is judged by.",
    "Ungefärligt: porten ger ett värde var tionde sekund, inte de 10-minutersvärden som EN 50160 bedöms efter.",
)


def make_voltage_board() -> Board:
    """Return the board, for users who want to show their voltage to the grid company."""
    return Board(
        file="voltage",
        title=Text("Voltage per phase", "Spänning per fas"),
        description=Text(
            f"Each phase against 230 V ± 10 % ({LOW} to {HIGH} V).",
            f"Varje fas mot 230 V ± 10 % ({LOW} till {HIGH} V).",
        ),
        since="now-24h",
        refresh="1m",
        panels=[
            *_draw_now(),
            _draw_10_minute_means(),
            *_draw_events(),
            row(Text("More", "Mer"), _draw_as_read(), *_draw_comparison()),
        ],
    )


def _draw_now() -> Iterator[Json]:
    yield _draw_voltage_now()
    yield _draw_time_within_limits()


def _draw_voltage_now() -> Json:
    return stat(
        Text("Voltage now", "Spänning nu"),
        describe(
            Text(
                f"Newest telegram. Red below {LOW} and above {HIGH} V.",
                f"Nyaste telegrammet. Rött under {LOW} och över {HIGH} V.",
            ),
            *CODES,
        ),
        [target(select('last("value")', VOLTAGE, NOW, by("meter", "phase")), PHASE)],
        unit="volt",
        decimals=1,
        steps=STEPS,
        size=(12, 5),
        no_value=NOT_HEARD,
    )


def _draw_time_within_limits() -> Json:
    inside = select('count("m")', over(means("voltage", "10m")))
    within = f'WHERE "m" >= {LOW} AND "m" <= {HIGH}'
    return stat(
        Text(f"Time inside {LOW}–{HIGH} V, 7 days", f"Tid inom {LOW}–{HIGH} V, 7 dygn"),
        describe(
            Text(
                f"The part of the 10-minute means inside 230 V ± 10 %. {INDICATIVE.en}",
                f"Andelen 10-minutersmedel inom 230 V ± 10 %. {INDICATIVE.sv}",
            ),
            *CODES,
        ),
        [
            target(f"{inside} {within} {by('meter', 'phase')}", PHASE, ref="A", hide=True),
            target(f"{inside} {by('meter', 'phase')}", PHASE, ref="B", hide=True),
            math("$A / $B"),
        ],
        unit="percentunit",
        decimals=2,
        steps=((None, RED), (0.95, YELLOW), (1, GREEN)),
        since="7d",
        range_in_title=True,
        size=(12, 5),
        displayName="${__field.labels.meter} ${__field.labels.phase}",
    )


def _draw_events() -> Iterator[Json]:
    yield _draw_sag_normal_swell()
    yield draw_failures()


def _select_means(*also: str) -> str:
    """Return a query of the means of each phase in each step of a graph. also: a further condition."""
    return select('mean("value")', VOLTAGE, " AND ".join((*also, IN_RANGE)), drawn("meter", "phase"))


def _draw_10_minute_means() -> Json:
    return series(
        Text("10-minute means", "10-minutersmedel"),
        describe(
            Text(
                f"The means by which voltage is judged; longer ones beyond a week. Red: outside {LOW} to {HIGH} V. "
                f"{INDICATIVE.en}",
                f"De medelvärden som spänning bedöms efter; längre efter mer än en vecka. Rött: utanför {LOW} till "
                f"{HIGH} V. {INDICATIVE.sv}",
            ),
            *CODES,
        ),
        [target(_select_means(), PHASE)],
        unit="volt",
        decimals=1,
        steps=((None, GREEN), (LOW, RED), (HIGH, RED)),
        lines_at_steps="line",
        fill=0,
        calcs=("min", "mean", "max"),
        least="10m",
        points=A_WEEK_OF_TENS,
        overrides=BY_PHASE,
        custom={"axisSoftMin": 200, "axisSoftMax": 260},
    )


def _draw_sag_normal_swell() -> Json:
    return state_timeline(
        Text("Sag, normal, swell", "Låg, normal, hög"),
        describe(
            Text(
                f"The same 10-minute means in words. Empty where nothing was recorded. {INDICATIVE.en}",
                f"Samma 10-minutersmedel i ord. Tomt där inget registrerades. {INDICATIVE.sv}",
            ),
            *CODES,
        ),
        [target(_select_means(FINE), PHASE)],
        unit="volt",
        decimals=1,
        color={"mode": "palette-classic"},
        mappings=_make_mappings(),
        least="10m",
        points=A_WEEK_OF_TENS,
        no_value=TOO_LONG,
        size=(12, 8),
    )


def _draw_as_read() -> Json:
    return series(
        Text("As read", "Som avläst"),
        describe(
            Text(
                "Means over each step of the graph; zoom in to see single telegrams.",
                "Medel över varje steg i diagrammet; zooma in för att se enskilda telegram.",
            ),
            *CODES,
        ),
        [target(_select_means(FINE), PHASE)],
        unit="volt",
        decimals=1,
        fill=0,
        points=A_WEEK,
        no_value=TOO_LONG,
        overrides=BY_PHASE,
    )


def _draw_comparison() -> Iterator[Json]:
    yield _draw_between_the_phases()
    yield _draw_distribution()


def _draw_between_the_phases() -> Json:
    spread = select('spread("m")', over(means("voltage", INTERVAL, FINE)), "WHERE $timeFilter", drawn("meter"))
    return series(
        Text("Between the phases", "Mellan faserna"),
        describe(
            Text(
                "Highest phase minus lowest, in 10-minute means. Large and growing: uneven load, or a bad neutral.",
                "Högsta fasen minus den lägsta, i 10-minutersmedel. Stor och växande: ojämn last eller dålig nolla.",
            ),
            *CODES,
        ),
        [target(spread)],
        unit="suffix: V",
        decimals=1,
        fill=25,
        overrides=[shaded(BLUE)],
        least="10m",
        points=A_WEEK_OF_TENS,
        no_value=TOO_LONG,
        size=(12, 9),
        min=0,
    )


def _draw_distribution() -> Json:
    return histogram(
        Text("Distribution", "Fördelning"),
        describe(
            Text(
                "How many 1-minute means had each voltage (longer means for more than a day).",
                "Hur många 1-minutersmedel som hade varje spänning (längre medel för mer än ett dygn).",
            ),
            *CODES,
        ),
        [
            target(
                select(
                    'mean("value")', VOLTAGE, FINE, "AND", IN_RANGE, by("meter", "phase", every=INTERVAL, fill="none")
                ),
                PHASE,
            )
        ],
        unit="volt",
        bucket=0.5,
        least="1m",
        points=A_DAY_OF_MINUTES,
        no_value=TOO_LONG,
        overrides=BY_PHASE,
    )


def _make_mappings() -> list[Json]:
    ranges = (
        (LOW, HIGH, Text("normal", "normal"), GREEN),
        (None, LOW, Text("low", "låg"), RED),
        (HIGH, None, Text("high", "hög"), RED),
    )
    return [
        {"type": "range", "options": {"from": low, "to": high, "result": {"text": text, "color": colour, "index": i}}}
        for i, (low, high, text, colour) in enumerate(ranges)
    ]
