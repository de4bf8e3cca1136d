"""A real cluster of VictoriaMetrics for tests, on the loopback: vminsert, vmselect and some vmstorage."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.brokers import CACHE, Program, running
from tests.support.servers import free_port
from tests.support.victoriametrics import HTTP, LOSSLESS, Series, export_series

PROGRAMS = ("vmstorage", "vminsert", "vmselect")
INSERT_PATH = "/insert/0/influx"
SELECT_PATH = "/select/0/prometheus"


def find_cluster() -> Mapping[str, str]:
    """The three programs, by the folder HANLOGGER_TEST_VICTORIAMETRICS_CLUSTER, the PATH, or the cache; {} for none."""
    cached = next((str(folder) for folder in sorted(CACHE.glob("victoriametrics-cluster-*"), reverse=True)), "")
    given = os.environ.get("HANLOGGER_TEST_VICTORIAMETRICS_CLUSTER") or cached
    path = os.pathsep.join(filter(None, (os.environ.get("PATH"), given)))
    found = {name: binary for name in PROGRAMS if (binary := shutil.which(name, path=path))}
    return found if len(found) == len(PROGRAMS) else {}


@dataclass
class Cluster:
    """A cluster that is up, and what can be asked of it."""

    storages: Sequence[Program]
    insert: Program
    select: Program

    @property
    def url(self) -> str:
        """Where lines are written to, with the path of the tenant."""
        return f"http://127.0.0.1:{self.insert.port}{INSERT_PATH}"

    @property
    def nodes(self) -> tuple[str, ...]:
        """Where each process answers: vminsert first, vmselect last."""
        return tuple(f"http://127.0.0.1:{one.port}" for one in (self.insert, *self.storages, self.select))

    @property
    def select_url(self) -> str:
        """Where it is asked, with the path of the tenant."""
        return f"http://127.0.0.1:{self.select.port}{SELECT_PATH}"

    def rows(self, match: str) -> list[Series]:
        """Every series of a selector: its labels, and its points by time in ms."""
        return export_series(self.nodes[1:-1], self.select_url, match)

    def holds_in_memory(self) -> bool:
        """Whether a vmstorage shows rows to queries that are not on its disk yet."""
        told = (HTTP.request("GET", f"{node}/metrics").data.decode() for node in self.nodes[1:-1])
        return any(re.search(r'^vm_rows\{type="storage/inmemory"\} [1-9]', text, re.MULTILINE) for text in told)


@contextmanager
def victoriametrics_cluster(
    folder: Path, storages: int = 2, flags: Sequence[str] = LOSSLESS, insert_flags: Sequence[str] = ()
) -> Iterator[Cluster]:
    """A cluster on free ports. flags: with which each vmstorage is started, and insert_flags: the vminsert."""
    binaries = find_cluster()
    if not binaries:
        pytest.skip(
            "no cluster of VictoriaMetrics: HANLOGGER_TEST_VICTORIAMETRICS_CLUSTER is not set, and vminsert, vmstorage "
            "and vmselect are not on the PATH or in the cache"
        )
    names = [f"vmstorage-{number}" for number in range(storages)]
    inserts, selects = ({name: f"127.0.0.1:{free_port()}" for name in names} for _ in range(2))

    def prepare(name: str, program: str, *arguments: str) -> Program:
        port = free_port()
        command = [binaries[program], f"-httpListenAddr=127.0.0.1:{port}", "-memory.allowedBytes=64MB", *arguments]
        return Program(folder / name, port, command)

    stores = [
        prepare(name, "vmstorage", f"-vminsertAddr={inserts[name]}", f"-vmselectAddr={selects[name]}", *flags)
        for name in names
    ]
    insert = prepare("vminsert", "vminsert", f"-storageNode={','.join(inserts.values())}", *insert_flags)
    select = prepare(
        "vmselect",
        "vmselect",
        f"-storageNode={','.join(selects.values())}",
        "-dedup.minScrapeInterval=1ms",
        "-search.latencyOffset=0s",
        "-cacheDataPath=cache",
    )
    with running(insert, select, *stores):
        yield Cluster(stores, insert, select)
