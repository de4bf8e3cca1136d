"""`run` serves its pages: it prints their address, they cost nothing where they cannot be, and nothing where off."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

import urllib3

from tests.support.logger import environment, logger
from tests.support.servers import free_port
from tests.support.waiting import until


def test_run_prints_the_address_of_its_pages_and_serves_them_until_it_ends(tmp_path: Path) -> None:
    port = free_port()
    with logger(tmp_path, "--port", "demo:", environ={"HANLOGGER_WEB_LISTEN": f"127.0.0.1:{port}"}) as running:
        until(lambda: running.frames("demo"), "telegrams come")
        (address,) = re.findall(r"shows the meters at (\S+)", running.log)
        assert running.state is not None
        assert address == running.state.page == f"http://127.0.0.1:{port}/"
        assert b"a simulated house" in urllib3.request("GET", address, retries=False).data
        assert running.stop() == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_port_that_is_taken_is_said_once_and_costs_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with logger(tmp_path, "--port", "demo:", environ={"HANLOGGER_WEB_LISTEN": listen}) as running:
            until(lambda: running.frames("demo") >= 2, "telegrams come all the same")
            assert running.log.count(f"no page is served: cannot listen at {listen}") == 1
            assert running.stop() == 0


def test_where_no_page_and_no_tariff_is_set_nothing_of_them_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys, threading; from hanlogger import config, running; from pathlib import Path\n"
        "settings = config.load(None, dict(__import__('os').environ), port='demo:')\n"
        "with running.logger.Running(settings, threading.Event()): pass\n"
        "heavy = {'uvicorn', 'starlette', 'jinja2', 'prometheus_client', 'hanlogger.web', 'hanlogger.costs'}\n"
        "print(sorted({*heavy, 'hanlogger.tariffs.reading'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment(tmp_path),
        check=True,
    )
    assert done.stdout.strip() == "[]"
