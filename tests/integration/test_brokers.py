"""Workers behind real brokers that are killed, stuck or robbed of their disk: every message is in the database."""

from __future__ import annotations

import random
import signal
import subprocess
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from hanlogger.errors import JournalUnavailable
from hanlogger.journal import Journal
from hanlogger.sources import Broker, Envelope
from hanlogger.sources.mqtt import Mqtt
from tests.support.brokers import Program, device, mosquitto
from tests.support.collecting import Recorded, collecting, locked, port, recorded, sent
from tests.support.delivering import delivering, to, until_served
from tests.support.delivering import sent as made
from tests.support.logger import logger, start
from tests.support.ports import telegram
from tests.support.scripted_server import NO_CONTENT, Reply, ScriptedServer
from tests.support.sending import SOAK
from tests.support.servers import Bucket
from tests.support.waiting import until

KILLS = SOAK or 4
METERS = 200
SEED = 1


@pytest.mark.parametrize(
    ("kind", "share"),
    [("own_mosquitto", 1), pytest.param("shared_hivemq", 20, marks=pytest.mark.xdist_group("hivemq"))],
)
def test_a_worker_whose_journal_is_stuck_leaves_and_the_other_of_its_group_goes_on(
    kind: str, share: int, request: pytest.FixtureRequest, tmp_path: Path, journal: Journal
) -> None:
    """Of those sent later HiveMQ gives all to the other; mosquitto keeps for the one that is away what is its share."""
    broker: Program = request.getfixturevalue(kind)
    topic, later = "$share/workers/stuck/+/raw", sent(*range(20, 40))
    with Journal.open(tmp_path / "second") as second, ExitStack() as lock:
        well = collecting(second, port(broker, topic, client_id="well"))
        stuck = collecting(journal, port(broker, topic, client_id="stuck"), patience=2.0)
        with stuck as one, device(broker.port) as meter:
            until(lambda: one.state == "open")
            lock.enter_context(locked(journal.path))
            meter.publish("stuck/cellar/raw", *map(telegram, range(20)))
            until(lambda: len(one.unacknowledged), "it holds some")
            with well as other:
                until(lambda: other.state == "open")
                meter.publish("stuck/cellar/raw", *map(telegram, range(20, 40)))
                until(lambda: (recorded(second) & later).total() >= share, "the other goes on")
                until(lambda: one.state == "waiting", "the one that is stuck leaves")
                lock.close()
                until(lambda: set(recorded(journal) | recorded(second)) == set(sent(*range(40))), "nothing is lost")


@pytest.mark.xdist_group("hivemq")
def test_a_broker_that_keeps_to_it_hands_over_no_more_than_may_wait_for_an_acknowledgement(
    shared_hivemq: Program,
) -> None:
    few = port(shared_hivemq, "few/+/raw", most=3)
    with device(shared_hivemq.port) as meter, closing(Mqtt(few.url, "few", few.broker or Broker())) as source:
        meter.publish("few/cellar/raw", *map(telegram, range(9)))
        came = list[Envelope]()
        while len(came) < 9:
            new = until(lambda: source.read(1, 100))
            assert len(new) <= 3
            source.acknowledge(new)
            came += new


def make_environ(broker: Program, folder: Path) -> dict[str, str]:
    return {
        "HANLOGGER_PORT": f"mqtt://127.0.0.1:{broker.port}/han/+/raw",
        "HANLOGGER_METER": "flats",
        "HANLOGGER_BROKER_NEW_METERS": str(METERS),
        "HANLOGGER_BROKER_CLIENT_ID": "worker",
        "HANLOGGER_JOURNAL": str(folder / "journal.sqlite3"),
        "HANLOGGER_CLOCK_LIMIT": "off",
    }


def read_journal(folder: Path) -> Recorded:
    try:
        with Journal.open(folder / "journal.sqlite3", read_only=True) as journal:
            return recorded(journal)
    except JournalUnavailable:
        return Recorded()


def kill_when(folder: Path, environ: dict[str, str], chance: random.Random) -> None:
    """Run a worker, and kill it at any time after its first record of this run: between receipt and acknowledgement."""
    before = read_journal(folder).total()
    process = start(folder, environ=environ)
    try:
        until(lambda: read_journal(folder).total() > before or process.poll() is not None, "it records")
        try:
            process.wait(chance.uniform(0, 0.3))
        except subprocess.TimeoutExpired:
            return
        pytest.fail(f"it ended by itself: {(folder / 'log').read_text()[-2000:]}")
    finally:
        process.kill()
        process.wait()


@pytest.mark.timeout(300 + 30 * KILLS)
def test_a_worker_that_is_killed_again_and_again_loses_nothing_of_200_meters(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    expected = Recorded()
    with mosquitto(tmp_path / "broker") as broker, device(broker.port) as meters:
        environ = make_environ(broker, tmp_path)
        with logger(tmp_path, environ=environ) as worker:
            until(lambda: worker.state and worker.state.brokers[0].state == "open")
            assert worker.stop() == 0
        for kill in range(KILLS):
            messages = [(f"han/flat{number % METERS}/raw", telegram(kill * 400 + number)) for number in range(400)]
            meters.publish_all(messages)
            expected.update((topic.split("/")[1], data.rstrip()) for topic, data in messages)
            kill_when(tmp_path, environ, chance)
        with logger(tmp_path, environ=environ):
            until(lambda: not expected - read_journal(tmp_path), "every message is in the journal")
    assert set(read_journal(tmp_path)) == set(expected)


def test_a_stop_keeps_the_session_and_what_comes_meanwhile_is_recorded_after_it(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker") as broker, device(broker.port) as meter:
        for number, ending in enumerate((signal.SIGTERM, signal.SIGINT)):
            with logger(tmp_path, environ=make_environ(broker, tmp_path)) as worker:
                until(lambda: worker.state and worker.state.brokers[0].state == "open")
                assert worker.stop(ending) == 0
            meter.publish("han/cellar/raw", telegram(number))
        with logger(tmp_path, environ=make_environ(broker, tmp_path)):
            until(lambda: read_journal(tmp_path) == sent(0, 1))
        assert "sessions lost" not in (tmp_path / "log").read_text()


def test_what_no_database_has_taken_is_not_acknowledged_and_a_lost_disk_loses_nothing(
    tmp_path: Path, bucket: Bucket
) -> None:
    with mosquitto(tmp_path / "broker") as broker, device(broker.port) as meter:
        read = port(broker, client_id="worker", ack="delivered")
        with (
            Journal.open(tmp_path / "first") as lost,
            collecting(lost, read, destinations=["influxdb"], patience=0.3) as worker,
        ):
            until(lambda: worker.state == "open")
            meter.publish("han/home/raw", *(made(number).frame.data for number in range(30)))
            until(lambda: recorded(lost).total() == 30)
            until(lambda: worker.state == "waiting")
            assert "no database has taken it yet" in worker.words
        with (  # the first journal is thrown away
            Journal.open(tmp_path / "second") as new,
            collecting(new, read, destinations=["influxdb"]) as worker,
            delivering(new, to(bucket)),
        ):
            until(lambda: recorded(new).total() >= 30)
            until_served(new)
            until(lambda: worker.state == "open" and not len(worker.unacknowledged))
        assert bucket.count("active_energy") == 30
        with closing(Mqtt(read.url, "worker", Broker())) as source:
            assert source.read(0.5, 100) == []


def test_an_acknowledgement_waits_for_the_204_and_goes_out_then(
    tmp_path: Path, journal: Journal, server: ScriptedServer
) -> None:
    with mosquitto(tmp_path / "broker") as broker, device(broker.port) as meter:
        server.say(Reply(503))
        delivered = port(broker, ack="delivered")
        collected = collecting(journal, delivered, destinations=["influxdb"], patience=60)
        with delivering(journal, to(server)), collected as one:
            until(lambda: one.state == "open")
            meter.publish("han/home/raw", made(0).frame.data)
            until(lambda: recorded(journal).total() == 1)
            until(lambda: len(server.requests) > 3)
            assert len(one.unacknowledged) == 1
            server.say(NO_CONTENT)
            until(lambda: not len(one.unacknowledged))
