"""Three workers and 200 meters behind real brokers: whatever is killed, nothing is missing but what is named."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from tests.support.brokers import MOSQUITTO, Producer, Program, hivemq, kafka, mosquitto
from tests.support.fleet import METERS, WORKERS, Fleet, by_kafka, by_mqtt, fleet
from tests.support.sending import SOAK
from tests.support.servers import OwnInfluxdb
from tests.support.waiting import until

KILLS = SOAK or 3
SHARDS = "abc"
AUTOSAVE = int(MOSQUITTO["autosave_interval"])

Restart = Callable[[Program], None]


Hurt = Callable[[ExitStack], None]
"""Keep what is received from being acknowledged, until the end of the stack."""


def lose_one(workers: Fleet, hurt: Hurt, *, disk: bool) -> None:
    """Send a telegram of each meter, and kill a worker that has acknowledged none of what it has; lose its disk too."""
    with ExitStack() as held:
        hurt(held)
        workers.send()
        victim = until(workers.find_holder, "a worker holds what it has not acknowledged")
        assert victim is not None
        victim.kill()
    if disk:
        victim.lose_disk()
    victim.start()
    workers.wait_until_open()


def survive(workers: Fleet, broker: Program, restart: Restart, *, delivered: bool) -> None:
    """Kill workers by turns while their journals are locked, while the database is down, and with the broker."""

    def lock(held: ExitStack) -> None:
        held.enter_context(workers.journals_locked())

    def stop_database(held: ExitStack) -> None:
        workers.database.kill()
        held.callback(workers.database.start)
        if not delivered:
            lock(held)

    def stop_broker(held: ExitStack) -> None:
        lock(held)
        held.callback(restart, broker)

    for kill in range(KILLS):
        lose_one(workers, (lock, stop_database, stop_broker)[kill % 3], disk=delivered)
    workers.wait_until_stored()
    assert workers.stored() == workers.sent
    assert len(workers.sent) == KILLS * METERS


def stop(broker: Program) -> None:
    """End the broker as an update of the machine does, and start it again."""
    broker.stop()
    broker.start()


def kill(broker: Program) -> None:
    """End the broker as a power cut does, and start it again."""
    broker.kill()
    broker.start()


def take(
    broker: Program, folder: Path, database: OwnInfluxdb, qos: int = 1, **settings: str
) -> AbstractContextManager[Fleet]:
    """Three workers, each with topics of its own."""
    urls = [f"mqtt://127.0.0.1:{broker.port}/han/{shard}/+/raw" for shard in SHARDS]
    return fleet(folder, database, urls, by_mqtt(broker.port, SHARDS, qos), **settings)


def settle(workers: Fleet, lost: int) -> None:
    """Wait until all but so many messages are in the database, and a message that comes after them too."""
    workers.wait_until_open()
    last = workers.send()
    until(lambda: last <= workers.stored(), "what is sent last is in the database")
    until(lambda: len(workers.missing()) <= lost, "what is not lost is in the database")


def test_a_session_that_ends_while_its_worker_is_away_loses_what_waits_in_it_and_nothing_else(
    tmp_path: Path, own_influxdb: OwnInfluxdb
) -> None:
    with mosquitto(tmp_path / "broker") as broker, take(broker, tmp_path, own_influxdb, session="1s") as workers:
        away = workers.workers[2]
        away.kill()
        workers.send()
        until(lambda: "Expiring client worker2" in broker.log, "the session ends")
        away.start()
        settle(workers, len(range(2, METERS, WORKERS)))
        assert workers.missing() == {(f"flat{meter}", 0) for meter in range(2, METERS, WORKERS)}
        assert away.running is not None
        assert "does not know the session of worker2 any more" in away.running.log


def test_a_mosquitto_that_is_killed_loses_no_more_than_the_changes_between_two_saves(
    tmp_path: Path, own_influxdb: OwnInfluxdb
) -> None:
    with mosquitto(tmp_path / "broker") as broker, take(broker, tmp_path, own_influxdb) as workers:
        for worker in workers.workers:
            worker.kill()
        for _ in range(5):
            workers.send()
        kill(broker)
        for worker in workers.workers:
            worker.start()
        settle(workers, AUTOSAVE)
        lost = len(workers.missing())
        print(f"{lost} of {5 * METERS} messages that waited are lost")
        assert lost <= AUTOSAVE


@pytest.mark.timeout(600 + 60 * KILLS)
@pytest.mark.parametrize("ack", ["journal", "delivered"])
def test_every_message_is_in_the_database_where_each_worker_has_topics_of_its_own(
    ack: str, tmp_path: Path, own_influxdb: OwnInfluxdb
) -> None:
    with mosquitto(tmp_path / "broker") as broker, take(broker, tmp_path, own_influxdb, ack=ack) as workers:
        survive(workers, broker, stop, delivered=ack == "delivered")


@pytest.mark.timeout(600 + 60 * KILLS)
def test_every_message_is_in_the_database_where_workers_of_a_kafka_group_are_lost_with_their_disks(
    tmp_path: Path, own_influxdb: OwnInfluxdb
) -> None:
    pytest.importorskip("confluent_kafka", reason="no confluent-kafka: the extra hanlogger[kafka] is not installed")
    with kafka(tmp_path / "broker") as broker:
        Producer(broker.port).make_topic("han", 6)
        urls = [f"kafka://127.0.0.1:{broker.port}/han"] * WORKERS
        with fleet(tmp_path, own_influxdb, urls, by_kafka(broker.port, "han"), ack="delivered") as workers:
            survive(workers, broker, kill, delivered=True)


@pytest.mark.timeout(600 + 60 * KILLS)
@pytest.mark.parametrize("ack", ["journal", "delivered"])
def test_every_message_is_in_the_database_where_workers_share_one_subscription_of_hivemq(
    ack: str, tmp_path: Path, own_influxdb: OwnInfluxdb
) -> None:
    with hivemq(tmp_path / "broker") as broker:
        urls = [f"mqtt://127.0.0.1:{broker.port}/$share/workers/han/all/+/raw"] * WORKERS
        with fleet(tmp_path, own_influxdb, urls, by_mqtt(broker.port, ["all"]), ack=ack) as workers:
            survive(workers, broker, stop, delivered=ack == "delivered")
