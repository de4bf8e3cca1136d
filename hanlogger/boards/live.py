"""The live board: the present power, today's energy, and the power of the last hours."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.boards.board import Board
from hanlogger.boards.fragments import (
    IN_RANGE,
    INTERVAL,
    NOW,
    base_load,
    by,
    drawn,
    energy,
    over,
    phase_power,
    power,
    power_means,
    select,
    total,
)
from hanlogger.boards.panel_types import bar_gauge, gauge, series, stat
from hanlogger.boards.panels import (
    BLUE,
    BY_PHASE,
    EXPORT_NAME,
    GREEN,
    IMPORT,
    IMPORT_NAME,
    RED,
    SIDES,
    YELLOW,
    Json,
    coloured,
    target,
)
from hanlogger.boards.settings import BoardSettings
from hanlogger.boards.text import Text, describe

SIGNED = ((None, GREEN), (0, BLUE), (3_000, YELLOW), (7_000, "orange"), (11_000, RED))  # W


def live_board(settings: BoardSettings) -> Board:
    """Return the board, for users who keep it open all day."""
    return Board(
        uid="han-live",
        file="live",
        title=Text("Live", "Just nu"),
        description=Text(
            "What the house takes from the grid and delivers to it now. The graphs are empty where no telegram came.",
            "Vad huset tar från nätet och matar in på det just nu. Diagrammen är tomma där inga telegram kom.",
        ),
        since="now-6h",
        refresh="10s",
        panels=[*_now(settings), *_today(), *_lately()],
    )


def _now(settings: BoardSettings) -> Iterator[Json]:
    watts = settings.watts_per_ampere
    yield stat(
        Text("Now", "Effekt nu"),
        describe(
            Text(
                "Power in the newest telegram of the last 5 minutes. Below zero the house delivers to the grid.",
                "Effekt i det nyaste telegrammet av de senaste 5 minuterna. Under noll matar huset in på nätet.",
            ),
            "1-0:16.7.0",
        ),
        [target(select('last("value")', power("net"), NOW, by("meter")))],
        unit="watt",
        steps=SIGNED,
        fill=True,
        no_value=Text("no telegram for 5 minutes", "inget telegram på 5 minuter"),
    )
    yield gauge(
        Text("Of the main fuse", "Av huvudsäkringen"),
        describe(
            Text(
                f"Import over the last 5 minutes as a part of what the main fuse carries with all phases full "
                f"({watts:g} W per ampere). A single phase can be full earlier: see the board on current.",
                f"Uttag under de senaste 5 minuterna som andel av vad huvudsäkringen bär med alla faser fulla "
                f"({watts:g} W per ampere). En enskild fas kan bli full tidigare: se tavlan om ström.",
            ),
            "1-0:1.7.0",
        ),
        [target(select(f'mean("value") / ({settings.watts_per_ampere:g} * $fuse)', power("import"), NOW, by("meter")))],
        unit="percentunit",
        steps=((None, GREEN), (0.7, YELLOW), (0.9, RED)),
        min=0,
        max=1,
    )


def _today() -> Iterator[Json]:
    yield stat(
        Text("Import today", "Uttag i dag"),
        describe(
            Text(
                "Energy drawn since midnight, from the counter.", "Energi uttagen sedan midnatt, från mätarställningen."
            ),
            "1-0:1.8.0",
        ),
        [target(energy("import", "meter"))],
        unit="watth",
        steps=((None, IMPORT),),
        since="now/d",
        range_in_title=True,
    )
    yield stat(
        Text("Base load, 24 h", "Grundlast, 24 h"),
        describe(
            Text(
                "Four fifths of the last day's 10-minute means were higher: this load always runs. "
                "Times in which the house delivers to the grid are left out, as they hide that load.",
                "Fyra femtedelar av det senaste dygnets 10-minutersmedel var högre: den lasten går alltid. "
                "Tider då huset matar in på nätet räknas inte, för de döljer den.",
            ),
            "1-0:1.7.0",
        ),
        [target(base_load(by("meter")))],
        unit="watt",
        steps=((None, BLUE),),
        since="24h",
        range_in_title=True,
    )


def _lately() -> Iterator[Json]:
    yield series(
        Text("Import above, export below", "Uttag uppåt, inmatning nedåt"),
        describe(
            Text(
                "Power drawn from the grid above zero and delivered to it below.",
                "Uttagen effekt över noll och inmatad under.",
            ),
            "1-0:1.7.0",
            "1-0:2.7.0",
        ),
        [
            target(select('mean("value")', power("import"), IN_RANGE, drawn("meter")), IMPORT_NAME),
            target(select('-1 * mean("value")', power("export"), IN_RANGE, drawn("meter")), EXPORT_NAME, ref="B"),
        ],
        unit="watt",
        fill=25,
        calcs=("lastNotNull", "min", "max"),
        overrides=SIDES,
    )
    yield series(
        Text("Per phase", "Per fas"),
        describe(
            Text(
                "The three phases stacked, import above zero and export below: the outer edge is their sum.",
                "De tre faserna staplade, uttag över noll och inmatning under: ytterkanten är deras summa.",
            ),
            *("1-0:21.7.0", "1-0:41.7.0", "1-0:61.7.0"),
            *("1-0:22.7.0", "1-0:42.7.0", "1-0:62.7.0"),
        ),
        [
            target(
                select('mean("value")', phase_power("import"), IN_RANGE, drawn("meter", "phase")),
                Text("$tag_meter import $tag_phase", "$tag_meter uttag $tag_phase"),
            ),
            target(
                select('-1 * mean("value")', phase_power("export"), IN_RANGE, drawn("meter", "phase")),
                Text("$tag_meter export $tag_phase", "$tag_meter inmatning $tag_phase"),
                ref="B",
            ),
        ],
        unit="watt",
        stacked=True,
        fill=60,
        no_value=_NO_PHASES,
        overrides=BY_PHASE,
        size=(12, 9),
    )
    yield bar_gauge(
        Text("Import per phase now", "Uttag per fas nu"),
        describe(
            Text(
                "Import of each phase in the newest telegram. Bars of different length: the load is uneven.",
                "Uttag i varje fas i det nyaste telegrammet. Olika långa staplar: lasten är ojämn.",
            ),
            "1-0:21.7.0",
            "1-0:41.7.0",
            "1-0:61.7.0",
        ),
        [target(select('last("value")', phase_power("import"), NOW, by("meter", "phase")), "$tag_meter $tag_phase")],
        unit="watt",
        no_value=_NO_PHASES,
        steps=((None, GREEN), (2_000, YELLOW), (3_500, "orange"), (4_500, RED)),
        min=0,
        size=(12, 9),
    )
    yield series(
        Text("Lowest, mean, highest", "Lägst, medel, högst"),
        describe(
            Text(
                "The net power within each step of the graph: short peaks stay visible over long ranges.",
                "Nettoeffekten inom varje steg i diagrammet: korta toppar syns även över långa perioder.",
            ),
            "1-0:16.7.0",
        ),
        [
            target(
                select('max("value"), min("value"), mean("value")', power("net"), IN_RANGE, drawn("meter")),
                "$tag_meter $col",
            )
        ],
        unit="watt",
        fill=0,
        least="1m",
        overrides=[coloured("/min$/", BLUE), coloured("/mean$/", IMPORT), coloured("/max$/", RED)],
    )
    together = select('sum("m")', over(power_means("net", INTERVAL)), "WHERE $timeFilter", drawn())
    yield series(
        Text("All meters together", "Alla mätare tillsammans"),
        describe(
            Text(
                "Net power of the meters chosen above, added up. While one of them is silent, its part is missing.",
                "Nettoeffekten av de valda mätarna, summerad. Medan en av dem är tyst saknas dess del.",
            ),
            "1-0:16.7.0",
        ),
        [target(together, Text("together", "tillsammans"))],
        unit="watt",
        fill=25,
        overrides=[coloured("/./", BLUE)],
        size=(12, 9),
    )
    yield series(
        Text("Reactive power", "Reaktiv effekt"),
        describe(
            Text(
                "Import: motors and the like. Export: capacitors, cables, many chargers.",
                "Uttag: motorer och liknande. Inmatning: kondensatorer, kablar, många laddare.",
            ),
            "1-0:3.7.0",
            "1-0:4.7.0",
        ),
        [
            target(select('mean("value")', total("reactive_power", "import"), IN_RANGE, drawn("meter")), IMPORT_NAME),
            target(
                select('mean("value")', total("reactive_power", "export"), IN_RANGE, drawn("meter")),
                EXPORT_NAME,
                ref="B",
            ),
        ],
        unit="suffix: var",
        overrides=SIDES,
        size=(12, 9),
    )


_NO_PHASES = Text("the meter sends no power per phase", "mätaren sänder ingen effekt per fas")
