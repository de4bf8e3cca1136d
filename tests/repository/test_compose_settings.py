"""What a user may set in .env and in the file, and what the programs behind compose.yaml make of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hanlogger import config
from hanlogger.config.environment import map_variables
from tests.support.composefile import (
    COMPOSES,
    ROOT,
    SERVICES,
    resolved,
    service,
    show_as_compose_sees,
    variables,
)


def test_every_setting_can_be_given_in_env_but_secrets_and_what_compose_decides() -> None:
    # the database is compose's own, and Grafana's login is kept from the service that reads
    ours = ("HANLOGGER_JOURNAL", "HANLOGGER_INFLUXDB_", "HANLOGGER_GRAFANA_", "HANLOGGER_WEB_LISTEN")
    decided = {name for name in map_variables() if name.startswith(ours)}
    passed_on = {name for name in variables() if name.startswith("HANLOGGER_")}
    secrets = {"HANLOGGER_KEYS", *(f"HANLOGGER_{table}_PASSWORD" for table in ("BROKER", "HOMEASSISTANT", "HTTP"))}
    assert passed_on == map_variables().keys() - decided - secrets


@pytest.fixture
def no_file(tmp_path: Path) -> Path:
    """A configuration file that says nothing, so that none of this machine is looked for."""
    file = tmp_path / "hanlogger.toml"
    file.touch()
    return file


@pytest.mark.parametrize("name", ["setup", "hanlogger"])
def test_a_bare_up_is_a_valid_configuration_with_the_demo_meter(name: str, no_file: Path) -> None:
    settings = config.load(no_file, service(name)["environment"])
    assert [(port.url, port.meter.name) for port in settings.ports] == [("demo:", "demo")]
    assert [destination.url for destination in settings.destinations] == ["http://influxdb:8086"]
    assert settings.logger == "hanlogger"
    assert settings.warnings == ()


def test_grafana_is_made_anew_with_the_same_settings_as_setup() -> None:
    assert service("setup")["environment"].items() <= service("grafana")["environment"].items()


def test_a_changed_limit_does_not_interrupt_the_record() -> None:
    alerts = service("setup")["environment"].keys() - service("hanlogger")["environment"].keys()
    assert {name.removeprefix("HANLOGGER_") for name in alerts} == {
        "POWER_LIMIT",
        "HOUR_LIMIT",
        "DAY_LIMIT",
        "MONTH_LIMIT",
        "BUILDING_FUSE",
        "LANGUAGE",
        "NOTIFY",
        "NOTIFY_FILE",
    }


def example_of_env() -> dict[str, str]:
    """Its variables as they are once the # is taken away."""
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    return {match[1]: match[2] for line in lines if (match := re.fullmatch(r"#([A-Z]\w+)=(.*)", line))}


def test_the_example_of_env_names_every_variable_and_changes_nothing() -> None:
    assert example_of_env().keys() == variables()
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    assert all(line.startswith("#") or not line for line in lines)


def test_the_values_of_the_example_of_env_are_valid_ones(no_file: Path) -> None:
    pairs = example_of_env().items()
    others = ("_FILE", "HANLOGGER_PRICE_FIXED")  # files are not there, and one source of prices excludes another
    environ = {name: value for name, value in pairs if name.startswith("HANLOGGER_") and not name.endswith(others)}
    settings = config.load(no_file, environ)
    assert settings.warnings == ()
    assert settings.limits.day == 60


def test_the_example_of_a_file_is_a_valid_configuration() -> None:
    environ = {**service("setup")["environment"], "HANLOGGER_PORT": ""}
    settings = config.load(ROOT / "config" / "hanlogger.example.toml", environ)
    assert [port.meter.name for port in settings.ports] == ["home", "barn"]
    assert settings.meter_limits["barn"].fuse == 35


@pytest.mark.parametrize("command", COMPOSES)
def test_compose_itself_understands_the_file_and_the_example_of_env_so(command: str, tmp_path: Path) -> None:
    pairs = example_of_env()
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in pairs.items()))
    services = show_as_compose_sees(command, tmp_path, ROOT / "compose.yaml")["services"]
    assert sorted(services) == SERVICES
    for name in ("setup", "grafana", "hanlogger"):
        assert services[name]["environment"] == resolved(pairs)["services"][name]["environment"]
