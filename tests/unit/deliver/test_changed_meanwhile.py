"""What is deleted or changed in the journal while a request of it is under way."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from hanlogger.archive.backfill import IN_FLIGHT
from hanlogger.errors import JournalUnavailable
from hanlogger.journal import Journal, NotDecoded, Outcome, Refusal
from hanlogger.model import Meter
from tests.support.delivering import delivering, record, to, until_served
from tests.support.scripted_server import NO_CONTENT, Misbehave, Reply, Request, ScriptedServer
from tests.support.waiting import PATIENCE, until

CABIN = Meter("cabin", clock="normal-time")
DB = "influxdb"
DOWN = Reply(503, b'{"code":"unavailable","message":"down"}')


def lines(server: ScriptedServer, requests: int = 0) -> list[bytes]:
    """Of the requests after so many."""
    return [line for body in server.bodies[requests:] for line in body.split(b"\n") if line]


def numbers(server: ScriptedServer, meter: str) -> set[int]:
    """Of the telegrams of a meter that a database has been sent."""
    found = [
        line for line in lines(server) if line.startswith(b"active_energy,") and b"meter=%b," % meter.encode() in line
    ]
    return {round(float(line.split(b"value=")[1].split()[0].rstrip(b"i"))) - 1_000_000 for line in found}


def wait_for_requests(journal: Journal, timeout: float) -> bool:
    """Whether none is under way any more."""
    with journal.destinations.hold_requests_back(timeout) as held_back:
        return held_back


def test_nothing_of_a_forgotten_meter_is_written_after_forget_has_said_so(
    journal: Journal, server: ScriptedServer
) -> None:
    record(journal, *range(5), meter=CABIN)
    record(journal, *range(3))
    server.say(DOWN)
    with delivering(journal, to(server)):
        until(lambda: len(server.requests) > 2, "a request is repeated")
        with Journal.open(journal.path, exclusive=False) as command:
            assert command.records.forget("cabin") == 5
            assert wait_for_requests(command, IN_FLIGHT)
        server.requests.clear()
        server.say(NO_CONTENT)
        until_served(journal)
    assert numbers(server, "home") == {0, 1, 2}
    assert not [line for line in lines(server) if b"meter=cabin" in line]


def test_what_is_given_other_settings_is_written_with_them_also_where_it_is_repeated(
    journal: Journal, server: ScriptedServer
) -> None:
    record(journal, 1)
    server.say(DOWN)
    with delivering(journal, to(server)):
        until(lambda: len(server.requests) > 2, "a request is repeated")
        with Journal.open(journal.path, exclusive=False) as command:
            command.records.reconfigure(Meter("home", clock="normal-time", tags={"flat": "7"}))
            assert wait_for_requests(command, IN_FLIGHT)
        server.requests.clear()
        server.say(NO_CONTENT)
        until_served(journal)
    assert all(b"flat=7" in line for line in lines(server))


class Held:
    """A server's answer that comes when it is let go."""

    def __init__(self) -> None:
        self.there, self.go = threading.Event(), threading.Event()

    def __call__(self, _: Request) -> Reply | Misbehave:
        self.there.set()
        assert self.go.wait(PATIENCE)
        return NO_CONTENT


def test_forget_waits_for_a_request_that_is_under_way(journal: Journal, server: ScriptedServer) -> None:
    record(journal, 1, meter=CABIN)
    server.answer = held = Held()
    with delivering(journal, to(server)), Journal.open(journal.path, exclusive=False) as command:
        assert held.there.wait(PATIENCE)
        command.records.forget("cabin")
        assert not wait_for_requests(command, 0.1)
        held.go.set()
        assert wait_for_requests(command, IN_FLIGHT)
        until(lambda: journal.destinations.get_cursor(DB) == 1)


def test_while_requests_are_held_back_nothing_is_sent_and_afterwards_all_is(
    journal: Journal, server: ScriptedServer
) -> None:
    record(journal, 1)
    with Journal.open(journal.path, exclusive=False) as command:
        with command.destinations.hold_requests_back(IN_FLIGHT) as held_back:
            assert held_back
            with pytest.raises(JournalUnavailable, match="nothing is sent"), journal.destinations.announce_request({}):
                pass
        with delivering(journal, to(server)):
            until_served(journal)
    assert numbers(server, "home") == {1}


def test_without_a_request_under_way_nobody_waits(journal: Journal) -> None:
    assert wait_for_requests(journal, 0)


def test_what_is_refused_of_a_forgotten_meter_is_not_listed(journal: Journal) -> None:
    record(journal, 1, meter=CABIN)
    outcome = Outcome(1, (Refusal(1, 1, b"line", "no"),), (NotDecoded(1, "too short", "v"),))
    journal.destinations.settle(DB, outcome)
    assert len(journal.refused.list_newest()) == 1
    journal.records.forget("cabin")
    journal.destinations.settle(DB, outcome)
    assert journal.refused.list_newest() == []
    with closing(sqlite3.connect(journal.path)) as connection:
        assert connection.execute("SELECT count(*) FROM undecoded").fetchone() == (0,)


def test_a_range_that_is_asked_for_again_while_it_is_under_way_is_written_once_more(
    journal: Journal, server: ScriptedServer
) -> None:
    record(journal, *range(4))
    with delivering(journal, to(server)):
        until_served(journal)
        server.answer = held = Held()
        journal.redeliveries.request(DB, "home")
        assert held.there.wait(PATIENCE)
        before = len(server.requests)
        assert journal.redeliveries.request(DB, "home") == 4
        server.say(NO_CONTENT)
        held.go.set()
        until_served(journal)
    assert len(lines(server, before + 1)) == len(lines(server, before)) / 2 > 0


def test_the_file_that_tells_of_requests_is_for_its_owner_alone(journal: Journal) -> None:
    assert wait_for_requests(journal, 0)
    assert Path(f"{journal.path}.sending").stat().st_mode & 0o777 == 0o600
