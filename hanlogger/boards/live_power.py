"""The panels of the live board about the power of the last hours."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.boards.fragments import (
    A_WEEK,
    FINE,
    IN_RANGE,
    NOW,
    by,
    drawn,
    mean_power,
    net_means,
    phase_power,
    power,
    select,
    total,
)
from hanlogger.boards.panel_types import bar_gauge, series
from hanlogger.boards.panels import (
    BELOW,
    BLUE,
    BY_PHASE,
    EXPORT_NAME,
    IMPORT_NAME,
    OF_LIMIT,
    SIDES,
    TOO_LONG,
    Json,
    both_ways,
    coloured,
    override,
    row,
    shaded,
    target,
)
from hanlogger.boards.settings import BoardSettings
from hanlogger.boards.text import describe
from hanlogger.language import Text

_NO_PHASES = Text("the meter sends no power per phase", "mätaren sänder ingen effekt per fas")
HIGHEST = Text("$tag_meter highest", "$tag_meter högst")
PEAK_COLOUR = "#B05A10"
QUARTER = 900_000  # ms over which a line of means of quarters is still drawn


def draw_power(settings: BoardSettings) -> Iterator[Json]:
    """Yield the panels of power: over time, per phase now, and in folded rows what is looked at more rarely."""
    yield draw_import_above_export_below()
    yield _draw_import_per_phase_now(settings)
    yield row(Text("Phases", "Faser"), _draw_per_phase())
    yield row(Text("Several meters", "Flera mätare"), _draw_all_meters_together())
    yield row(Text("Reactive power", "Reaktiv effekt"), _draw_reactive_power())


def draw_import_above_export_below() -> Json:
    """Return the panel of the power: of telegrams within a week, of quarters of an hour or more beyond."""
    fine = f"{FINE} AND {IN_RANGE}"
    return series(
        Text("Import above, export below", "Uttag uppåt, inmatning nedåt"),
        describe(
            Text(
                "Mean power of each step of the graph, and within a week its highest telegram. "
                "A week and more: means of quarters of an hour, from the registers.",
                "Medeleffekt i varje steg i diagrammet, och inom en vecka dess högsta telegram. "
                "En vecka och mer: kvartsmedel ur mätarens register.",
            ),
            "1-0:1.7.0",
            "1-0:2.7.0",
        ),
        [
            *both_ways(lambda way: select('mean("value")', power(way), fine, drawn("meter"))),
            target(mean_power("import", drawn("meter")), IMPORT_NAME, ref="C"),
            target(mean_power("export", drawn("meter")), EXPORT_NAME, ref="D"),
            target(select('max("value")', power("import"), fine, drawn("meter")), HIGHEST, ref="E"),
        ],
        unit="watt",
        fill=25,
        points=A_WEEK,
        calcs=("lastNotNull", "mean", "max"),
        overrides=[
            *SIDES,
            shaded("orange", "C"),
            shaded("green", "D"),
            BELOW,
            override("byFrameRefID", "D", custom__transform="negative-Y"),
            override("byFrameRefID", "E", color={"mode": "fixed", "fixedColor": PEAK_COLOUR}, custom__fillOpacity=0),
        ],
    )


def _draw_import_per_phase_now(settings: BoardSettings) -> Json:
    watts = settings.watts_per_ampere / settings.phases
    return bar_gauge(
        Text("Import per phase now, of the fuse", "Uttag per fas nu, av säkringen"),
        describe(
            Text(
                f"Import of each phase in the newest telegram as a part of what it may carry ({watts:.0f} W per "
                "ampere of the fuse). Bars of different length: the load is uneven.",
                f"Uttag i varje fas i det nyaste telegrammet som andel av vad den får bära ({watts:.0f} W per "
                "ampere säkring). Olika långa staplar: lasten är ojämn.",
            ),
            "1-0:21.7.0",
            "1-0:41.7.0",
            "1-0:61.7.0",
        ),
        [
            target(
                select(f'last("value") / ({watts:.4g} * $fuse)', phase_power("import"), NOW, by("meter", "phase")),
                "$tag_meter $tag_phase",
            )
        ],
        unit="percentunit",
        decimals=0,
        no_value=_NO_PHASES,
        steps=OF_LIMIT,
        min=0,
        max=1.25,
        size=(24, 6),
    )


def _draw_per_phase() -> Json:
    fine = f"{FINE} AND {IN_RANGE}"
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
        both_ways(lambda way: select('mean("value")', phase_power(way), fine, drawn("meter", "phase")), " $tag_phase"),
        unit="watt",
        stacked=True,
        fill=60,
        points=A_WEEK,
        no_value=Text(f"{_NO_PHASES.en}, or more than a week chosen", f"{_NO_PHASES.sv}, eller mer än en vecka vald"),
        overrides=[*BY_PHASE, BELOW],
    )


def _draw_all_meters_together() -> Json:
    return series(
        Text("All meters together", "Alla mätare tillsammans"),
        describe(
            Text(
                "Import less export of the meters chosen above, added up. While one of them is silent, its part is "
                "missing.",
                "Uttag minus inmatning för de valda mätarna, summerat. Medan en av dem är tyst saknas dess del.",
            ),
            "1-0:1.7.0",
            "1-0:2.7.0",
        ),
        [
            target(
                select('sum("m")', net_means(IN_RANGE), "WHERE $timeFilter", drawn()),
                Text("together", "tillsammans"),
            )
        ],
        unit="watt",
        fill=25,
        points=A_WEEK,
        overrides=[coloured("/./", BLUE)],
    )


def _draw_reactive_power() -> Json:
    fine = f"{FINE} AND {IN_RANGE}"
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
        both_ways(lambda way: select('mean("value")', total("reactive_power", way), fine, drawn("meter"))),
        unit="suffix: var",
        points=A_WEEK,
        no_value=TOO_LONG,
        overrides=SIDES,
    )
