"""A real VictoriaMetrics of one node for tests, on the loopback."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3

from tests.support.brokers import CACHE, Program, running
from tests.support.servers import free_port

HTTP = urllib3.PoolManager()
LOSSLESS = ("-retentionPeriod=100y", "-dedup.minScrapeInterval=1ms")


def find_victoriametrics() -> str:
    """The program, by HANLOGGER_TEST_VICTORIAMETRICS, the PATH, or the cache of servers; "" for none."""
    cached = next((str(file) for file in sorted(CACHE.glob("victoriametrics-*/victoria-metrics"), reverse=True)), "")
    return os.environ.get("HANLOGGER_TEST_VICTORIAMETRICS") or shutil.which("victoria-metrics") or cached


Series = tuple[dict[str, str], list[tuple[int, float]]]


def export_series(storages: Sequence[str], url: str, match: str) -> list[Series]:
    """Every series of a selector: its labels, and its points by time in ms. storages: that show first what they got."""
    for storage in storages:
        HTTP.request("GET", f"{storage}/internal/force_flush")
    answer = HTTP.request("GET", f"{url}/api/v1/export", fields={"match[]": match, "reduce_mem_usage": "0"})
    assert answer.status == 200, answer.data
    series = [json.loads(line) for line in answer.data.decode().splitlines()]
    return [(one["metric"], list(zip(one["timestamps"], one["values"], strict=True))) for one in series]


@dataclass
class Victoria:
    """A VictoriaMetrics that is up, and what can be asked of it."""

    program: Program
    url: str

    def rows(self, match: str) -> list[Series]:
        """Every series of a selector: its labels, and its points by time in ms."""
        return export_series([self.url], self.url, match)

    def values(self, match: str) -> list[float]:
        """The values of all series of a selector, in the order of time."""
        points = [point for _, found in self.rows(match) for point in found]
        return [value for _, value in sorted(points)]


@contextmanager
def victoriametrics(folder: Path, flags: Sequence[str] = LOSSLESS) -> Iterator[Victoria]:
    """A VictoriaMetrics on a free port; flags: with which it is started."""
    binary = find_victoriametrics()
    if not binary:
        pytest.skip("no VictoriaMetrics: HANLOGGER_TEST_VICTORIAMETRICS is not set, none on the PATH or in the cache")
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    command = [binary, f"-storageDataPath={folder}/data", f"-httpListenAddr=127.0.0.1:{port}", *flags]
    command += ["-memory.allowedBytes=128MB", "-search.latencyOffset=0s"]
    with running(Program(folder, port, command)) as program:
        yield Victoria(program, f"http://127.0.0.1:{port}")
