"""A cluster of VictoriaMetrics as a destination: whatever of it is killed, every point is there at the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

import pytest

from hanlogger.archive.erase import EVER, erase
from hanlogger.errors import WriteRejected, WriteUnavailable
from hanlogger.influxdb import Destination, make_writer
from hanlogger.influxdb.writers import Writer
from hanlogger.journal import Entry, Journal
from hanlogger.model import Frame, Meter
from tests.support.delivering import delivering, record
from tests.support.journals import START
from tests.support.octets import telegram
from tests.support.sending import SOAK
from tests.support.victoriametrics_cluster import Cluster, victoriametrics_cluster
from tests.support.waiting import until

NAME = "cluster"
KILLS = min(SOAK, 20)
ROWS = b"".join(b"voltage,meter=m%d value=230 1767225600000\n" % number for number in range(100))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One that the tests of this file share: each uses a meter of its own, and leaves all of it running."""
    with victoriametrics_cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started


def to(cluster: Cluster, **changes: object) -> Destination:
    given = {"kind": "victoriametrics", "nodes": cluster.nodes, "memory_seconds": 0.0, **changes}
    return Destination(cluster.url, NAME, **given)  # type: ignore[arg-type]


@pytest.fixture
def writer(cluster: Cluster) -> Iterator[Writer]:
    made = make_writer(to(cluster))
    yield made
    made.close()


def energies(cluster: Cluster, meter: str) -> list[float]:
    points = [point for _, found in cluster.rows(f'active_energy_value{{meter="{meter}"}}') for point in found]
    return [value - 1_000_000 for _, value in sorted(points)]


def test_every_telegram_is_there_and_a_point_that_a_vmstorage_drops_is_listed(
    journal: Journal, cluster: Cluster
) -> None:
    meter, ahead = Meter("every", clock="receive"), datetime.now(UTC) + timedelta(days=30)
    energy = telegram("1-0:1.8.0(1000.001*kWh)")
    journal.records.append([Entry(Frame("p1", energy, at), meter) for at in (START, ahead)])
    with delivering(journal, to(cluster)):
        until(lambda: not journal.destinations.has_waiting(NAME), "all is delivered or refused")
    assert energies(cluster, "every") == [1]
    (refused,) = journal.refused.list_newest(NAME)
    assert refused.refusal.first_id == 2
    assert "they lie in the future" in refused.refusal.reason


def test_a_point_that_is_older_than_the_retention_is_rejected_in_words(writer: Writer) -> None:
    with pytest.raises(WriteRejected, match=r"answered 204 and dropped rows: 1, because they are older than its"):
        writer.write(ROWS + b"voltage,meter=old value=1 1000\n")


def test_a_meter_is_deleted_by_the_vmselect(cluster: Cluster, writer: Writer) -> None:
    writer.write(ROWS.replace(b"meter=m", b"meter=gone"))
    assert len(cluster.rows('voltage_value{meter="gone7"}')) == 1
    erase(to(cluster), "gone7", EVER[0], EVER[0])
    erase(to(cluster), "gone7", *EVER)
    assert cluster.rows('voltage_value{meter="gone7"}') == []
    assert len(cluster.rows('voltage_value{meter="gone8"}')) == 1
    with pytest.raises(WriteUnavailable, match="names none"):
        erase(to(cluster, nodes=cluster.nodes[:-1]), "gone8", *EVER)


def test_what_a_vmstorage_or_a_vminsert_had_in_memory_when_it_was_killed_is_not_confirmed(
    cluster: Cluster, writer: Writer
) -> None:
    for victim in (cluster.storages[0], cluster.insert):
        writer.write(ROWS.replace(b"meter=m", b"meter=%d-" % victim.port))
        victim.kill()
        victim.start()
        with pytest.raises(WriteUnavailable, match="was started anew, and may have lost"):
            writer.confirm()


def test_what_is_written_while_a_vmstorage_is_down_is_not_confirmed_and_there_once_it_is_back(
    journal: Journal, cluster: Cluster
) -> None:
    record(journal, *range(50), meter=Meter("down", clock="normal-time"))
    victim = cluster.storages[1]
    victim.kill()
    try:
        with delivering(journal, to(cluster)) as delivery:
            until(lambda: delivery.retries > 1, "it has been sent again")
            assert f"http://127.0.0.1:{victim.port}/metrics cannot be reached" in delivery.answer.words
            assert journal.destinations.count_waiting(NAME).frames == 50
            victim.start()
            until(lambda: not journal.destinations.has_waiting(NAME), "all is delivered")
    finally:
        if victim.process is not None and victim.process.poll() is not None:
            victim.start()
    assert energies(cluster, "down") == list(range(50))


def test_nodes_that_are_missing_are_told(cluster: Cluster) -> None:
    insert, first, *rest = cluster.nodes
    for nodes, words in (
        ((first, *rest), "`nodes` names no vminsert"),
        ((insert, first), "writes to 2 vmstorage, and `nodes` names 1 of them"),
        ((), "is a vminsert of a cluster: name each of its processes in `nodes`"),
    ):
        with pytest.raises(WriteUnavailable, match=words):
            make_writer(to(cluster, nodes=nodes)).check()


def test_a_cluster_whose_flags_lose_points_is_told(tmp_path: Path) -> None:
    with victoriametrics_cluster(tmp_path, 1, (), ("-dropSamplesOnOverload", "-replicationFactor=1")) as careless:
        doubt = make_writer(to(careless)).check()
    storage, insert = (f"at http://127.0.0.1:{one.port}" for one in (careless.storages[0], careless.insert))
    assert f"the vmstorage {storage} drops what is older than its -retentionPeriod=1: start it with 100y" in doubt
    assert f"the vminsert {insert} drops what it has taken where a vmstorage is down" in doubt


@pytest.mark.skipif(not SOAK, reason="it takes minutes: HANLOGGER_SOAK is not set")
@pytest.mark.parametrize("copies", [1, 2])
def test_whatever_is_killed_every_point_is_there(journal: Journal, tmp_path: Path, copies: int) -> None:
    flags = (f"-replicationFactor={copies}",)
    with victoriametrics_cluster(tmp_path / "cluster", 3, insert_flags=flags) as killed:
        victims = cycle((killed.storages[0], killed.insert, killed.storages[1], killed.select))
        with delivering(journal, to(killed, memory_seconds=Destination.memory_seconds)):
            for number, victim in enumerate(islice(victims, KILLS)):
                record(journal, *range(number * 100, number * 100 + 100), meter=Meter("house", clock="normal-time"))
                until(killed.holds_in_memory, "what a vmstorage has taken is not on its disk yet")
                victim.kill()
                victim.start()
            until(lambda: not journal.destinations.has_waiting(NAME), "all is delivered", 600.0)
        assert energies(killed, "house") == list(range(KILLS * 100))
