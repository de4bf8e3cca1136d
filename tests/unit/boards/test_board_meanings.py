"""What each panel shows, written down by hand: its kind, its unit, where it changes colour, over how long.

What its query answers is asked on a real InfluxDB in integration/test_queries.py.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from hanlogger.boards.provisioning import board_files
from hanlogger.boards.settings import BoardSettings


class Shown(NamedTuple):
    """A panel; `steps` are colours with the values from which on they hold."""

    kind: str
    unit: str
    steps: str
    since: str | None = None  # a range of its own
    least: float | None = None  # of its axis
    most: float | None = None
    step: str | None = None  # the shortest of the picture
    points: int | None = None
    stacked: bool = False


PANELS = {
    ("live", "Now"): Shown("stat", "watt", "green 0 blue 3000 yellow 7000 orange 11000 red"),
    ("live", "Of the main fuse"): Shown("gauge", "percentunit", "green 0.7 yellow 0.9 red", least=0, most=1),
    ("live", "Import today"): Shown("stat", "watth", "orange", since="now/d"),
    ("live", "Base load, 24 h"): Shown("stat", "watt", "blue", since="24h"),
    ("live", "Import above, export below"): Shown("timeseries", "watt", "green"),
    ("live", "Per phase"): Shown("timeseries", "watt", "green", stacked=True),
    ("live", "Import per phase now"): Shown("bargauge", "watt", "green 2000 yellow 3500 orange 4500 red", least=0),
    ("live", "Lowest, mean, highest"): Shown("timeseries", "watt", "green", step="1m"),
    ("live", "All meters together"): Shown("timeseries", "watt", "green"),
    ("live", "Reactive power"): Shown("timeseries", "suffix: var", "green"),
    ("voltage", "Voltage now"): Shown("stat", "volt", "red 207 green 253 red"),
    ("voltage", "Time inside 207–253 V, 7 days"): Shown("stat", "percentunit", "red 0.95 yellow 1 green", since="7d"),
    ("voltage", "10-minute means"): Shown("timeseries", "volt", "green 207 red 253 red"),
    ("voltage", "Sag, normal, swell"): Shown("state-timeline", "volt", "green"),
    ("voltage", "As read"): Shown("timeseries", "volt", "green"),
    ("voltage", "Between the phases"): Shown("timeseries", "suffix: V", "green", least=0),
    ("voltage", "Distribution"): Shown("histogram", "volt", "green", step="1m", points=1500),
    ("current", "Of the fuse"): Shown("bargauge", "percentunit", "green 0.8 yellow 1 red", least=0, most=1.25),
    ("current", "Current now"): Shown("stat", "amp", "blue"),
    ("current", "Current and fuse"): Shown("timeseries", "amp", "green"),
    ("current", "Headroom"): Shown("stat", "amp", "red 0 yellow 2 green", step="1m", points=1500),
    ("current", "Minutes above 80 % today"): Shown("stat", "suffix: min", "green 1 yellow 30 red", since="now/d"),
    ("current", "Highest phase of the fuse"): Shown("timeseries", "percentunit", "green 0.8 yellow 1 red", least=0),
    ("current", "Highest phase over the mean"): Shown("timeseries", "none", "green 2 yellow", least=1),
    ("energy", "Today"): Shown("stat", "watth", "blue", since="now/d"),
    ("energy", "Yesterday"): Shown("stat", "watth", "blue", since="now-1d/d"),
    ("energy", "This month"): Shown("stat", "watth", "blue", since="now/M"),
    ("energy", "Per hour"): Shown("timeseries", "watth", "green", since="48h", stacked=True),
    ("energy", "Days"): Shown("timeseries", "watth", "green", stacked=True),
    ("energy", "Per month"): Shown("barchart", "watth", "green", since="now-12M/M"),
    ("energy", "Top hours"): Shown("table", "watth", "orange"),
    ("energy", "Counter"): Shown("timeseries", "watth", "green"),
    ("energy", "All meters per day"): Shown("timeseries", "watth", "green", stacked=True),
    ("health", "Since the last telegram"): Shown("stat", "s", "green 60 yellow 300 red"),
    ("health", "Telegrams per minute"): Shown("timeseries", "none", "green", least=0, step="1m"),
    ("health", "Coverage per hour"): Shown("status-history", "percentunit", "red 0.5 yellow 0.98 green"),
    ("health", "Gaps, 7 days"): Shown("table", "dthms", "yellow 3600 red", since="7d"),
    ("health", "Damaged and undecoded per hour"): Shown("timeseries", "none", "green", least=0, stacked=True),
    ("health", "Refused and retried per hour"): Shown("timeseries", "none", "green", least=0, stacked=True),
    ("health", "Waiting for the database"): Shown("timeseries", "none", "green", least=0, step="1m"),
    ("health", "Meter clock less host clock"): Shown("timeseries", "s", "red -120 green 120 red"),
    ("health", "Logger's memory and journal"): Shown("timeseries", "bytes", "green", least=0, step="1m"),
    ("health", "Identity"): Shown("table", "string", "green"),
}  # fmt: skip

RANGES = {
    "live": ("now-6h", "10s"),
    "voltage": ("now-24h", "1m"),
    "current": ("now-6h", "30s"),
    "energy": ("now/M", "5m"),
    "health": ("now-24h", "1m"),
}
"""Of each board, from when on and how often it is asked anew."""

BOARDS: dict[str, Any] = {path.stem: json.loads(text) for path, text in board_files(BoardSettings()).items()}


def shown(panel: dict[str, Any]) -> Shown:
    look = panel["fieldConfig"]["defaults"]
    steps = [f"{step['value']} {step['color']}".removeprefix("None ") for step in look["thresholds"]["steps"]]
    return Shown(
        panel["type"],
        look["unit"],
        " ".join(steps),
        panel.get("timeFrom"),
        look.get("min"),
        look.get("max"),
        panel.get("interval"),
        panel.get("maxDataPoints"),
        look.get("custom", {}).get("stacking", {}).get("mode") == "normal",
    )


def test_every_panel_has_its_meaning_written_down() -> None:
    assert list(PANELS) == [(name, panel["title"]) for name, board in BOARDS.items() for panel in board["panels"]]


@pytest.mark.parametrize(("board", "title"), PANELS)
def test_a_panel_shows_what_it_means(board: str, title: str) -> None:
    (panel,) = [panel for panel in BOARDS[board]["panels"] if panel["title"] == title]
    assert shown(panel) == PANELS[board, title]


@pytest.mark.parametrize("board", RANGES)
def test_a_board_begins_where_its_question_does_and_is_asked_anew(board: str) -> None:
    since, refresh = RANGES[board]
    assert BOARDS[board]["time"] == {"from": since, "to": "now"}
    assert BOARDS[board]["refresh"] == refresh


@pytest.mark.parametrize("board", RANGES)
def test_phases_have_the_colours_of_their_wires(board: str) -> None:
    wires = {"/L1$/": "#A0683C", "/L2$/": "#8E9297", "/L3$/": "#3D7EDB"}  # brown, grey, blue
    for panel in BOARDS[board]["panels"]:
        found = {
            override["matcher"]["options"]: override["properties"][0]["value"]["fixedColor"]
            for override in panel["fieldConfig"]["overrides"]
            if override["matcher"]["options"] in wires
        }
        assert found in ({}, wires)
