"""Settings given afterwards, and forgetting: where a database does not let points be deleted, or the command ends."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hanlogger.archive.backfill import OpenedJournal, deliver, redeliver_with_new_settings
from hanlogger.cli import app
from hanlogger.errors import HanloggerError, JournalUnavailable
from hanlogger.influxdb import Destination
from hanlogger.journal import Journal
from hanlogger.model import Meter
from tests.support.delivering import HOME, record, to
from tests.support.logger import environment, logger
from tests.support.scripted_server import NO_CONTENT, Reply, Request, ScriptedServer, influxdb_says, scripted_server
from tests.support.waiting import until

NOW = Meter("home", clock="normal-time", tags={"flat": "7"})
BUSY = influxdb_says(503, "busy")


class Erasing:
    """A database that answers requests to delete points, but not those in which there can be none."""

    def __init__(self, answer: Reply = NO_CONTENT) -> None:
        self.answer, self.erased = answer, 0
        self.look: Callable[[], None] = lambda: None

    def __call__(self, request: Request) -> Reply:
        if request.path != "/api/v2/delete" or json.loads(request.body)["stop"].startswith("1970"):
            return NO_CONTENT
        self.look()
        self.erased += 1
        return self.answer


@pytest.fixture
def other() -> Iterator[ScriptedServer]:
    with scripted_server() as script:
        yield script


@pytest.fixture
def both(journal: Journal, server: ScriptedServer, other: ScriptedServer) -> list[Destination]:
    """Two databases that have been served all that the journal has."""
    record(journal, *range(5))
    for name in ("one", "two"):
        journal.destinations.confirm(name, journal.newest)
    return [to(server, name="one"), to(other, name="two")]


def test_where_a_backfill_is_stopped_or_fails_no_delivery_goes_on(journal: Journal, server: ScriptedServer) -> None:
    record(journal, *range(5))
    server.say(BUSY)
    stopped, destination = threading.Event(), to(server, name="one")

    def fail(_: object) -> None:
        assert "deliver one" in {thread.name for thread in threading.enumerate()}
        raise HanloggerError("the terminal is gone")

    def has_ended() -> bool:
        return "deliver one" not in {thread.name for thread in threading.enumerate()}

    with pytest.raises(HanloggerError, match="terminal"):
        deliver(OpenedJournal(journal, ours=True), [destination], {}, "logger", stopped, fail)
    until(has_ended, "the delivery's end")
    stopped.set()
    assert not deliver(OpenedJournal(journal, ours=True), [destination], {}, "logger", stopped, lambda _: None)
    until(has_ended, "the delivery's end")


def test_nothing_is_deleted_anywhere_where_one_database_would_not_let_it_be(
    journal: Journal, server: ScriptedServer, other: ScriptedServer, both: list[Destination]
) -> None:
    server.answer = erasing = Erasing()
    other.say(BUSY)
    with pytest.raises(HanloggerError, match="503"):
        redeliver_with_new_settings(journal, both, NOW, {}, None, None)
    assert not erasing.erased
    assert [journal.redeliveries.get_first(one.name) for one in both] == [None, None]
    assert all(frame.meter == HOME for frame in journal.records.read_frames())


def test_where_the_second_database_fails_both_get_again_what_they_had_and_the_first_is_named(
    journal: Journal, server: ScriptedServer, other: ScriptedServer, both: list[Destination]
) -> None:
    server.answer, other.answer = Erasing(), Erasing(BUSY)
    with pytest.raises(HanloggerError, match=r"two: .*busy.*what is deleted in one is delivered there again"):
        redeliver_with_new_settings(journal, both, NOW, {}, None, None)
    assert [journal.destinations.count_waiting(one.name).frames for one in both] == [5, 5]
    assert all(frame.meter == HOME for frame in journal.records.read_frames())


def test_at_the_time_of_each_deletion_all_of_it_is_listed_to_be_sent_again_and_nothing_is_sent(
    journal: Journal, server: ScriptedServer, other: ScriptedServer, both: list[Destination]
) -> None:
    listed: list[list[int]] = []

    def look() -> None:
        """As the journal stands if the command is killed now."""
        with Journal.open(journal.path, read_only=True) as beside:
            listed.append([beside.destinations.count_waiting(one.name).frames for one in both])
            with pytest.raises(JournalUnavailable), beside.destinations.announce_request({}):
                pass

    server.answer, other.answer = erasing = Erasing(), Erasing()
    for each in erasing:
        each.look = look
    assert redeliver_with_new_settings(journal, both, NOW, {}, None, None) == 5
    assert listed == [[5, 5], [5, 5]]
    assert [journal.destinations.count_waiting(one.name).frames for one in both] == [5, 5]
    assert all(frame.meter == NOW for frame in journal.records.read_frames())


def test_what_a_request_has_just_taken_is_sent_again_though_its_cursor_has_not_moved_yet(
    journal: Journal, server: ScriptedServer
) -> None:
    record(journal, *range(5))
    journal.destinations.confirm("influxdb", 2)
    server.answer = Erasing()
    redeliver_with_new_settings(journal, [to(server)], NOW, {}, None, None)
    journal.destinations.confirm("influxdb", 5)
    assert journal.destinations.count_waiting("influxdb").frames == 5


def test_forget_says_in_which_database_points_are_deleted_where_another_does_not_let_them_be(
    tmp_path: Path, server: ScriptedServer, other: ScriptedServer
) -> None:
    with Journal.open(tmp_path / "journal.sqlite3") as journal:
        record(journal, *range(5))
    settings = tmp_path / "hanlogger.toml"
    databases = [
        f'[destination.{name}]\nurl = "{url}"\ntoken = "token"\n'
        for name, url in (("one", server.url), ("two", other.url))
    ]
    settings.write_text('[[meter]]\nname = "home"\nport = "/dev/none"\n' + "".join(databases))
    server.answer, other.answer = Erasing(), Erasing(BUSY)
    arguments = ["forget", "home", "--database", "--yes", "--config", str(settings)]
    done = CliRunner().invoke(app, arguments, env=environment(tmp_path))
    assert done.exit_code == 1
    assert "its points in one are deleted, in the journal they are not" in done.stderr
    with Journal.open(tmp_path / "journal.sqlite3", read_only=True) as journal:
        assert journal.records.count_frames() == 5


def test_a_database_that_the_running_logger_does_not_serve_is_not_waited_for(
    tmp_path: Path, server: ScriptedServer
) -> None:
    configured = {"HANLOGGER_PORT": "/dev/none", "HANLOGGER_METER": "home"}
    with Journal.open(tmp_path / "journal.sqlite3") as journal:
        record(journal, *range(5))
    added = configured | {"HANLOGGER_INFLUXDB_URL": server.url, "HANLOGGER_INFLUXDB_TOKEN": "token"}
    with logger(tmp_path, environ=configured):
        done = CliRunner().invoke(app, ["backfill", "--as-configured"], env=environment(tmp_path, added))
    assert done.exit_code == 2
    assert "does not deliver to influxdb: restart it" in done.stderr
    assert not server.requests
