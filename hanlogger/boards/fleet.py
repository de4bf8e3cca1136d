"""The board about many meters: who is silent, who is damaged, all together against the building's fuse, who uses most.

It asks for the total power, the energy by interval and the logger's health alone. So it shows the same where a limit of
series leaves out the rest of a meter, and a query reads a few series of each.
"""

from __future__ import annotations

from hanlogger.boards.board import Board
from hanlogger.boards.fleet_lists import draw_longest_silent, draw_most_damaged, draw_most_energy
from hanlogger.boards.fragments import (
    INTERVAL,
    LATELY,
    NOW,
    by,
    drawn,
    mean_power,
    measured,
    over,
    power,
    select,
    signed,
)
from hanlogger.boards.panel_types import gauge, series, stat
from hanlogger.boards.panels import (
    BLUE,
    GREEN,
    NOT_FOR_A_WEEK,
    NOT_HEARD,
    OF_LIMIT,
    RED,
    YELLOW,
    Json,
    coloured,
    target,
)
from hanlogger.boards.settings import BoardSettings
from hanlogger.boards.text import describe
from hanlogger.language import Text

CODES = ("1-0:1.7.0", "1-0:2.7.0")
ENERGIES = ("1-0:1.8.0", "1-0:2.8.0")
HOUR = "1h"  # the shortest step of what is drawn, as some meters send their registers once an hour
STEPS = 168  # at most, so that steps of an hour end with a range of a week
EACH_STEP = by("meter", every=INTERVAL, fill="none")
UNTIL_AN_HOUR_AGO = f"WHERE $timeFilter AND time < now() - {HOUR}"
"""In the hour that goes on, not everybody has been measured yet."""


def make_fleet_board(settings: BoardSettings) -> Board:
    """Return the board, for those who look after the meters of a building or of a part of a grid."""
    return Board(
        file="fleet",
        title=Text("Many meters", "Många mätare"),
        description=Text(
            "Who is silent, who is damaged, all meters together against the building's fuse, who uses most.",
            "Vem är tyst, vem är skadad, alla mätare tillsammans mot husets säkring, vem använder mest.",
        ),
        since="now-24h",
        refresh="1m",
        panels=[
            _draw_sending(),
            _draw_silent(),
            _draw_share_of_building(settings),
            _draw_highest(settings),
            _draw_together(settings),
            draw_longest_silent(),
            draw_most_damaged(),
            draw_most_energy(),
            _draw_measured(),
        ],
        of_building=True,
    )


def _select_heard(where: str, sign: str = "") -> str:
    """Return a query of the number "n" of meters that sent a telegram."""
    newest = select('last("value") AS "v"', power("import"), where, by("meter"))
    return select(f'{sign}count("v") AS "n"', over(newest))


def _draw_sending() -> Json:
    return stat(
        Text("Meters that send", "Mätare som sänder"),
        describe(Text("A telegram came in the last 5 minutes.", "Ett telegram kom de senaste 5 minuterna."), CODES[0]),
        [target(_select_heard(NOW), Text("send", "sänder"))],
        unit="none",
        decimals=0,
        steps=((None, BLUE),),
        no_value=NOT_HEARD,
    )


def _draw_silent() -> Json:
    silent = select('sum("n")', f"FROM ({_select_heard(LATELY)}), ({_select_heard(NOW, '-1 * ')})")
    return stat(
        Text("Silent meters", "Tysta mätare"),
        describe(
            Text(
                "Meters of the last 7 days without a telegram in the last 5 minutes.",
                "Mätare från de senaste 7 dygnen utan telegram de senaste 5 minuterna.",
            ),
            CODES[0],
        ),
        [target(silent, Text("silent", "tysta"))],
        unit="none",
        decimals=0,
        steps=((None, GREEN), (1, YELLOW), (5, RED)),
        no_value=NOT_FOR_A_WEEK,
    )


def _draw_share_of_building(settings: BoardSettings) -> Json:
    watts = settings.watts_per_ampere
    return gauge(
        Text("Of the building's fuse", "Av husets säkring"),
        describe(
            Text(
                f"Import less export of all meters at the same time, over 5 minutes ({watts:g} W per ampere). "
                "A single phase can be full earlier.",
                f"Uttag minus inmatning för alla mätare samtidigt, under 5 minuter ({watts:g} W per ampere). "
                "En enskild fas kan bli full tidigare.",
            ),
            *CODES,
        ),
        [target(select(f'sum("v") / ({watts:g} * $building)', signed("mean", NOW, by("meter"))), "")],
        unit="percentunit",
        decimals=0,
        steps=OF_LIMIT,
        no_value=NOT_HEARD,
        min=0,
        max=1.25,
    )


def _select_shares(settings: BoardSettings, *grouped: str) -> str:
    """Return a query of all meters' power at the same time, as the part "s" of what the building's fuse carries.

    It reads intervals: to read the telegrams of two hundred meters would take minutes.
    """
    both = (mean_power("import", EACH_STEP), mean_power("export", EACH_STEP, sign="-"))
    what = f'sum("m") / ({settings.watts_per_ampere:g} * $building) AS "s"'
    return select(what, "FROM " + ", ".join(f"({one})" for one in both), UNTIL_AN_HOUR_AGO, *grouped)


def _draw_highest(settings: BoardSettings) -> Json:
    shares = _select_shares(settings, by(every=INTERVAL, fill="none"))
    return stat(
        Text("Highest share of the fuse", "Högsta andel av säkringen"),
        describe(
            Text(
                "The highest mean of an hour (longer beyond a week) of all meters together in the range.",
                "Det högsta timmedlet (längre efter mer än en vecka) för alla mätare tillsammans i perioden.",
            ),
            *ENERGIES,
        ),
        [target(select('max("s")', over(shares)), "")],
        unit="percentunit",
        decimals=0,
        steps=OF_LIMIT,
        least=HOUR,
        points=STEPS,
    )


def _draw_together(settings: BoardSettings) -> Json:
    return series(
        Text("All meters together, of the building's fuse", "Alla mätare tillsammans, av husets säkring"),
        describe(
            Text(
                "Hourly means, from the registers. While a meter is silent, its part is missing: see how many were "
                "measured.",
                "Timmedel ur mätarnas register. Medan en mätare är tyst saknas dess del: se hur många som mättes.",
            ),
            *ENERGIES,
        ),
        [target(_select_shares(settings, drawn()), Text("together", "tillsammans"))],
        unit="percentunit",
        decimals=0,
        steps=OF_LIMIT,
        lines_at_steps="line",
        fill=25,
        least=HOUR,
        points=STEPS,
        overrides=[coloured("/./", BLUE)],
    )


def _draw_measured() -> Json:
    each = measured("import", EACH_STEP, 'sum("seconds") AS "s"')
    return series(
        Text("Meters that were measured", "Mätare som mättes"),
        describe(
            Text(
                "Meters with a quarter of an hour without a gap, in each step of the graph.",
                "Mätare med en kvart utan lucka, i varje steg i diagrammet.",
            ),
            ENERGIES[0],
        ),
        [target(select('count("s")', over(each), UNTIL_AN_HOUR_AGO, drawn()), Text("measured", "mättes"))],
        unit="none",
        decimals=0,
        min=0,
        least=HOUR,
        points=STEPS,
        overrides=[coloured("/./", BLUE)],
        size=(12, 9),
    )
