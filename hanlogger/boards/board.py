"""A board as Grafana's JSON: the positions of its panels, its variables and its links.

The form is Classic JSON, schema 42 at most, as Grafana does not read the newer form from a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from hanlogger.boards.panels import SOURCE, Json
from hanlogger.boards.settings import BoardSettings
from hanlogger.boards.text import Text, translate

SCHEMA_VERSION = 41
TAG = "hanlogger"
COLUMNS = 24
FUSES = (16, 20, 25, 35, 50, 63)  # A; the usual main fuses


class Board(NamedTuple):
    """One board. file: the name of its file. since, refresh: the time range and refresh interval when it is opened."""

    uid: str
    file: str
    title: Text
    description: Text
    since: str
    refresh: str
    panels: Sequence[Json]


def render_board(board: Board, settings: BoardSettings) -> Json:
    """Return the JSON of a board in the language of the settings."""
    tree = {
        "uid": board.uid,
        "title": board.title,
        "description": board.description,
        "tags": [TAG],
        "timezone": settings.zone,
        "weekStart": "monday",
        "editable": False,
        "graphTooltip": 1,
        "fiscalYearStartMonth": 0,
        "liveNow": False,
        "refresh": board.refresh,
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "time": {"from": board.since, "to": "now"},
        "timepicker": {"refresh_intervals": ["10s", "30s", "1m", "5m", "15m"]},
        "annotations": {"list": []},
        "links": list(_links(board.uid)),
        "templating": {"list": list(_variables(settings))},
        "panels": list(place_panels(board.panels)),
    }
    result: Json = translate(tree, settings.lang)
    return result


def place_panels(panels: Iterable[Json]) -> Iterator[Json]:
    """Yield each panel with its id and position, in rows from left to right."""
    x = y = row = 0
    for number, panel in enumerate(panels, start=1):
        width, height = panel["size"]
        if x + width > COLUMNS:
            x, y, row = 0, y + row, 0
        rest = {key: value for key, value in panel.items() if key != "size"}
        yield {"id": number, **rest, "gridPos": {"x": x, "y": y, "w": width, "h": height}}
        x, row = x + width, max(row, height)


def _variables(settings: BoardSettings) -> Iterator[Json]:
    yield {
        "name": "meter",
        "label": Text("Meter", "Mätare"),
        "type": "query",
        "datasource": SOURCE,
        "query": 'SHOW TAG VALUES FROM "active_power" WITH KEY = "meter"',
        "definition": 'SHOW TAG VALUES FROM "active_power" WITH KEY = "meter"',
        "refresh": 1,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "current": {"text": ["All"], "value": ["$__all"]},
        "hide": 0,
    }
    yield _custom("fuse", Text("Main fuse (A)", "Huvudsäkring (A)"), sorted({*FUSES, settings.fuse}), settings.fuse)
    yield {
        **_custom(
            "period", Text("Seconds between telegrams", "Sekunder mellan telegram"), [settings.period], settings.period
        ),
        "hide": 2,
    }


def _custom(name: str, label: Text, choices: Sequence[float], chosen: float) -> Json:
    texts = [f"{choice:g}" for choice in choices]
    return {
        "name": name,
        "label": label,
        "type": "custom",
        "query": ",".join(texts),
        "options": [{"text": text, "value": text, "selected": text == f"{chosen:g}"} for text in texts],
        "current": {"text": f"{chosen:g}", "value": f"{chosen:g}"},
        "multi": False,
        "includeAll": False,
        "hide": 0,
    }


RANGES = (
    (Text("Today", "I dag"), "from=now%2Fd&to=now"),
    (Text("Yesterday", "I går"), "from=now-1d%2Fd&to=now-1d%2Fd"),
    (Text("This month", "Denna månad"), "from=now%2FM&to=now"),
)


def _links(uid: str) -> Iterator[Json]:
    """Yield the links to the other boards, which keep meter and fuse, and to the usual time ranges of this board."""
    kept: dict[str, Any] = {"includeVars": True, "keepTime": False, "targetBlank": False, "tooltip": ""}
    title = Text("Boards", "Tavlor")
    yield {"type": "dashboards", "title": title, "tags": [TAG], "asDropdown": True, "icon": "", "url": "", **kept}
    for title, query in RANGES:
        url = f"/d/{uid}?{query}"
        yield {"type": "link", "title": title, "tags": [], "asDropdown": False, "icon": "clock", "url": url, **kept}
