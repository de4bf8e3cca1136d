"""A cluster of VictoriaMetrics in the settings: its address and its processes go together."""

from __future__ import annotations

from pathlib import Path

import pytest

from hanlogger.config import load
from hanlogger.errors import ConfigError
from hanlogger.influxdb import Destination

URL = "http://vminsert:8480/insert/0/influx"
NODES = '["http://vminsert:8480/", "http://vmstorage:8482"]'


def read(folder: Path, **settings: str) -> Destination:
    file = folder / "hanlogger.toml"
    rows = "".join(f"{key} = {value}\n" for key, value in settings.items())
    file.write_text(f"[destination.victoria]\n{rows}")
    (found,) = load(file, {}).destinations
    return found


def test_the_processes_of_a_cluster_and_the_tenant_are_known(tmp_path: Path) -> None:
    for url, tenant in ((URL, "0"), (URL.replace("/0/", "/12:3/"), "12:3")):
        found = read(tmp_path, kind='"victoriametrics"', url=f'"{url}/"', nodes=NODES)
        assert found.nodes == ("http://vminsert:8480", "http://vmstorage:8482")
        assert found.tenant == tenant
    assert read(tmp_path, kind='"victoriametrics"', url='"http://localhost:8428"').tenant == ""


def test_a_variable_names_the_processes_of_the_one_database(tmp_path: Path) -> None:
    environ = {"KIND": "victoriametrics", "URL": URL, "NODES": "http://one:8480,http://two:8482"}
    (tmp_path / "hanlogger.toml").touch()
    given = {f"HANLOGGER_INFLUXDB_{name}": value for name, value in environ.items()}
    (found,) = load(tmp_path / "hanlogger.toml", given).destinations
    assert found.nodes == ("http://one:8480", "http://two:8482")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"url": f'"{URL}"', "nodes": NODES}, r'nodes: found beside kind = "influxdb"'),
        (
            {"kind": '"victoriametrics"', "url": '"http://vminsert:8480"', "nodes": NODES},
            r'url: found "http://vminsert:8480" beside nodes; allowed: the address of a vminsert with its tenant',
        ),
        ({"kind": '"victoriametrics"', "url": f'"{URL}"'}, "which is a cluster; allowed: with nodes, which names each"),
        (
            {"kind": '"victoriametrics"', "url": f'"{URL}"', "nodes": '["vminsert:8480"]'},
            "allowed: a list of addresses that begin with http:// or https://",
        ),
    ],
)
def test_an_address_and_processes_that_contradict_each_other_are_refused(
    tmp_path: Path, settings: dict[str, str], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        read(tmp_path, **settings)
