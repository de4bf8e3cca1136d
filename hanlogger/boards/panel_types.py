"""The types of panels that the boards use, with one function for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hanlogger.boards.panels import BRIDGED, Json, panel
from hanlogger.language import Text


def stat(
    title: Text,
    description: Text,
    targets: Sequence[Json],
    *,
    pick: str = "lastNotNull",
    fill: bool = False,
    **more: Any,
) -> Json:
    """Return a panel of big numbers, one for each series. fill: colour the tile instead of the number."""
    more.setdefault("size", (6, 5))
    options = {
        "reduceOptions": {"calcs": [pick], "fields": "", "values": False},
        "colorMode": "background_solid" if fill else "value",
        "graphMode": "none",
        "justifyMode": "auto",
        "orientation": "auto",
        "textMode": "auto",
        "wideLayout": True,
        "showPercentChange": False,
    }
    return panel("stat", title, description, targets, options=options, **more)


def gauge(title: Text, description: Text, targets: Sequence[Json], **more: Any) -> Json:
    """Return a panel with a dial for each series."""
    more.setdefault("size", (6, 5))
    options = {
        "reduceOptions": _last(),
        "orientation": "auto",
        "showThresholdLabels": False,
        "showThresholdMarkers": True,
        "minVizWidth": 75,
        "minVizHeight": 75,
        "sizing": "auto",
    }
    return panel("gauge", title, description, targets, options=options, **more)


def bar_gauge(title: Text, description: Text, targets: Sequence[Json], **more: Any) -> Json:
    """Return a panel with a horizontal bar for each series."""
    more.setdefault("size", (12, 8))
    options = {
        "reduceOptions": _last(),
        "orientation": "horizontal",
        "displayMode": "basic",
        "valueMode": "color",
        "namePlacement": "top",
        "showUnfilled": True,
        "sizing": "auto",
        "minVizWidth": 8,
        "minVizHeight": 16,
        "maxVizHeight": 300,
        "legend": {"showLegend": False, "displayMode": "list", "placement": "bottom", "calcs": []},
    }
    return panel("bargauge", title, description, targets, options=options, **more)


def series(
    title: Text,
    description: Text,
    targets: Sequence[Json],
    *,
    calcs: Sequence[str] = (),
    bridged: int | bool = BRIDGED,
    stacked: bool = False,
    fill: int = 10,
    lines_at_steps: str = "off",
    custom: Mapping[str, Any] | None = None,
    **more: Any,
) -> Json:
    """Return a panel of lines over time. calcs: shown in the legend. lines_at_steps: `line` draws the thresholds."""
    more.setdefault("size", (24, 9))
    more.setdefault("color", {"mode": "palette-classic"})
    drawn = {
        "drawStyle": "line",
        "lineInterpolation": "linear",
        "lineWidth": 1,
        "fillOpacity": fill,
        "showPoints": "auto",
        "pointSize": 4,
        "spanNulls": bridged,
        "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": lines_at_steps},
        "axisPlacement": "auto",
        "axisLabel": "",
        **(custom or {}),
    }
    options = {"legend": _legend(calcs), "tooltip": {"mode": "multi", "sort": "desc"}}
    return panel("timeseries", title, description, targets, options=options, custom=drawn, **more)


def bars(
    title: Text, description: Text, targets: Sequence[Json], *, calcs: Sequence[str] = ("sum",), **more: Any
) -> Json:
    """Return a panel of bars over time, each beginning at its time; those of several meters are stacked."""
    look = {
        "drawStyle": "bars",
        "lineWidth": 0,
        "barAlignment": 1,
        "barWidthFactor": 0.8,
        "axisSoftMin": 0,
        "showPoints": "never",
    }
    return series(title, description, targets, calcs=calcs, bridged=False, stacked=True, fill=80, custom=look, **more)


def histogram(title: Text, description: Text, targets: Sequence[Json], *, bucket: float, **more: Any) -> Json:
    """Return a panel that shows how often each value occurred."""
    more.setdefault("size", (12, 9))
    more.setdefault("color", {"mode": "palette-classic"})
    options = {
        "bucketSize": bucket,
        "combine": False,
        "legend": _legend(()),
        "tooltip": {"mode": "multi", "sort": "none"},
    }
    custom = {"lineWidth": 1, "fillOpacity": 40, "stacking": {"mode": "none", "group": "A"}}
    return panel("histogram", title, description, targets, options=options, custom=custom, **more)


def state_timeline(title: Text, description: Text, targets: Sequence[Json], **more: Any) -> Json:
    """Return a panel with a coloured band for each series, which is empty where there is no data."""
    more.setdefault("size", (24, 7))
    options = {
        "mergeValues": True,
        "showValue": "auto",
        "alignValue": "left",
        "rowHeight": 0.8,
        "legend": _legend(()),
        "tooltip": {"mode": "single", "sort": "none"},
    }
    custom = {"lineWidth": 0, "fillOpacity": 80, "spanNulls": False}
    return panel("state-timeline", title, description, targets, options=options, custom=custom, **more)


def status_history(title: Text, description: Text, targets: Sequence[Json], **more: Any) -> Json:
    """Return a panel with a coloured square for each bucket of each series."""
    more.setdefault("size", (24, 7))
    options = {
        "showValue": "never",
        "rowHeight": 0.8,
        "colWidth": 0.9,
        "legend": _legend(()),
        "tooltip": {"mode": "single", "sort": "none"},
    }
    return panel(
        "status-history",
        title,
        description,
        targets,
        options=options,
        custom={"lineWidth": 0, "fillOpacity": 80},
        **more,
    )


def table(
    title: Text,
    description: Text,
    targets: Sequence[Json],
    *,
    columns: Mapping[str, Text],
    sort: tuple[str, bool] | None = None,
    most: int | None = None,
    **more: Any,
) -> Json:
    """Return a panel with the result of the query as a table.

    columns: the heading of each field, in their order; the time is left out unless it is among them. sort: a field, and
    whether its greatest value is first. most: the rows that are shown.
    """
    more.setdefault("size", (12, 9))
    options = {"showHeader": True, "cellHeight": "sm"}
    custom = {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False, "filterable": False}
    arranged = list(_arrange(columns, sort, most))
    return panel("table", title, description, targets, options=options, custom=custom, transformations=arranged, **more)


def _arrange(columns: Mapping[str, Text], sort: tuple[str, bool] | None, most: int | None) -> Iterator[Json]:
    """Yield the transformations of a table; the first two know the fields by their own names."""
    if sort:
        field, descending = sort
        yield {"id": "sortBy", "options": {"sort": [{"field": field, "desc": descending}]}}
    if most:
        yield {"id": "limit", "options": {"limitField": most}}
    organized = {
        "excludeByName": {} if "Time" in columns else {"Time": True},
        "indexByName": {field: at for at, field in enumerate(columns)},
        "renameByName": dict(columns),
    }
    yield {"id": "organize", "options": organized}


def bar_chart(title: Text, description: Text, targets: Sequence[Json], *, x: str, **more: Any) -> Json:
    """Return a panel of bars side by side over the names in the field `x`."""
    more.setdefault("size", (24, 9))
    more.setdefault("color", {"mode": "palette-classic"})
    options = {
        "xField": x,
        "orientation": "auto",
        "xTickLabelRotation": 0,
        "xTickLabelSpacing": 0,
        "showValue": "auto",
        "text": {"valueSize": 14},
        "stacking": "none",
        "groupWidth": 0.7,
        "barWidth": 0.9,
        "barRadius": 0,
        "fullHighlight": False,
        "legend": _legend(()),
        "tooltip": {"mode": "multi", "sort": "none"},
    }
    custom = {"lineWidth": 0, "fillOpacity": 80, "axisPlacement": "auto", "axisLabel": ""}
    return panel("barchart", title, description, targets, options=options, custom=custom, **more)


def _last() -> Json:
    return {"calcs": ["lastNotNull"], "fields": "", "values": False}


def _legend(calcs: Sequence[str]) -> Json:
    """Return a legend below the graph, where a phone has room for it."""
    return {
        "showLegend": True,
        "displayMode": "table" if calcs else "list",
        "placement": "bottom",
        "calcs": list(calcs),
    }
