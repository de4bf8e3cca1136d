"""A board as Grafana's JSON: the positions of its panels, its variables and its links.

The form is Classic JSON, schema 42 at most, as Grafana does not read the newer form from a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count, groupby
from typing import Any, NamedTuple

from hanlogger.boards.panels import CHOSEN_SOURCE, COLUMNS, METER_NAME, SOURCE_UID, Json
from hanlogger.boards.settings import BoardSettings
from hanlogger.boards.text import translate
from hanlogger.language import Text

SCHEMA_VERSION = 41
TAG = "hanlogger"
FUSES = (16, 20, 25, 35, 50, 63)  # A; the usual main fuses
BUILDING_FUSES = (63, 80, 100, 125, 160, 200, 250, 315, 400, 630)  # A


class Board(NamedTuple):
    """One board. file: the name of its file. since, refresh: the time range and refresh interval when it is opened."""

    file: str
    title: Text
    description: Text
    since: str
    refresh: str
    panels: Sequence[Json]
    compares: bool = False  # whether a period before can be chosen
    of_building: bool = False  # whether a building's fuse can be chosen

    @property
    def uid(self) -> str:
        """The name by which links and rules know it."""
        return f"han-{self.file}"


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
        "links": list(_make_links(board.uid)),
        "templating": {"list": list(_make_variables(board, settings))},
        "panels": list(place_panels(board.panels)),
    }
    result: Json = translate(tree, settings.lang)
    return result


def place_panels(panels: Iterable[Json]) -> Iterator[Json]:
    """Yield each panel with its id and position, from left to right; one of a folded row within it, as if it were open.

    Panels are numbered as they stand on the board, those of folded rows too; rows come after all of them.
    """
    panels = list(panels)
    ids, rows = count(1), count(1 + sum(len(panel.get("panels", [0])) for panel in panels))
    y = 0
    for folded, some in groupby(panels, lambda panel: panel["type"] == "row"):
        if not folded:
            placed, y = _place_group(some, y, ids)
            yield from placed
            continue
        for one in some:
            inside, _ = _place_group(one["panels"], y + 1, ids)
            yield {"id": next(rows), **one, "panels": inside, "gridPos": {"x": 0, "y": y, "w": COLUMNS, "h": 1}}
            y += 1


def list_panels(board: Board) -> list[Json]:
    """Return the panels of a board in the order of their ids, those of folded rows among them."""
    return [one for panel in board.panels for one in panel.get("panels", [panel])]


def _place_group(panels: Iterable[Json], y: int, ids: Iterator[int]) -> tuple[list[Json], int]:
    """Return panels at their places from line `y` on, and the first line below them."""
    placed = []
    x = height = 0
    for panel in panels:
        wide, high = panel["size"]
        if x + wide > COLUMNS:
            x, y, height = 0, y + height, 0
        rest = {key: value for key, value in panel.items() if key != "size"}
        placed.append({"id": next(ids), **rest, "gridPos": {"x": x, "y": y, "w": wide, "h": high}})
        x, height = x + wide, max(height, high)
    return placed, y + height


PERIODS = (
    (Text("a day before", "dygnet före"), "1d"),
    (Text("a week before", "veckan före"), "1w"),
    (Text("a month before", "månaden före"), "1M"),
    (Text("a year before", "året före"), "1y"),
)


def _make_variables(board: Board, settings: BoardSettings) -> Iterator[Json]:
    yield _make_source()
    yield _make_meter()
    yield _make_fuse("fuse", Text("Main fuse (A)", "Huvudsäkring (A)"), FUSES, settings.fuse)
    if board.of_building:
        yield _make_fuse(
            "building", Text("Building's fuse (A)", "Husets säkring (A)"), BUILDING_FUSES, settings.building
        )
    if board.compares:
        yield _make_custom("period", Text("Compared with", "Jämfört med"), PERIODS, "1y")


def _make_source() -> Json:
    """Return the variable by which one Grafana shows several buckets: sources with hanlogger in their names."""
    return {
        "name": "source",
        "label": Text("Database", "Databas"),
        "type": "datasource",
        "query": "influxdb",
        "regex": "/hanlogger/i",
        "refresh": 1,
        "multi": False,
        "includeAll": False,
        "current": {"text": "hanlogger", "value": SOURCE_UID},
        "hide": 0,
    }


def _make_meter() -> Json:
    query = 'SHOW TAG VALUES FROM "active_power" WITH KEY = "meter"'
    return {
        "name": "meter",
        "label": METER_NAME,
        "type": "query",
        "datasource": CHOSEN_SOURCE,
        "query": query,
        "definition": query,
        "refresh": 1,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "current": {"text": ["All"], "value": ["$__all"]},
        "hide": 0,
    }


def _make_fuse(name: str, label: Text, usual: Iterable[float], chosen: float) -> Json:
    """Return the variable of a fuse, in A: the usual ones, and the one that is set."""
    return _make_custom(
        name, label, [(f"{ampere:g}", f"{ampere:g}") for ampere in sorted({*usual, chosen})], f"{chosen:g}"
    )


def _make_custom(name: str, label: Text, choices: Sequence[tuple[Text | str, str]], chosen: str) -> Json:
    texts = {value: text for text, value in choices}
    return {
        "name": name,
        "label": label,
        "type": "custom",
        "query": _join_choices(choices),
        "options": [{"text": text, "value": value, "selected": value == chosen} for text, value in choices],
        "current": {"text": texts[chosen], "value": chosen},
        "multi": False,
        "includeAll": False,
        "hide": 0,
    }


def _join_choices(choices: Sequence[tuple[Text | str, str]]) -> Text:
    """Return the choices in Grafana's form, `text : value` each where the two differ."""
    joined = ["", ""]
    for at, language in enumerate(("en", "sv")):
        named = [(text if isinstance(text, str) else getattr(text, language), value) for text, value in choices]
        joined[at] = ",".join(value if text == value else f"{text} : {value}" for text, value in named)
    return Text(*joined)


RANGES = (
    (Text("Today", "I dag"), "from=now%2Fd&to=now"),
    (Text("Yesterday", "I går"), "from=now-1d%2Fd&to=now-1d%2Fd"),
    (Text("This month", "Denna månad"), "from=now%2FM&to=now"),
)


def _make_links(uid: str) -> Iterator[Json]:
    """Yield the links to the other boards, which keep meter and fuse, and to the usual time ranges of this board."""
    kept: dict[str, Any] = {"includeVars": True, "keepTime": False, "targetBlank": False, "tooltip": ""}
    title = Text("Boards", "Tavlor")
    yield {"type": "dashboards", "title": title, "tags": [TAG], "asDropdown": True, "icon": "", "url": "", **kept}
    for title, query in RANGES:
        url = f"/d/{uid}?{query}"
        yield {"type": "link", "title": title, "tags": [], "asDropdown": False, "icon": "clock", "url": url, **kept}
