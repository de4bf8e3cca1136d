"""The boards as files: whole, unique, and in the form that Grafana takes from a file."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hanlogger.boards.fault_rules import FAULTS
from hanlogger.boards.provisioning import make_board_files
from hanlogger.boards.settings import BoardSettings
from hanlogger.errors import ConfigError
from hanlogger.model import Obis
from hanlogger.points.catalogue import look_up
from hanlogger.running.health import make_logger_fields, make_meter_fields
from hanlogger.status.state import JournalState, MeterState, State

GRAFANA = Path(__file__).parents[3] / "grafana"


def panels_of(board: dict[str, Any]) -> list[dict[str, Any]]:
    """Its panels, those of folded rows too, by their ids."""
    return [one for panel in board["panels"] for one in panel.get("panels", [panel])]


BOARDS = {path.stem: json.loads(text) for path, text in make_board_files(BoardSettings()).items()}
SWEDISH = {path.stem: json.loads(text) for path, text in make_board_files(BoardSettings(lang="sv")).items()}
PANELS = [(name, panel) for name, board in BOARDS.items() for panel in panels_of(board)]
IDS = [f"{name}-{panel['title']}" for name, panel in PANELS]
each_panel = pytest.mark.parametrize(("name", "panel"), PANELS, ids=IDS)


def _build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("grafana_build", GRAFANA / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_building_gives_the_committed_files_and_no_other() -> None:
    built = _build().build()
    committed = {
        p.relative_to(GRAFANA): p.read_text("utf-8") for p in GRAFANA.rglob("*.*") if p.suffix in (".json", ".yaml")
    }
    assert built == committed


def test_there_are_the_eight_boards_with_names_of_their_own() -> None:
    assert list(BOARDS) == ["live", "voltage", "current", "energy", "cost", "health", "phone", "fleet"]
    assert {board["uid"] for board in BOARDS.values()} == {f"han-{name}" for name in BOARDS}


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_is_in_the_form_that_grafana_takes_from_a_file(name: str) -> None:
    board = BOARDS[name]
    assert board["schemaVersion"] <= 42
    assert not board.keys() & {"id", "apiVersion", "elements", "__inputs"}
    assert board["editable"] is False
    assert board["timezone"] == "Europe/Stockholm"
    assert len([panel for panel in board["panels"] if panel["type"] != "row"]) <= 10


@pytest.mark.parametrize("name", BOARDS)
def test_panels_have_ids_of_their_own_and_do_not_cover_each_other(name: str) -> None:
    board = BOARDS[name]
    ids = [panel["id"] for panel in [*panels_of(board), *(one for one in board["panels"] if one["type"] == "row")]]
    assert ids == [*range(1, len(ids) + 1)]
    covered = [cell for panel in board["panels"] for cell in _cells(panel["gridPos"])]
    assert len(covered) == len(set(covered))
    assert max(x for x, _ in covered) < 24
    for row in board["panels"]:
        inside = [cell for panel in row.get("panels", []) for cell in _cells(panel["gridPos"])]
        assert len(inside) == len(set(inside))
        assert min((y for _, y in inside), default=99) > row["gridPos"]["y"]


def _cells(place: dict[str, int]) -> Iterator[tuple[int, int]]:
    for x in range(place["x"], place["x"] + place["w"]):
        for y in range(place["y"], place["y"] + place["h"]):
            yield x, y


@each_panel
def test_a_panel_says_what_it_shows_in_which_unit_and_when_there_is_nothing(name: str, panel: dict[str, Any]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    assert panel["title"]
    assert len(panel["description"]) > 20
    assert defaults["unit"]
    assert defaults["noValue"]
    assert defaults["thresholds"]["steps"][0]["value"] is None


@each_panel
def test_a_panel_that_shows_a_register_names_its_code_as_the_catalogue_has_it(name: str, panel: dict[str, Any]) -> None:
    queries = " ".join(target.get("query", "") for target in panel["targets"])
    if re.search(r'FROM "(hanlogger|cost|cost_month|power_peak|running_hour)"', queries):
        return
    codes = re.findall(r"\d-\d:\d+\.\d+\.\d+", panel["description"].partition("OBIS: ")[2])
    known = [look_up(Obis.parse(code)) for code in codes]
    assert known
    measured = {one.measurement for one in known if one}
    asked = {name.replace("energy_interval", "active_energy") for name in re.findall(r'FROM "(\w+)"', queries)}
    assert measured & asked or measured == {"clock"}


@each_panel
def test_a_line_is_never_drawn_over_missing_data(name: str, panel: dict[str, Any]) -> None:
    drawn = panel["fieldConfig"]["defaults"].get("custom", {}).get("spanNulls", False)
    assert drawn is False or drawn == 65_000


@each_panel
def test_a_query_reads_our_source_and_is_named_by_tags_that_it_groups_by(name: str, panel: dict[str, Any]) -> None:
    letters = [target["refId"] for target in panel["targets"]]
    assert len(set(letters)) == len(letters)
    for target in panel["targets"]:
        if target["datasource"]["uid"] == "__expr__":
            continue
        assert target["datasource"] == {"type": "influxdb", "uid": "${source}"}
        grouped = _grouped(target["query"])
        assert set(re.findall(r"\$tag_(\w+)", target.get("alias", ""))) <= set(grouped)
        if target["resultFormat"] == "table":
            assert len(grouped) == 1


def _grouped(query: str) -> list[str]:
    outer = query.rpartition("GROUP BY ")[2]
    return re.findall(r'"(\w+)"', outer)


@each_panel
def test_meters_are_chosen_in_the_one_form_that_grafana_escapes(name: str, panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        query = target.get("query", "")
        assert query.count("$meter") == query.count('"meter" =~ /^$meter$/')
        assert "${" not in query


@pytest.mark.filterwarnings("ignore:Prefer using dashboardv2:DeprecationWarning")
@pytest.mark.parametrize("name", BOARDS)
def test_the_sdk_reads_a_board_without_losing_a_key(name: str) -> None:
    from grafana_foundation_sdk.models.dashboard import Dashboard

    board = BOARDS[name]
    back = json.loads(json.dumps(Dashboard.from_json(board).to_json(), default=lambda o: o.to_json()))
    assert set(_keys(board)) - set(_keys(back)) == set()


@pytest.mark.filterwarnings("ignore:Prefer using dashboardv2:DeprecationWarning")
def test_the_sdk_would_lose_a_misspelt_key() -> None:
    from grafana_foundation_sdk.models.dashboard import Dashboard

    back = Dashboard.from_json({**BOARDS["live"], "schemaVerison": 41}).to_json()
    assert "schemaVerison" not in back


def _keys(tree: Any, where: str = "") -> Iterator[str]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield f"{where}.{key}"
            yield from _keys(value, f"{where}.{key}")
    elif isinstance(tree, list):
        for number, value in enumerate(tree):
            yield from _keys(value, f"{where}[{number}]")


def test_the_boards_speak_swedish_too_with_the_same_queries() -> None:
    for name, board in BOARDS.items():
        other = SWEDISH[name]
        for one, two in zip(panels_of(board), panels_of(other), strict=True):
            assert [t.get("query") for t in one["targets"]] == [t.get("query") for t in two["targets"]]
            assert one["description"] != two["description"]


def test_the_net_decides_what_the_fuse_carries() -> None:
    factors = {"3x400": "692.8", "3x230": "398.4", "1x230": "230"}
    for net, factor in factors.items():
        text = make_board_files(BoardSettings(net=net))  # type: ignore[arg-type]
        assert f"/ ({factor} * $fuse)" in "".join(text.values())


def test_fuse_and_zone_are_the_settings() -> None:
    files = make_board_files(BoardSettings(fuse=80, zone="Europe/Helsinki"))
    board = json.loads(next(iter(files.values())))
    variables = {v["name"]: v["current"]["value"] for v in board["templating"]["list"]}
    assert variables == {"source": "hanlogger-influxql", "meter": ["$__all"], "fuse": "80"}
    assert board["timezone"] == "Europe/Helsinki"
    assert "Europe/Stockholm" not in "".join(files.values())


@pytest.mark.parametrize(("currency", "named"), [("NOK", "kr"), ("EUR", "EUR")])
def test_money_is_in_the_currency_of_the_tariffs(currency: str, named: str) -> None:
    board = "".join(make_board_files(BoardSettings(currency=currency)).values())
    assert set(re.findall(r'"suffix: (\w+)/kWh"', board)) == {named}
    assert (f'"suffix: {named}"' in board, '"suffix: kr"' in board) == (True, named == "kr")


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"fuse": 0}, "fuse"),
        ({"fuse": float("nan")}, "fuse"),
        ({"net": "2x230"}, "net"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"lang": "no"}, "lang"),
    ],
)
def test_a_wrong_setting_is_named(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError, match=f"^{named}: found"):
        BoardSettings(**wrong)


def test_health_reads_the_fields_that_the_logger_writes() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    state = State("1", 1, "attic", at, at, JournalState("journal.sqlite3"))
    written = (
        make_meter_fields(MeterState("home", "demo:", "open", last=at), at).keys() | make_logger_fields(state, 0).keys()
    )
    boards = [t.get("query", "") for p in panels_of(BOARDS["health"]) for t in p["targets"]]
    queries = [query for query in (*boards, *(rule.query for rule in FAULTS)) if 'FROM "hanlogger"' in query]
    read = {name for query in queries for name in re.findall(r'\("(\w+)"[,)]', query)} - {"d"}
    assert {"frames", "undelivered_age", "refused"} <= read <= written
