"""The threads of a running logger, by what its settings name."""

from __future__ import annotations

import threading
from pathlib import Path

from hanlogger.config import load
from hanlogger.running.logger import Running
from tests.support.scripted_server import ScriptedServer


def test_only_an_influxdb_is_watched_for_what_it_has_lost(tmp_path: Path, server: ScriptedServer) -> None:
    (tmp_path / "none.p1").touch()
    text = f'journal = "{tmp_path}/j.sqlite3"\n[[meter]]\nport = "file:{tmp_path}/none.p1"\n[web]\nlisten = "off"\n'
    for name, kind in (("one", "influxdb"), ("two", "victoriametrics")):
        text += f'[destination.{name}]\nurl = "{server.url}"\nkind = "{kind}"\ntoken = "t"\n'
    (tmp_path / "hanlogger.toml").write_text(text)
    with Running(load(tmp_path / "hanlogger.toml", {}), threading.Event()):
        names = {thread.name for thread in threading.enumerate()}
    assert {"deliver one", "deliver two", "refill one"} <= names
    assert "refill two" not in names
