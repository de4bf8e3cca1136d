"""Grafana's panels in Classic JSON, as small as they can be said: one function a kind.

Every panel has a title, a description with its OBIS codes, a unit, a text for no data, and thresholds where they mean
something. Where data is missing nothing is drawn: null values stay null, and a line bridges a minute at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hanlogger.boards.text import Text

Json = dict[str, Any]
Steps = Sequence[tuple[float | None, str]]

SOURCE = {"type": "influxdb", "uid": "hanlogger-influxql"}
MATH = {"type": "__expr__", "uid": "__expr__"}

IMPORT, EXPORT = "orange", "green"
PHASE_COLOURS = {"L1": "#A0683C", "L2": "#8E9297", "L3": "#3D7EDB"}  # brown, grey, blue, as the wires
RED, YELLOW, GREEN, BLUE = "red", "yellow", "green", "blue"
NOTHING = Text("no data", "inga data")

A_DAY_OF_MINUTES = 1500  # steps: one a minute up to a day, never more than InfluxDB may be asked for
BRIDGED = 65_000  # ms without a value over which a line is still drawn: some meters send once a minute


def target(query: str, alias: Text | str = "$tag_meter", *, ref: str = "A", hide: bool = False) -> Json:
    """One statement; `alias` may name only tags that the query groups by."""
    return {
        "refId": ref,
        "datasource": SOURCE,
        "rawQuery": True,
        "query": query,
        "resultFormat": "time_series",
        "alias": alias,
        **({"hide": True} if hide else {}),
    }


def rows(query: str, *, ref: str = "A") -> Json:
    """One statement as a table; it groups by one tag at most, else the order of the columns changes."""
    return {"refId": ref, "datasource": SOURCE, "rawQuery": True, "query": query, "resultFormat": "table"}


def math(expression: str, *, ref: str = "C") -> Json:
    """A calculation on the other targets of the panel, joined by their tags."""
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
    told: bool = False,
    least: str | None = None,
    points: int | None = None,
    no_value: Text | str = NOTHING,
    overrides: Sequence[Json] = (),
    transformations: Sequence[Json] = (),
    **defaults: Any,
) -> Json:
    """A panel without its id and place.

    `size` is (width of 24, height); `since` a range of its own, `told` if the title says it; `least` the
    shortest step of the picture and `points` how many of them there are at most; `defaults` go to the fields.
    """
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": SOURCE,
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
        **({"hideTimeOverride": True} if told else {}),
        **({"interval": least} if least else {}),
        **({"maxDataPoints": points} if points else {}),
        **({"transformations": list(transformations)} if transformations else {}),
    }


def thresholds(steps: Steps) -> Json:
    """From which value on which colour; None is from the lowest on."""
    return {"mode": "absolute", "steps": [{"value": value, "color": colour} for value, colour in steps]}


def coloured(pattern: str, colour: str) -> Json:
    """An override: series whose name matches `pattern` in `colour`."""
    return override("byRegexp", pattern, color={"mode": "fixed", "fixedColor": colour})


def shaded(colour: str, ref: str | None = None) -> Json:
    """An override: the series of one target, or all, in `colour`, each meter in a shade of its own."""
    look = {"mode": "shades", "fixedColor": colour}
    return override("byFrameRefID", ref, color=look) if ref else override("byRegexp", "/./", color=look)


def override(matcher: str, what: str, **properties: Any) -> Json:
    """An override of field properties; `custom__width=…` stands for `custom.width`."""
    return {
        "matcher": {"id": matcher, "options": what},
        "properties": [{"id": key.replace("__", "."), "value": value} for key, value in properties.items()],
    }


BY_PHASE = [coloured(f"/{phase}$/", colour) for phase, colour in PHASE_COLOURS.items()]
"""L1, L2, L3 in the colours of their wires; the alias ends in the phase."""

SIDES = [shaded(IMPORT, "A"), shaded(EXPORT, "B")]
"""Import is target A and export is B."""
TAKEN = Text("$tag_meter import", "$tag_meter uttag")
GIVEN = Text("$tag_meter export", "$tag_meter inmatning")
