"""The board about many meters: who is silent, who is damaged, all together against the building's fuse, who uses most.

It asks for the total power, the energy by interval and the logger's health alone. So it shows the same where a limit of
series leaves out the rest of a meter, and a query reads a few series of each.
"""

from __future__ import annotations

from hanlogger.boards.board import Board
from hanlogger.boards.fleet_lists import longest_silent, most_damaged, most_energy
from hanlogger.boards.fragments import (
    A_WEEK,
    FINE,
    IN_RANGE,
    INTERVAL,
    LATELY,
    NOW,
    by,
    drawn,
    net_means,
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
    TOO_LONG,
    YELLOW,
    Json,
    coloured,
    target,
)
from hanlogger.boards.settings import BoardSettings
from hanlogger.boards.text import Text, describe

CODES = ("1-0:1.7.0", "1-0:2.7.0")


def fleet_board(settings: BoardSettings) -> Board:
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
            _sending(),
            _silent(),
            _share_of_building(settings),
            _highest(settings),
            _together(settings),
            longest_silent(),
            most_damaged(),
            most_energy(),
            _sent(),
        ],
        of_building=True,
    )


def _heard(where: str, sign: str = "") -> str:
    """Return a query of the number "n" of meters that sent a telegram."""
    newest = select('last("value") AS "v"', power("import"), where, by("meter"))
    return select(f'{sign}count("v") AS "n"', over(newest))


def _sending() -> Json:
    return stat(
        Text("Meters that send", "Mätare som sänder"),
        describe(Text("A telegram came in the last 5 minutes.", "Ett telegram kom de senaste 5 minuterna."), CODES[0]),
        [target(_heard(NOW), Text("send", "sänder"))],
        unit="none",
        decimals=0,
        steps=((None, BLUE),),
        no_value=NOT_HEARD,
    )


def _silent() -> Json:
    silent = select('sum("n")', f"FROM ({_heard(LATELY)}), ({_heard(NOW, '-1 * ')})")
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


def _share_of_building(settings: BoardSettings) -> Json:
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


def _shares(settings: BoardSettings, *grouped: str) -> str:
    """Return a query of all meters' power at the same time, as the part "s" of what the building's fuse carries."""
    what = f'sum("m") / ({settings.watts_per_ampere:g} * $building) AS "s"'
    return select(what, net_means(IN_RANGE), "WHERE $timeFilter", *grouped)


def _highest(settings: BoardSettings) -> Json:
    shares = _shares(settings, by(every=INTERVAL, fill="none"))
    return stat(
        Text("Highest share of the fuse", "Högsta andel av säkringen"),
        describe(
            Text(
                "The highest mean of one step (a minute at least) of all meters together in the range.",
                "Det högsta medlet av ett steg (minst en minut) för alla mätare tillsammans i perioden.",
            ),
            *CODES,
        ),
        [target(select('max("s")', over(shares)), "")],
        unit="percentunit",
        decimals=0,
        steps=OF_LIMIT,
        least="1m",
        points=A_WEEK,
    )


def _together(settings: BoardSettings) -> Json:
    return series(
        Text("All meters together, of the building's fuse", "Alla mätare tillsammans, av husets säkring"),
        describe(
            Text(
                "While a meter is silent, its part is missing: see how many send.",
                "Medan en mätare är tyst saknas dess del: se hur många som sänder.",
            ),
            *CODES,
        ),
        [target(_shares(settings, drawn()), Text("together", "tillsammans"))],
        unit="percentunit",
        decimals=0,
        steps=OF_LIMIT,
        lines_at_steps="line",
        fill=25,
        least="1m",
        points=A_WEEK,
        overrides=[coloured("/./", BLUE)],
    )


def _sent() -> Json:
    each = select('count("value") AS "n"', power("import"), FINE, "AND", IN_RANGE)
    steps = f"{each} {by('meter', every=INTERVAL, fill='none')}"
    return series(
        Text("Meters that sent", "Mätare som sände"),
        describe(Text("In each step of the graph.", "I varje steg i diagrammet."), CODES[0]),
        [target(select('count("n")', over(steps), "WHERE $timeFilter", drawn()), Text("sent", "sände"))],
        unit="none",
        decimals=0,
        min=0,
        least="1m",
        points=A_WEEK,
        no_value=TOO_LONG,
        overrides=[coloured("/./", BLUE)],
        size=(12, 9),
    )
