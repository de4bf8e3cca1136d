"""`hanlogger credentials` and `hanlogger setup` as compose calls them: exit status, what is said, what is written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from hanlogger.cli import app
from hanlogger.setup import secret_files as credentials
from tests.support.servers import OwnInfluxdb


def run(*arguments: str | Path, **environ: str) -> Result:
    clean = dict.fromkeys((name for name in os.environ if name.startswith("HANLOGGER_")), None)
    given = {f"HANLOGGER_{name}": value for name, value in environ.items()}
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={**clean, **given})


@pytest.fixture(autouse=True)
def no_file_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def test_credentials_names_what_it_made_and_shows_none(tmp_path: Path) -> None:
    first, second = run("credentials", tmp_path / "secrets"), run("credentials", tmp_path / "secrets")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "made influxdb/admin_token" in first.stdout
    for path in (tmp_path / "secrets").glob("*/*"):
        assert credentials.read_secret(path) not in first.stdout
    assert second.output == ""


def test_credentials_that_cannot_be_written_are_the_user_s_to_mend(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    answer = run("credentials", tmp_path / "file")
    assert (answer.exit_code, answer.stderr) == (2, f"hanlogger: {tmp_path}/file: cannot be written: Not a directory\n")


def test_setup_prepares_influxdb_and_writes_grafana_s_files(fresh_influxdb: OwnInfluxdb, tmp_path: Path) -> None:
    run("credentials", tmp_path / "secrets")
    settings = {"INFLUXDB_URL": fresh_influxdb.url, "PORT": "demo:", "FUSE": "35", "NET": "3x230", "DAY_LIMIT": "60"}
    options = ("--secrets", tmp_path / "secrets", "--grafana", tmp_path / "provisioning")
    answer = run("setup", *options, **settings, NOTIFY="https://example.org/hook")
    assert answer.exit_code == 0, answer.output
    assert answer.stdout.endswith("hanlogger has a new write token\n")
    folder = tmp_path / "provisioning"
    (source,) = yaml.safe_load((folder / "datasources/hanlogger.yaml").read_text())["datasources"]
    assert (source["url"], source["user"], source["jsonData"]["dbName"]) == (fresh_influxdb.url, "grafana", "hanlogger")
    assert source["secureJsonData"]["password"] == "$__file{/run/credentials/influx_password}"
    (provider,) = yaml.safe_load((folder / "dashboards/hanlogger.yaml").read_text())["providers"]
    assert provider["options"]["path"] == "/etc/grafana/provisioning/boards"
    assert (folder / "boards/live.json").exists()
    assert {"plugins", "alerting"} <= {path.name for path in folder.iterdir()}
    rules = (folder / "alerting/hanlogger-rules.yaml").read_text()
    assert "35 A" in rules
    assert "han-day-energy" in rules


def test_a_wrong_setting_leaves_grafana_s_old_files(fresh_influxdb: OwnInfluxdb, tmp_path: Path) -> None:
    run("credentials", tmp_path / "secrets")
    options = ("setup", "--secrets", tmp_path / "secrets", "--grafana", tmp_path / "provisioning")
    assert run(*options, INFLUXDB_URL=fresh_influxdb.url).exit_code == 0
    files = {path: path.read_bytes() for path in (tmp_path / "provisioning").rglob("*.*")}
    answer = run(*options, INFLUXDB_URL=fresh_influxdb.url, FUSE="many")
    assert answer.exit_code == 2
    assert "HANLOGGER_FUSE" in answer.stderr
    assert {path: path.read_bytes() for path in (tmp_path / "provisioning").rglob("*.*")} == files


def test_meters_with_limits_of_their_own_have_rules_of_their_own(fresh_influxdb: OwnInfluxdb, tmp_path: Path) -> None:
    run("credentials", tmp_path / "secrets")
    (tmp_path / "hanlogger.toml").write_text(
        f"""
        fuse = 20
        [influxdb]
        url = "{fresh_influxdb.url}"
        [[meter]]
        name = "home"
        port = "/dev/ttyUSB0"
        zone = "Europe/Helsinki"
        [[meter]]
        name = "barn"
        port = "/dev/ttyUSB1"
        fuse = 63
        """
    )
    answer = run("setup", "--secrets", tmp_path / "secrets", "--grafana", tmp_path / "provisioning")
    assert answer.exit_code == 0, answer.output
    rules = (tmp_path / "provisioning/alerting/hanlogger-rules.yaml").read_text()
    assert "/^(barn)$/" in rules
    assert "A of 63 A" in rules
    assert "A of 20 A" in rules
    assert "tz('Europe/Helsinki')" in (tmp_path / "provisioning/boards/energy.json").read_text()


def test_setup_without_the_admin_token_ends_with_1_and_prints_the_way_out(
    own_influxdb: OwnInfluxdb, tmp_path: Path
) -> None:
    run("credentials", tmp_path / "secrets")
    answer = run("setup", "--secrets", tmp_path / "secrets", INFLUXDB_URL=own_influxdb.url)
    assert answer.exit_code == 1
    assert "influxd recovery auth create-operator" in answer.stdout
    assert answer.stderr.startswith("hanlogger: hanlogger's write token or Grafana's password does not work")


def test_setup_without_a_database_is_told_how_to_name_one(tmp_path: Path) -> None:
    answer = run("setup", "--secrets", tmp_path)
    assert (answer.exit_code, "HANLOGGER_INFLUXDB_URL" in answer.stderr) == (2, True)
