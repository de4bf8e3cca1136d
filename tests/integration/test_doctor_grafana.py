"""The doctor before a real Grafana."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from hanlogger.boards.provisioning import provision
from hanlogger.boards.settings import BoardSettings, DataSource, RuleSettings
from tests.support.doctoring import english, examined, keys, wrong
from tests.support.grafana_server import grafana
from tests.support.servers import Bucket

pytestmark = pytest.mark.xdist_group("grafana")


def test_a_data_source_is_well_until_it_loses_its_bucket_or_its_token(tmp_path: Path, bucket: Bucket) -> None:
    bucket.write(f"active_power,meter=home value=1 {int(time.time() * 1000)}\n".encode())
    source = DataSource(url=bucket.server.url, bucket=bucket.name, password=bucket.token("read"))
    provision(tmp_path / "provisioning", BoardSettings(), RuleSettings(), source)
    (tmp_path / "provisioning" / "plugins").mkdir(exist_ok=True)
    with grafana(tmp_path / "provisioning", tmp_path / "data") as server:
        server.start()
        there = {"port": "demo:", "grafana_url": server.url, "grafana_user": "admin"}
        assert keys(examined(tmp_path, **there, grafana_password="admin"))[-1] == "grafana"  # type: ignore[arg-type]

        found = wrong(examined(tmp_path, **there, grafana_password="guessed"))  # type: ignore[arg-type]
        assert found.key == "grafana-login"

        bucket.server.call("DELETE", f"/api/v2/buckets/{bucket.id}", expect=204)
        assert keys(examined(tmp_path, **there, grafana_password="admin"))[-1] == "grafana-empty"  # type: ignore[arg-type]

        revoke(bucket)
        found = wrong(examined(tmp_path, **there, grafana_password="admin"))  # type: ignore[arg-type]
        assert found.key == "grafana-source"
        assert "Unauthorized" in english(found)


def revoke(bucket: Bucket) -> None:
    """Its token."""
    for known in bucket.server.call("GET", "/api/v2/authorizations")["authorizations"]:
        if any(permission["resource"].get("id") == bucket.id for permission in known["permissions"]):
            bucket.server.call("DELETE", f"/api/v2/authorizations/{known['id']}", expect=204)
