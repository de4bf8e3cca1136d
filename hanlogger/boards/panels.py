"""The common parts of Grafana's panels in Classic JSON: queries, fields, thresholds and overrides.

Every panel has a title, a description with its OBIS codes, a unit, a text for missing data, and thresholds where they
are meaningful. Nothing is drawn where data is missing: null values stay null, and a line bridges a minute at most.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hanlogger.boards.fragments import Direction
from hanlogger.language import Text

Json = dict[str, Any]
Steps = Sequence[tuple[float | None, str]]

SOURCE_UID = "hanlogger-influxql"
SOURCE = {"type": "influxdb", "uid": SOURCE_UID}
CHOSEN_SOURCE = {"type": "influxdb", "uid": "${source}"}  # a variable of each board; rules cannot have one
MATH = {"type": "__expr__", "uid": "__expr__"}

IMPORT, EXPORT = "orange", "green"
PHASE_COLOURS = {"L1": "#A0683C", "L2": "#8E9297", "L3": "#3D7EDB"}  # brown, grey, blue, as the wires
RED, YELLOW, GREEN, BLUE = "red", "yellow", "green", "blue"
OF_LIMIT = ((None, GREEN), (0.8, YELLOW), (1, RED))  # steps of a part of a fuse or a limit
COLUMNS = 24
NOTHING = Text("no data", "inga data")
METER_NAME = Text("Meter", "Mätare")
NOT_HEARD = Text("no telegram for 5 minutes", "inget telegram på 5 minuter")  # since fragments.NOW
NOT_FOR_A_WEEK = Text("no telegram for a week", "inget telegram på en vecka")  # since fragments.LATELY

A_DAY_OF_MINUTES = 1500  # steps at most: one a minute for a day, and no more than InfluxDB can answer
TOO_LONG = Text("no data, or more than a week chosen", "inga data, eller mer än en vecka vald")
BRIDGED = 65_000  # ms without a value over which a line is still drawn, as some meters send once a minute


def target(query: str, alias: Text | str = "$tag_meter", *, ref: str = "A", hide: bool = False) -> Json:
    """Return a query of time series. alias: their name, in which only tags that the query groups by may occur."""
    return {
        "refId": ref,
        "datasource": CHOSEN_SOURCE,
        "rawQuery": True,
        "query": query,
        "resultFormat": "time_series",
        "alias": alias,
        **({"hide": True} if hide else {}),
    }


IMPORT_NAME = Text("$tag_meter import", "$tag_meter uttag")
EXPORT_NAME = Text("$tag_meter export", "$tag_meter inmatning")


def both_ways(query: Callable[[Direction], str], suffix: str = "") -> list[Json]:
    """Return a query A of the import and B of the export, each named for its meter. suffix: of their names."""
    return [
        target(query("import"), Text(IMPORT_NAME.en + suffix, IMPORT_NAME.sv + suffix)),
        target(query("export"), Text(EXPORT_NAME.en + suffix, EXPORT_NAME.sv + suffix), ref="B"),
    ]


def rows(query: str, *, ref: str = "A") -> Json:
    """Return a query of a table. It must group by one tag at most, or the order of the columns changes."""
    return {
        "refId": ref,
        "datasource": CHOSEN_SOURCE,
        "rawQuery": True,
        "query": query,
        "resultFormat": "table",
    }


def math(expression: str, *, ref: str = "C") -> Json:
    """Return a calculation with the other queries of the panel, which are joined by their tags."""
    return {"refId": ref, "datasource": MATH, "type": "math", "expression": expression}


def panel(
    kind: str,
    title: Text,
    description: Text,
    targets: Sequence[Json],
    *,
    unit: str,
    size: tuple[int, int],
    options: Json,
    custom: Json | None = None,
    steps: Steps = ((None, GREEN),),
    since: str | None = None,
    shift: str | None = None,
    range_in_title: bool = False,
    least: str | None = None,
    points: int | None = None,
    no_value: Text | str = NOTHING,
    overrides: Sequence[Json] = (),
    transformations: Sequence[Json] = (),
    **defaults: Any,
) -> Json:
    """Return a panel without its id and position.

    size: (width in columns of 24, height). since: a time range of its own, which Grafana shows beside the title unless
    range_in_title is set. shift: how long before its range the panel looks. least: the shortest step of the graph.
    points: the most steps. defaults: of the fields.
    """
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": CHOSEN_SOURCE,
        "size": size,
        "fieldConfig": {
            "defaults": {
                "unit": unit,
                "noValue": no_value,
                "color": {"mode": "thresholds"},
                "thresholds": thresholds(steps),
                **({"custom": custom} if custom is not None else {}),
                **defaults,
            },
            "overrides": list(overrides),
        },
        "options": options,
        "targets": list(targets),
        **({"timeFrom": since} if since else {}),
        **({"timeShift": shift} if shift else {}),
        **({"hideTimeOverride": True} if range_in_title else {}),
        **({"interval": least} if least else {}),
        **({"maxDataPoints": points} if points else {}),
        **({"transformations": list(transformations)} if transformations else {}),
    }


def row(title: Text, *panels: Json) -> Json:
    """Return a row that is folded until it is clicked; its panels ask nothing before."""
    return {"type": "row", "title": title, "collapsed": True, "panels": list(panels)}


def sized(one: Json, width: int, height: int) -> Json:
    """Return the panel in another size, for a board on which it stands among others."""
    return {**one, "size": (width, height)}


def thresholds(steps: Steps) -> Json:
    """Return thresholds. steps: (value from which on, colour); None stands for the lowest value."""
    return {"mode": "absolute", "steps": [{"value": value, "color": colour} for value, colour in steps]}


def coloured(pattern: str, colour: str) -> Json:
    """Return an override that draws series whose name matches `pattern` in `colour`."""
    return override("byRegexp", pattern, color={"mode": "fixed", "fixedColor": colour})


def shaded(colour: str, ref: str | None = None) -> Json:
    """Return an override that draws the series of one query, or all, in shades of `colour`, one for each meter."""
    look = {"mode": "shades", "fixedColor": colour}
    return override("byFrameRefID", ref, color=look) if ref else override("byRegexp", "/./", color=look)


def override(matcher: str, what: str, **properties: Any) -> Json:
    """Return an override of field properties; `custom__width=…` stands for `custom.width`."""
    return {
        "matcher": {"id": matcher, "options": what},
        "properties": [{"id": key.replace("__", "."), "value": value} for key, value in properties.items()],
    }


BY_PHASE = [coloured(f"/{phase}$/", colour) for phase, colour in PHASE_COLOURS.items()]
"""Overrides that draw L1, L2 and L3 in the colours of their wires, for series whose alias ends in the phase."""

SIDES = [shaded(IMPORT, "A"), shaded(EXPORT, "B")]
"""Overrides for panels whose query A is the import and B the export."""
BELOW = override("byFrameRefID", "B", custom__transform="negative-Y")
"""An override that draws the values of query B below zero and leaves their numbers in the legend as they are."""
GAP_COLOUR = "#808080"
