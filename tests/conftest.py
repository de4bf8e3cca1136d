"""Fixtures for real parts. A test that needs one that cannot be had skips and says why."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from hanlogger.journal import Journal
from tests.support.brokers import KafkaNode, Program, hivemq, kafka, mosquitto
from tests.support.scripted_server import ScriptedServer, scripted_server
from tests.support.servers import Bucket, Influxdb, OwnInfluxdb, own_server, shared_server

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")  # a busy machine makes any example slow: how long one takes says nothing


LONG = frozenset(
    {
        "test_lock",
        "test_fleet",
        "test_kafka",
        "test_killed",
        "test_simulated_year",
        "test_intervals",
        "test_outage",
        "test_pty_flood",
        "test_pages_in_browser",
        "test_salvage",
        "test_templates",
    }
)
"""Files with tests that take many seconds each: they are begun first, so that none of them is the last to end."""


def pytest_xdist_auto_num_workers() -> int:
    """Use three workers a processor, as a test often waits for another process or the disk."""
    return 3 * (os.cpu_count() or 1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.stem not in LONG)
    if config.getoption("loadgroup", default=False):
        name_groups(items)


def pytest_collection_finish() -> None:
    """Leave thousands of tests, which live until the end, out of every search for garbage."""
    gc.collect()
    gc.freeze()


def name_groups(items: list[pytest.Item]) -> None:
    """Put the group of a test into its id, by which pytest-xdist gives it to a worker.

    pytest-xdist 3.8 does so itself, by an attribute that pytest heeds no more since 9.2.
    """
    for item in items:
        for mark in item.iter_markers("xdist_group"):
            if not item.nodeid.endswith(group := f"@{mark.args[0]}"):
                item._id = type(item.id).parse(item.nodeid + group)


@pytest.fixture(autouse=True)
def signals_as_before() -> Iterator[None]:
    """Give the signals back that a command, run in this process, has blocked to wait for them itself.

    Otherwise every program that a later test starts would begin with Ctrl-C blocked.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Have the summary fold what skips for one reason into one line a file."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple):
        report.longrepr = (str(item.path), None, report.longrepr[2])  # type: ignore[assignment]  # no line
    return report


CORPUS = Path(__file__).parents[2] / "shared" / "corpus"


@pytest.fixture(scope="session")
def influxdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxdb]:
    """A server shared by the tests of all workers: never stopped by a test; take a `bucket` of your own in it."""
    own = tmp_path_factory.getbasetemp()
    with shared_server((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared-influxd") as server:
        yield server


@pytest.fixture
def bucket(influxdb: Influxdb) -> Bucket:
    return influxdb.new_bucket()


@pytest.fixture
def own_influxdb(tmp_path: Path) -> Iterator[OwnInfluxdb]:
    """A server of this test alone, set up with bucket `hanlogger`: may be stopped, killed, started again."""
    with own_server(tmp_path / "influxd") as server:
        yield server


@pytest.fixture
def fresh_influxdb(tmp_path: Path) -> Iterator[OwnInfluxdb]:
    """A server of this test alone that nobody has set up yet."""
    with own_server(tmp_path / "influxd", set_up=False) as server:
        yield server


@pytest.fixture
def own_mosquitto(tmp_path: Path) -> Iterator[Program]:
    """A mosquitto of this test alone."""
    with mosquitto(tmp_path / "mosquitto") as program:
        yield program


@pytest.fixture(scope="session")
def shared_hivemq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A HiveMQ CE that no test stops, for tests of the group `hivemq`: each with topics and client ids of its own."""
    with hivemq(tmp_path_factory.mktemp("hivemq")) as program:
        yield program


@pytest.fixture(scope="session")
def shared_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaNode]:
    """A Kafka of one node that no test stops, for tests of the group `kafka`: each with a topic of its own."""
    with kafka(tmp_path_factory.mktemp("kafka")) as node:
        yield node


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real messages beside the checkout."""
    if not CORPUS.is_dir():
        pytest.skip("no corpus of real messages beside the checkout (../shared/corpus)")
    return CORPUS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the journal of this test is, or is to be made."""
    return tmp_path / "journal.sqlite3"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    """A new journal, open for writing."""
    with Journal.open(path) as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A database that answers as the test says."""
    with scripted_server() as script:
        yield script
