"""A real Prometheus scrapes a running logger, as the manual says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import urllib3

from tests.support.composefile import ROOT
from tests.support.logger import logger
from tests.support.servers import free_port
from tests.support.waiting import PATIENCE, until


def test_a_prometheus_with_the_configuration_of_the_manual_has_the_meter(tmp_path: Path) -> None:
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("no prometheus on PATH (Debian: prometheus)")
    page, own = free_port(), free_port()
    written = re.search(r"```yaml\n(scrape_configs:.*?)```", (ROOT / "docs" / "web.md").read_text("utf-8"), re.DOTALL)
    assert written is not None
    config = tmp_path / "prometheus.yml"
    config.write_text(written[1].replace("8088", str(page)).replace("15s", "1s"), "utf-8")
    arguments = [
        f"--config.file={config}",
        f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address=127.0.0.1:{own}",
    ]
    with (
        logger(tmp_path, "--port", "demo:", environ={"HANLOGGER_WEB_LISTEN": f"127.0.0.1:{page}"}),
        (tmp_path / "prometheus.log").open("wb") as log,
        subprocess.Popen([program, *arguments], stdout=log, stderr=log) as prometheus,
    ):
        try:
            query = f"http://127.0.0.1:{own}/api/v1/query?query=hanlogger_meter_active_energy_import_joules_total"
            until(lambda: b'"meter":"demo"' in _get(query), "Prometheus has the meter's counter")
            assert b'"1"' in _get(f'http://127.0.0.1:{own}/api/v1/query?query=up{{job="hanlogger"}}')
        finally:
            prometheus.kill()
            prometheus.wait(PATIENCE)


def _get(url: str) -> bytes:
    try:
        return urllib3.request("GET", url, retries=False).data
    except urllib3.exceptions.HTTPError:
        return b""
