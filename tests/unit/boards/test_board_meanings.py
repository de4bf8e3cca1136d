"""What each panel shows, written down by hand: its kind, its unit, where it changes colour, over how long.

What its query answers is asked on a real InfluxDB in integration/test_queries.py.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from hanlogger.boards.provisioning import make_board_files
from hanlogger.boards.settings import BoardSettings


class Shown(NamedTuple):
    """A panel; `steps` are colours with the values from which on they hold."""

    kind: str
    unit: str
    steps: str
    since: str | None = None  # a range of its own
    before: str | None = None  # how long before it
    least: float | None = None  # of its axis
    most: float | None = None
    step: str | None = None  # the shortest of the picture
    points: int | None = None
    stacked: bool = False


PANELS = {
    ("live", "Now"): Shown("stat", "watt", "green 0 blue 3000 yellow 7000 orange 11000 red"),
    ("live", "Of the main fuse"): Shown("gauge", "percentunit", "green 0.7 yellow 0.9 red", least=0, most=1),
    ("live", "Import today"): Shown("stat", "suffix: kWh", "green", since="now/d"),
    ("live", "Export today"): Shown("stat", "suffix: kWh", "green", since="now/d"),
    ("live", "Import yesterday at this time"): Shown("stat", "suffix: kWh", "green", since="now/d", before="1d"),
    ("live", "Import this month so far"): Shown("stat", "suffix: kWh", "green", since="now/M"),
    ("live", "Base load, 24 h"): Shown("stat", "watt", "blue", since="24h"),
    ("live", "Since the last telegram"): Shown("stat", "s", "green 60 yellow 300 red"),
    ("live", "Import above, export below"): Shown("timeseries", "watt", "green", points=672),
    ("live", "Import per phase now, of the fuse"):
        Shown("bargauge", "percentunit", "green 0.8 yellow 1 red", least=0, most=1.25),
    ("live", "Per phase"): Shown("timeseries", "watt", "green", points=672, stacked=True),
    ("live", "All meters together"): Shown("timeseries", "watt", "green", points=672),
    ("live", "Reactive power"): Shown("timeseries", "suffix: var", "green", points=672),
    ("voltage", "Voltage now"): Shown("stat", "volt", "red 207 green 253 red"),
    ("voltage", "Time inside 207–253 V, 7 days"): Shown("stat", "percentunit", "red 0.95 yellow 1 green", since="7d"),
    ("voltage", "10-minute means"): Shown("timeseries", "volt", "green 207 red 253 red", step="10m", points=1008),
    ("voltage", "Sag, normal, swell"): Shown("state-timeline", "volt", "green", step="10m", points=1008),
    ("voltage", "Power failures, sags and swells"): Shown("table", "none", "yellow"),
    ("voltage", "As read"): Shown("timeseries", "volt", "green", points=672),
    ("voltage", "Between the phases"): Shown("timeseries", "suffix: V", "green", least=0, step="10m", points=1008),
    ("voltage", "Distribution"): Shown("histogram", "volt", "green", step="1m", points=1500),
    ("current", "Of the fuse"): Shown("bargauge", "percentunit", "green 0.8 yellow 1 red", least=0, most=1.25),
    ("current", "Current now"): Shown("stat", "amp", "blue"),
    ("current", "Current and fuse"): Shown("timeseries", "amp", "green", points=672),
    ("current", "Headroom"): Shown("stat", "amp", "red 0 yellow 2 green", step="1m", points=1500),
    ("current", "Minutes above 80 % today"): Shown("stat", "suffix: min", "green 1 yellow 30 red", since="now/d"),
    ("current", "Highest phase of the fuse"):
        Shown("timeseries", "percentunit", "green 0.8 yellow 1 red", least=0, step="5m", points=672),
    ("current", "Highest phase over the mean"):
        Shown("timeseries", "none", "green 2 yellow", least=1, step="5m", points=672),
    ("energy", "Today"): Shown("stat", "suffix: kWh", "green", since="now/d"),
    ("energy", "This month so far"): Shown("stat", "suffix: kWh", "green", since="now/M"),
    ("energy", "This year so far"): Shown("stat", "suffix: kWh", "green", since="now/y"),
    ("energy", "Yesterday at this time"): Shown("stat", "suffix: kWh", "green", since="now/d", before="1d"),
    ("energy", "The month before at this time"): Shown("stat", "suffix: kWh", "green", since="now/M", before="1M"),
    ("energy", "The year before at this time"): Shown("stat", "suffix: kWh", "green", since="now/y", before="1y"),
    ("energy", "Of the month's limit"): Shown(
        "gauge", "percentunit", "green 0.8 yellow 1 red", since="now/M", least=0, most=1.25
    ),
    ("energy", "Per hour, 2 days"): Shown("timeseries", "suffix: kWh", "green", since="now-1d/d", stacked=True),
    ("energy", "Days"): Shown("timeseries", "suffix: kWh", "green", stacked=True),
    ("energy", "Per month"): Shown("barchart", "suffix: kWh", "green", since="now-12M/M"),
    ("energy", "Chosen range"): Shown("stat", "suffix: kWh", "green"),
    ("energy", "The same, $period earlier"): Shown("stat", "suffix: kWh", "green", before="$period"),
    ("energy", "Chosen range: days"): Shown("timeseries", "suffix: kWh", "green", stacked=True),
    ("energy", "The same, $period earlier: days"):
        Shown("timeseries", "suffix: kWh", "green", before="$period", stacked=True),
    ("energy", "By hour"): Shown("barchart", "suffix: kWh", "green"),
    ("energy", "By weekday"): Shown("barchart", "suffix: kWh", "green"),
    ("energy", "Top hours"): Shown("table", "suffix: kWh", "orange"),
    ("energy", "Highest hours ever"): Shown("table", "suffix: kWh", "orange", since="now-10y/y"),
    ("energy", "Highest days ever"): Shown("table", "suffix: kWh", "orange", since="now-10y/y"),
    ("energy", "Lowest days ever"): Shown("table", "suffix: kWh", "orange", since="now-10y/y"),
    ("energy", "By tariff"): Shown("stat", "suffix: kWh", "green"),
    ("energy", "Counter"): Shown("stat", "suffix: kWh", "green"),
    ("energy", "Energy over gaps"): Shown("table", "suffix: kWh", "yellow"),
    ("energy", "All meters per day"): Shown("timeseries", "suffix: kWh", "green", stacked=True),
    ("cost", "Energy today"): Shown("stat", "suffix: kr", "blue", since="now/d"),
    ("cost", "This month so far"): Shown("stat", "suffix: kr", "blue", since="now/M"),
    ("cost", "Lines with missing prices"): Shown("stat", "none", "blue 1 yellow", since="now/M"),
    ("cost", "This hour"): Shown("stat", "suffix: kW", "blue"),
    ("cost", "Raises the fee by"): Shown("stat", "suffix: kr", "blue 0.01 red"),
    ("cost", "By day and line"): Shown("timeseries", "suffix: kr", "green", stacked=True),
    ("cost", "Price against consumption by quarter, 2 days"):
        Shown("timeseries", "suffix: kWh", "green", since="now-1d/d", stacked=True),
    ("cost", "Running hour against its limit, 24 h"):
        Shown("timeseries", "suffix: kW", "green", since="24h", step="1m"),
    ("cost", "Peaks of the month"): Shown("table", "suffix: kW", "orange"),
    ("cost", "Month by line"): Shown("table", "suffix: kr", "blue"),
    ("health", "Since the last telegram"): Shown("stat", "s", "green 60 yellow 300 red"),
    ("health", "Missing, 7 days"): Shown("stat", "dthms", "green 1 yellow 3600 red", since="7d"),
    ("health", "Telegrams per minute"): Shown("timeseries", "none", "green", least=0, step="1m", points=672),
    ("health", "Coverage per hour, 2 days"):
        Shown("status-history", "percentunit", "red 0.5 yellow 0.98 green", since="48h"),
    ("health", "Gaps, 7 days"): Shown("table", "dthms", "yellow 3600 red", since="7d"),
    ("health", "Damaged and undecoded"):
        Shown("timeseries", "none", "green", least=0, step="1h", points=672, stacked=True),
    ("health", "Refused and retried"):
        Shown("timeseries", "none", "green", least=0, step="1h", points=672, stacked=True),
    ("health", "Waiting for the database"): Shown("timeseries", "none", "green", least=0, step="1m"),
    ("health", "Meter clock less host clock"): Shown("timeseries", "s", "red -120 green 120 red", points=672),
    ("health", "Logger's memory and journal"): Shown("timeseries", "bytes", "green", least=0, step="1m"),
    ("health", "Identity"): Shown("table", "string", "green"),
    ("phone", "Now"): Shown("stat", "watt", "green 0 blue 3000 yellow 7000 orange 11000 red"),
    ("phone", "Import today"): Shown("stat", "suffix: kWh", "green", since="now/d"),
    ("phone", "Export today"): Shown("stat", "suffix: kWh", "green", since="now/d"),
    ("phone", "Import yesterday at this time"): Shown("stat", "suffix: kWh", "green", since="now/d", before="1d"),
    ("phone", "Import this month so far"): Shown("stat", "suffix: kWh", "green", since="now/M"),
    ("phone", "Since the last telegram"): Shown("stat", "s", "green 60 yellow 300 red"),
    ("phone", "Import above, export below"): Shown("timeseries", "watt", "green", points=672),
    ("phone", "Days"): Shown("timeseries", "suffix: kWh", "green", since="now-6d/d", stacked=True),
    ("fleet", "Meters that send"): Shown("stat", "none", "blue"),
    ("fleet", "Silent meters"): Shown("stat", "none", "green 1 yellow 5 red"),
    ("fleet", "Of the building's fuse"):
        Shown("gauge", "percentunit", "green 0.8 yellow 1 red", least=0, most=1.25),
    ("fleet", "Highest share of the fuse"):
        Shown("stat", "percentunit", "green 0.8 yellow 1 red", step="1h", points=168),
    ("fleet", "All meters together, of the building's fuse"):
        Shown("timeseries", "percentunit", "green 0.8 yellow 1 red", step="1h", points=168),
    ("fleet", "Last telegrams, the oldest first"): Shown("table", "watt", "orange"),
    ("fleet", "Damaged telegrams"): Shown("table", "none", "orange"),
    ("fleet", "Most energy"): Shown("table", "suffix: kWh", "orange"),
    ("fleet", "Meters that were measured"): Shown("timeseries", "none", "green", least=0, step="1h", points=168),
}  # fmt: skip

RANGES = {
    "live": ("now-6h", "10s"),
    "voltage": ("now-24h", "1m"),
    "current": ("now-6h", "30s"),
    "energy": ("now/M", "5m"),
    "cost": ("now/M", "1m"),
    "health": ("now-24h", "1m"),
    "phone": ("now-24h", "30s"),
    "fleet": ("now-24h", "1m"),
}
"""Of each board, from when on and how often it is asked anew."""

BOARDS: dict[str, Any] = {path.stem: json.loads(text) for path, text in make_board_files(BoardSettings()).items()}


def panels_of(board: dict[str, Any]) -> list[dict[str, Any]]:
    """Its panels, those of folded rows too, by their ids."""
    return [one for panel in board["panels"] for one in panel.get("panels", [panel])]


def shown(panel: dict[str, Any]) -> Shown:
    look = panel["fieldConfig"]["defaults"]
    steps = [f"{step['value']} {step['color']}".removeprefix("None ") for step in look["thresholds"]["steps"]]
    return Shown(
        panel["type"],
        look["unit"],
        " ".join(steps),
        panel.get("timeFrom"),
        panel.get("timeShift"),
        look.get("min"),
        look.get("max"),
        panel.get("interval"),
        panel.get("maxDataPoints"),
        look.get("custom", {}).get("stacking", {}).get("mode") == "normal",
    )


def test_every_panel_has_its_meaning_written_down() -> None:
    assert list(PANELS) == [(name, panel["title"]) for name, board in BOARDS.items() for panel in panels_of(board)]


@pytest.mark.parametrize(("board", "title"), PANELS)
def test_a_panel_shows_what_it_means(board: str, title: str) -> None:
    (panel,) = [panel for panel in panels_of(BOARDS[board]) if panel["title"] == title]
    assert shown(panel) == PANELS[board, title]


@pytest.mark.parametrize("board", RANGES)
def test_a_board_begins_where_its_question_does_and_is_asked_anew(board: str) -> None:
    since, refresh = RANGES[board]
    assert BOARDS[board]["time"] == {"from": since, "to": "now"}
    assert BOARDS[board]["refresh"] == refresh


@pytest.mark.parametrize("board", RANGES)
def test_phases_have_the_colours_of_their_wires(board: str) -> None:
    wires = {"/L1$/": "#A0683C", "/L2$/": "#8E9297", "/L3$/": "#3D7EDB"}  # brown, grey, blue
    for panel in panels_of(BOARDS[board]):
        found = {
            override["matcher"]["options"]: override["properties"][0]["value"]["fixedColor"]
            for override in panel["fieldConfig"]["overrides"]
            if override["matcher"]["options"] in wires
        }
        assert found in ({}, wires)
