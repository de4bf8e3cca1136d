"""What programs are told: /metrics and /api/now.json, while meters send and while they are silent."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from hanlogger import __version__
from hanlogger.status.state import DestinationState, MeterState, State
from hanlogger.web.now_json import make_now
from tests.support.composefile import ROOT
from tests.support.web import Asked, frames_of, meter_state, serving, settings_of, state_of

NUMBER = {"type": ["number", "null"]}
OBJECT: dict[str, Any] = {"type": "object", "additionalProperties": False}
PHASE = {**OBJECT, "properties": {"power_w": NUMBER, "voltage_v": NUMBER, "current_a": NUMBER}}
METER = {
    **OBJECT,
    "properties": {
        "name": {"type": "string"},
        "label": {"type": "string"},
        "live": {"type": "boolean"},
        "last_telegram": {"type": ["string", "null"], "format": "date-time"},
        **dict.fromkeys(("power_w", "import_w", "export_w", "import_kwh", "export_kwh", "fuse_a"), NUMBER),
        "phases": {**OBJECT, "properties": dict.fromkeys(("L1", "L2", "L3"), PHASE)},
    },
}
SCHEMA = {
    **OBJECT,
    "properties": {
        "version": {"const": 1},
        "time": {"type": "string", "format": "date-time"},
        "meters": {"type": "array", "items": METER},
    },
}
"""What docs/web.md promises: a name that is missing, renamed or of another type breaks somebody's evcc."""


def require_all(schema: Any) -> Any:
    """Return the schema with every property required, in objects within objects too."""
    if isinstance(schema, dict):
        found = {key: require_all(value) for key, value in schema.items()}
        return {**found, "required": list(found["properties"])} if "properties" in found else found
    return schema


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def home(now: datetime) -> MeterState:
    counts = {"frames": 120, "undecoded": 3, "checksum": 2, "parity": 1}
    return meter_state("home", frames_of("p1-aidon", [now]), counts=counts)


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    with serving(settings_of(tmp_path / "journal.sqlite3", "home", "barn")) as served:
        yield served


def metrics(text: str) -> dict[str, float]:
    rows = (row.rsplit(" ", 1) for row in text.splitlines() if row and not row.startswith("#"))
    return {name: float(value) for name, value in rows}


def test_now_json_is_as_it_is_promised(home: MeterState, asked: Asked, now: datetime) -> None:
    asked.pages.publish(state_of(home, meter_state("barn", last=None)))
    answer = asked.get("/api/now.json")
    told = json.loads(answer.text)
    jsonschema.validate(told, require_all(SCHEMA))
    first, second = told["meters"]
    assert (first["name"], first["live"], second["live"]) == ("home", True, False)
    assert first["power_w"] == first["import_w"] - first["export_w"]
    assert first["import_kwh"] == float(home.registers["1-0:1.8.0"].value) / 1000
    assert first["phases"]["L2"]["voltage_v"] == float(home.registers["1-0:52.7.0"].value)
    assert second["power_w"] is None


def test_the_example_in_the_manual_is_as_it_is_promised() -> None:
    example = re.search(r"```json\n(.*?)```", (ROOT / "docs" / "web.md").read_text("utf-8"), re.DOTALL)
    assert example is not None
    jsonschema.validate(json.loads(example[1]), require_all(SCHEMA))


def test_a_silent_meter_has_no_power_and_keeps_its_counters(home: MeterState, now: datetime) -> None:
    (late,) = make_now(state_of(home), now + timedelta(minutes=2), None)["meters"]
    assert (late["live"], late["power_w"], late["phases"]["L1"]["current_a"]) == (False, None, None)
    assert late["import_kwh"] is not None
    (fresh,) = make_now(state_of(home), now + timedelta(seconds=119), None)["meters"]
    assert fresh["live"]


def test_one_meter_can_be_asked_for_and_an_unknown_one_is_not_found(home: MeterState, asked: Asked) -> None:
    asked.pages.publish(state_of(home, meter_state("barn")))
    assert [one["name"] for one in json.loads(asked.get("/api/now.json?meter=barn").text)["meters"]] == ["barn"]
    assert asked.get("/api/now.json?meter=nobody").status == 404


def test_before_the_first_state_there_is_no_meter(asked: Asked) -> None:
    assert json.loads(asked.get("/api/now.json").text)["meters"] == []
    assert list(metrics(asked.get("/metrics").text)) == [f'hanlogger_build_info{{version="{__version__}"}}']


def test_metrics_are_in_base_units(home: MeterState, asked: Asked) -> None:
    asked.pages.publish(state_of(home))
    found = metrics(asked.get("/metrics").text)
    registers = {code: float(register.value) for code, register in home.registers.items()}
    assert found['hanlogger_meter_active_power_import_watts{meter="home"}'] == registers["1-0:1.7.0"]
    assert found['hanlogger_meter_active_energy_export_joules_total{meter="home"}'] == registers["1-0:2.8.0"] * 3600
    assert found['hanlogger_meter_voltage_volts{meter="home",phase="L3"}'] == registers["1-0:72.7.0"]
    assert found['hanlogger_meter_current_amperes{meter="home",phase="L1"}'] == registers["1-0:31.7.0"]


def test_telegrams_are_counted_by_what_became_of_them(home: MeterState, asked: Asked) -> None:
    asked.pages.publish(state_of(home))
    found = metrics(asked.get("/metrics").text)
    results = {
        name: found[f'hanlogger_telegrams_total{{meter="home",result="{name}"}}']
        for name in ("ok", "broken", "ignored")
    }
    assert results == {"ok": 117, "broken": 3, "ignored": 3}


def test_gauges_of_a_silent_meter_go_away_and_counters_stay(asked: Asked, now: datetime) -> None:
    then = now - timedelta(minutes=2, seconds=1)
    asked.pages.publish(state_of(meter_state("home", frames_of("p1-aidon", [then]), counts={"frames": 7})))
    found = metrics(asked.get("/metrics").text)
    assert not [name for name in found if re.search("watts|volts|amperes|hertz", name)]
    assert found['hanlogger_meter_last_telegram_timestamp_seconds{meter="home"}'] == then.timestamp()
    assert {"hanlogger_telegrams_total", "hanlogger_meter_active_energy_import_joules_total"} <= {
        name.partition("{")[0] for name in found
    }


def test_what_waits_for_a_database_is_told_with_its_age(home: MeterState, asked: Asked, now: datetime) -> None:
    plain = state_of(home, at=now)
    waiting = DestinationState("influxdb", "http://db", 12, now - timedelta(seconds=90), 4)
    asked.pages.publish(State(**{**vars(plain), "destinations": (waiting, DestinationState("second", "http://b"))}))
    found = metrics(asked.get("/metrics").text)
    assert found['hanlogger_write_lag_seconds{destination="influxdb"}'] == 90
    assert found['hanlogger_write_lag_seconds{destination="second"}'] == 0
    assert found['hanlogger_waiting_telegrams{destination="influxdb"}'] == 12
    assert found['hanlogger_refused_lines{destination="influxdb"}'] == 4


def test_openmetrics_is_given_to_who_asks_for_it(home: MeterState, asked: Asked) -> None:
    asked.pages.publish(state_of(home))
    answer = asked.get("/metrics", accept="application/openmetrics-text; version=1.0.0")
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


def test_promtool_finds_nothing_to_say(home: MeterState, asked: Asked) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool on PATH (Debian: prometheus)")
    asked.pages.publish(state_of(home))
    text = asked.get("/metrics").text
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
