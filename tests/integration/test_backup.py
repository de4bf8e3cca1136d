"""Backup and restore by the README's commands, with InfluxDB's own command line, which its image carries."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from hanlogger.setup import secret_files as credentials
from tests.support.house import LINE, House
from tests.support.servers import OwnInfluxdb

LATER = LINE.replace(b"610000", b"620000")


@pytest.fixture(scope="module")
def influx() -> str:
    binary = shutil.which("influx")
    if binary is None:
        pytest.skip("no influx (InfluxDB's command line) on PATH: it is what backs up and restores")
    return binary


def test_a_restored_backup_is_read_and_written_to_after_the_next_up(
    influx: str, fresh_influxdb: OwnInfluxdb, tmp_path: Path
) -> None:
    house = House(fresh_influxdb, tmp_path / "secrets")

    def run(*arguments: str) -> None:
        access = ["--host", fresh_influxdb.url, "-t", credentials.read_secret(house.files.admin_token)]
        subprocess.run([influx, *arguments, *access], check=True, capture_output=True, env={"HOME": str(tmp_path)})

    assert house.works()
    run("backup", str(tmp_path / "backup"))
    run("bucket", "delete", "--org", "home", "--name", "hanlogger")
    run("restore", str(tmp_path / "backup"), "--bucket", "hanlogger")
    assert house.write(LATER) == 403
    house.up()
    assert house.write(LATER) == 204
    assert house.query("SELECT count(value) FROM voltage")["series"][0]["values"][0][1] == 2
