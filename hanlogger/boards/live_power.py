"""The panels of the live board about the power of the last hours."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.boards.fragments import (
    IN_RANGE,
    INTERVAL,
    NOW,
    by,
    drawn,
    over,
    phase_power,
    power,
    power_means,
    select,
    total,
)
from hanlogger.boards.panel_types import bar_gauge, series
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
from hanlogger.boards.text import Text, describe

_NO_PHASES = Text("the meter sends no power per phase", "mätaren sänder ingen effekt per fas")


def power_panels() -> Iterator[Json]:
    """Yield the panels of power over time: import and export, per phase, the extremes, the sum, and reactive power."""
    yield _import_above_export_below()
    yield _per_phase()
    yield _import_per_phase_now()
    yield _lowest_mean_highest()
    yield _all_meters_together()
    yield _reactive_power()


def _import_above_export_below() -> Json:
    return series(
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


def _per_phase() -> Json:
    return series(
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


def _import_per_phase_now() -> Json:
    return bar_gauge(
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


def _lowest_mean_highest() -> Json:
    return series(
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


def _all_meters_together() -> Json:
    together = select('sum("m")', over(power_means("net", INTERVAL)), "WHERE $timeFilter", drawn())
    return series(
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


def _reactive_power() -> Json:
    return series(
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
