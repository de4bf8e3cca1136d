"""Three workers and 200 meters behind real brokers: whatever is killed, nothing is missing but what is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import pytest

from tests.support.brokers import MOSQUITTO, KafkaNode, Producer, Program, hivemq, kafka_of_three, mosquitto
from tests.support.fleet import METERS, WORKERS, Fleet, by_kafka, by_mqtt, fleet
from tests.support.sending import SOAK
from tests.support.servers import OwnInfluxdb
from tests.support.waiting import until

KILLS = min(SOAK, 20)
"""How often a worker is killed; 0: once in each way."""

SHARDS = "abc"
MOST_HELD = 20  # messages of a worker without an acknowledgement, where a broker loses what is in flight
AUTOSAVE = int(MOSQUITTO["autosave_interval"])

NO_KAFKA_CLIENT = "no confluent-kafka: the extra hanlogger[kafka] is not installed"

of_the_long_form = pytest.mark.skipif(not SOAK, reason="it takes minutes: HANLOGGER_SOAK is not set")

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


def survive(workers: Fleet, *, delivered: bool, restart: Callable[[], None] | None = None) -> None:
    """Kill workers by turns while their journals are locked, while the database is down, and where the broker ends."""

    def lock(held: ExitStack) -> None:
        held.enter_context(workers.journals_locked())

    def stop_database(held: ExitStack) -> None:
        workers.database.kill()
        held.callback(workers.database.start)
        if not delivered:
            lock(held)

    def stop_broker(held: ExitStack) -> None:
        lock(held)
        if restart is not None:
            held.callback(restart)

    hurts: list[Hurt] = [lock, stop_database, *([stop_broker] if restart else [])]
    for hurt in islice(cycle(hurts), KILLS or len(hurts)):
        lose_one(workers, hurt, disk=delivered)
    workers.wait_until_stored()
    assert workers.stored() == workers.sent
    assert len(workers.sent) == (KILLS or len(hurts)) * METERS


def stop(broker: Program) -> None:
    """End the broker as an update of the machine does, and start it again."""
    broker.stop()
    broker.start()


def kill(broker: Program) -> None:
    """End the broker as a power cut does, and start it again."""
    broker.kill()
    broker.start()


def kill_by_turns(nodes: Sequence[Program]) -> Callable[[], None]:
    """Kill one node after the other, each of them dead until it is the next one's turn."""
    turns, dead = cycle(nodes), list[Program]()

    def kill_next() -> None:
        while dead:
            dead.pop().start()
        dead.append(next(turns))
        dead[0].kill()

    return kill_next


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


@pytest.mark.parametrize("ack", ["journal", "delivered"])
def test_every_message_is_in_the_database_where_each_worker_has_topics_of_its_own(
    ack: str, tmp_path: Path, own_influxdb: OwnInfluxdb
) -> None:
    with mosquitto(tmp_path / "broker") as broker, take(broker, tmp_path, own_influxdb, ack=ack) as workers:
        survive(workers, delivered=ack == "delivered", restart=partial(stop, broker))


def share(broker: Program, folder: Path, database: OwnInfluxdb, **settings: str) -> AbstractContextManager[Fleet]:
    """Three workers that share one subscription."""
    urls = [f"mqtt://127.0.0.1:{broker.port}/$share/workers/han/all/+/raw"] * WORKERS
    return fleet(folder, database, urls, by_mqtt(broker.port, ["all"]), **settings)


@pytest.mark.xdist_group("hivemq")
def test_every_message_is_in_the_database_where_workers_that_share_a_subscription_of_hivemq_lose_their_disks(
    shared_hivemq: Program, tmp_path: Path, own_influxdb: OwnInfluxdb
) -> None:
    with share(shared_hivemq, tmp_path, own_influxdb, ack="delivered") as workers:
        survive(workers, delivered=True)


@of_the_long_form
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("ack", ["journal", "delivered"])
def test_every_message_is_in_the_database_where_workers_share_one_subscription_of_hivemq(
    ack: str, tmp_path: Path, own_influxdb: OwnInfluxdb
) -> None:
    with hivemq(tmp_path / "broker") as broker, share(broker, tmp_path, own_influxdb, ack=ack) as workers:
        survive(workers, delivered=ack == "delivered", restart=partial(stop, broker))


@of_the_long_form
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("ack", ["journal", "delivered"])
def test_every_message_is_in_the_database_where_a_hivemq_is_killed_and_each_worker_has_topics_of_its_own(
    ack: str, tmp_path: Path, own_influxdb: OwnInfluxdb
) -> None:
    with hivemq(tmp_path / "broker") as broker, take(broker, tmp_path, own_influxdb, ack=ack) as workers:
        survive(workers, delivered=ack == "delivered", restart=partial(kill, broker))


@of_the_long_form
@pytest.mark.timeout(3600)
def test_a_power_cut_of_hivemq_and_of_workers_that_share_loses_what_was_in_flight_and_what_is_sent_later_comes(
    tmp_path: Path, own_influxdb: OwnInfluxdb
) -> None:
    with (
        hivemq(tmp_path / "broker") as broker,
        share(broker, tmp_path, own_influxdb, most=str(MOST_HELD)) as workers,
    ):
        with workers.journals_locked():
            workers.send()
            until(workers.find_holder, "a worker holds what it has not acknowledged")
            broker.kill()
            for worker in workers.workers:
                worker.kill()
        broker.start()
        for worker in workers.workers:
            worker.start()
        settle(workers, WORKERS * MOST_HELD)
        print(f"{len(workers.missing())} of {len(workers.sent)} messages are missing")


@of_the_long_form
@pytest.mark.timeout(3600)
def test_a_hivemq_that_is_killed_under_workers_that_share_loses_nothing_and_what_is_sent_later_comes(
    tmp_path: Path, own_influxdb: OwnInfluxdb
) -> None:
    with hivemq(tmp_path / "broker") as broker, share(broker, tmp_path, own_influxdb) as workers:
        for _ in range(3):
            with workers.journals_locked():
                workers.send()
                until(workers.find_holder, "a worker holds what it has not acknowledged")
                kill(broker)
            settle(workers, 0)


def group(nodes: Sequence[Program], folder: Path, database: OwnInfluxdb, ack: str) -> AbstractContextManager[Fleet]:
    """Three workers of one group of Kafka."""
    ports = [node.port for node in nodes]
    Producer(*ports).make_topic("han", 6, len(nodes))
    urls = [f"kafka://{','.join(f'127.0.0.1:{port}' for port in ports)}/han"] * WORKERS
    return fleet(folder, database, urls, by_kafka(ports, "han"), ack=ack)


@pytest.mark.xdist_group("kafka")
def test_every_message_is_in_the_database_where_workers_of_a_kafka_group_are_lost_with_their_disks(
    shared_kafka: KafkaNode, tmp_path: Path, own_influxdb: OwnInfluxdb
) -> None:
    pytest.importorskip("confluent_kafka", reason=NO_KAFKA_CLIENT)
    with group([shared_kafka], tmp_path, own_influxdb, "delivered") as workers:
        survive(workers, delivered=True)


@of_the_long_form
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("ack", ["journal", "delivered"])
def test_every_message_is_in_the_database_where_workers_and_one_kafka_of_three_are_killed(
    ack: str, tmp_path: Path, own_influxdb: OwnInfluxdb
) -> None:
    """Under "delivered" the workers lose their disks too."""
    pytest.importorskip("confluent_kafka", reason=NO_KAFKA_CLIENT)
    with kafka_of_three(tmp_path / "broker") as nodes, group(nodes, tmp_path, own_influxdb, ack) as workers:
        survive(workers, delivered=ack == "delivered", restart=kill_by_turns(nodes))
