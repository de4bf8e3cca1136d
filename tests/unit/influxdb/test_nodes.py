"""A cluster of VictoriaMetrics, by what its processes tell: which are missing, and when all is taken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hanlogger.errors import WriteUnavailable
from hanlogger.influxdb import Destination, make_writer
from hanlogger.influxdb.writers import Writer
from tests.support.scripted_server import Misbehave, Reply, Request, ScriptedServer

LINE = b"voltage,meter=m value=1 1767225600000\n"
COMMON = 'vm_app_version{version="x"} 1\nvm_app_start_timestamp 1\nvm_app_uptime_seconds %d\n'
STORAGE = COMMON + 'vm_rows_added_to_storage_total 1\nvm_rows_ignored_total{reason="small_timestamp"} 0\n'
INSERT = (
    COMMON
    + """vm_rows_inserted_total{type="influx"} 1
vm_rpc_vmstorage_is_reachable{name="vminsert", addr="one", rpc_call="metric_rows"} 1
vm_rpc_vmstorage_is_reachable{name="vminsert", addr="one", rpc_call="metricmetadata_rows"} 1
vm_rpc_rows_pushed_total{name="vminsert", addr="one", rpc_call="metric_rows"} %d
vm_rpc_rows_pushed_total{name="vminsert", addr="one", rpc_call="metricmetadata_rows"} 9
vm_rpc_rows_sent_total{name="vminsert", addr="one", rpc_call="metric_rows"} %d
vm_rpc_rows_incompletely_replicated_total{name="vminsert"} %d
"""
)


class Scripted:
    """A vminsert at /insert-node and a vmstorage at /storage: rows are sent on once they have been asked for twice."""

    def __init__(self, copies: int = 1, incomplete: int = 0) -> None:
        self.looks, self.taken, self.copies, self.incomplete, self.late = 0, 0, copies, incomplete, 2
        self.asked: list[str] = []

    def __call__(self, request: Request) -> Reply | Misbehave:
        self.asked.append(request.path)
        if request.path.endswith("/flags"):
            return Reply(200, f'-replicationFactor="{self.copies}"\n'.encode())
        if request.path.endswith("/metrics"):
            self.looks += 1
            return Reply(200, (self.tell_storage() if "storage" in request.path else self.tell_insert()).encode())
        self.taken, self.looks = self.taken + 1, 0
        return Reply(204)

    def tell_storage(self) -> str:
        return STORAGE % self.looks

    def tell_insert(self) -> str:
        sent = self.taken * self.copies - self.incomplete if self.looks > self.late else 0
        return INSERT % (self.looks, self.taken, sent, self.incomplete)


def to(server: ScriptedServer, **changes: object) -> Destination:
    nodes = (f"{server.url}/insert-node", f"{server.url}/storage")
    given = {"kind": "victoriametrics", "nodes": nodes, "memory_seconds": 0.0, "read_timeout": 1.0, **changes}
    return Destination(f"{server.url}/insert/0/influx", "cluster", **given)  # type: ignore[arg-type]


@pytest.fixture
def writer(server: ScriptedServer) -> Iterator[Writer]:
    made = make_writer(to(server, read_timeout=30.0))
    yield made
    made.close()


@pytest.mark.parametrize(("copies", "incomplete"), [(1, 0), (2, 0), (2, 1)])
def test_lines_are_taken_once_each_copy_of_each_row_has_been_sent_on(
    server: ScriptedServer, writer: Writer, copies: int, incomplete: int
) -> None:
    server.answer = scripted = Scripted(copies, incomplete)
    writer.write(LINE)
    assert scripted.looks > scripted.late
    assert scripted.asked.count("/insert/0/influx/api/v2/write") == 1


def test_rows_that_a_vminsert_keeps_to_itself_are_not_taken(server: ScriptedServer) -> None:
    server.answer = scripted = Scripted()
    scripted.late = 1_000_000
    with pytest.raises(WriteUnavailable, match=r"holds rows that no vmstorage has taken \(0 of 1 sent\)"):
        make_writer(to(server)).write(LINE)


def test_what_a_vmstorage_drops_is_counted_after_the_rows_have_been_sent_on(
    server: ScriptedServer, writer: Writer
) -> None:
    server.answer = scripted = Scripted()
    writer.write(LINE)
    metrics = [path for path in scripted.asked if path.endswith("/metrics")]
    assert metrics[-1] == "/storage/metrics"
    assert scripted.looks > scripted.late + 2


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        (("/storage",), "`nodes` names no vminsert"),
        (("/insert-node",), "writes to 1 vmstorage, and `nodes` names 0 of them"),
        (("/insert-node", "/storage", "/storage-2"), "writes to 1 vmstorage, and `nodes` names 2 of them"),
        ((), "is a vminsert of a cluster: name each of its processes in `nodes`"),
    ],
)
def test_a_process_that_is_missing_is_told(server: ScriptedServer, nodes: tuple[str, ...], words: str) -> None:
    server.answer = Scripted()
    with pytest.raises(WriteUnavailable, match=words) as told:
        make_writer(to(server, nodes=tuple(server.url + node for node in nodes))).write(LINE)
    assert told.value.needs_user


def test_a_process_that_does_not_answer_is_named(server: ScriptedServer) -> None:
    scripted = Scripted()
    server.answer = lambda request: Reply(500) if "storage" in request.path else scripted(request)
    with pytest.raises(WriteUnavailable, match=rf"what answers 500 to /metrics at {server.url}/storage is not"):
        make_writer(to(server)).write(LINE)
