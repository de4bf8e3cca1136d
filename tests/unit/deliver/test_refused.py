"""What a database refuses, what cannot be decoded: set aside under a name, and nothing else with it."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hanlogger.deliver import Pace, delivery, drafts, notices, request_size
from hanlogger.deliver.batch import fill_batch
from hanlogger.deliver.blame import SAME, Blame
from hanlogger.deliver.outage_log import MOST_KINDS
from hanlogger.errors import Failing
from hanlogger.hostclock import Uptime
from hanlogger.journal import Entry, Journal, Record, make_frame
from hanlogger.model import Frame, Meter
from tests.support.delivering import HOME, LINES, delivering, energies, record, sent, to, until_served
from tests.support.journals import START
from tests.support.octets import telegram
from tests.support.scripted_server import (
    NO_CONTENT,
    SIGNED,
    Misbehave,
    Reply,
    Request,
    ScriptedServer,
    influxdb_says,
    raw,
)
from tests.support.servers import Bucket, Influxdb, OwnInfluxdb
from tests.support.vectors import KEY, octets
from tests.support.waiting import until

CABIN = Meter("cabin", clock="normal-time")


def refusing(bad: Callable[[bytes], bool], taken: list[bytes], status: int = 422) -> Callable[[Request], Reply]:
    """A database that takes all or nothing."""

    def answer(request: Request) -> Reply:
        lines = request.body.splitlines()
        if any(map(bad, lines)):
            return influxdb_says(status, "partial write: field type conflict", "unprocessable entity")
        taken.extend(lines)
        return NO_CONTENT

    return answer


# on a real server


def test_a_series_of_another_type_is_refused_and_every_other_line_is_in_the_database(
    journal: Journal, bucket: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    bucket.write(b"voltage,from=somebody value=230i 1767225600000\n")
    record(journal, *range(30))
    with delivering(journal, to(bucket)):
        until_served(journal)
    assert energies(bucket) == list(range(30))
    assert bucket.count("clock_offset") == 30
    refused = [entry.refusal for entry in journal.refused.list_newest()]
    assert all(refusal.line is None or refusal.line.startswith(b"voltage,") for refusal in refused)
    assert all("field type conflict" in refusal.reason for refusal in refused)
    assert caplog.text.count("refuses lines") == 1


def test_what_was_refused_gets_in_when_it_is_tried_again_after_the_cause_is_gone(
    journal: Journal, bucket: Bucket
) -> None:
    bucket.write(b"voltage,from=somebody value=230i 1767225600000\n")
    record(journal, *range(5))
    with delivering(journal, to(bucket)):
        until_served(journal)
        assert len(journal.refused.list_newest()) == 5
        everything = {"start": "1970-01-01T00:00:00Z", "stop": "2100-01-01T00:00:00Z"}
        voltage = everything | {"predicate": '_measurement="voltage"'}
        bucket.server.call("POST", f"/api/v2/delete?org=home&bucket={bucket.name}", json_body=voltage, expect=204)
        assert journal.refused.retry() == 5
        until_served(journal)
    assert journal.refused.list_newest() == []
    assert bucket.count("voltage") == 5


def test_a_backlog_older_than_the_retention_is_refused_and_what_is_new_is_not(
    journal: Journal, influxdb: Influxdb, caplog: pytest.LogCaptureFixture
) -> None:
    bucket = influxdb.new_bucket(retention_seconds=86_400)
    now = datetime.now(UTC).replace(microsecond=0)
    journal.records.append([sent(number, start=START) for number in range(300)])
    journal.records.append([sent(number, start=now - timedelta(hours=1)) for number in range(300, 310)])
    with delivering(journal, to(bucket)):
        until_served(journal)
    assert energies(bucket) == list(range(300, 310))
    refused = [entry.refusal for entry in journal.refused.list_newest()]
    assert {number for each in refused for number in range(each.first_id, each.last_id + 1)} == set(range(1, 301))
    assert all("outside retention policy" in each.reason for each in refused)
    assert caplog.text.count("refuses lines") == 1


def test_after_a_refusal_over_many_weeks_each_good_line_is_durable(journal: Journal, own_influxdb: OwnInfluxdb) -> None:
    """InfluxDB shows the other lines after a 422, and may lose some of them when it is killed: only a 204 counts."""
    bucket = Bucket(own_influxdb, "hanlogger", "")
    week = timedelta(days=7)
    bucket.write(b"voltage,from=somebody value=1i %d\n" % ((START + 3 * week).timestamp() * 1000))
    for number in range(8):
        journal.records.append([sent(second, start=START + number * week) for second in range(200)])
    with delivering(journal, to(bucket)):
        until_served(journal)
    own_influxdb.kill()
    own_influxdb.start()
    assert bucket.count("active_energy") == 8 * 200
    voltages = bucket.query('SELECT count("value") AS n FROM "voltage" WHERE meter = \'home\'')
    assert voltages[0]["n"] == 7 * 200
    refused = [entry.refusal for entry in journal.refused.list_newest()]
    assert min(refusal.first_id for refusal in refused) == 601
    assert max(refusal.last_id for refusal in refused) == 800


# as told


@pytest.mark.parametrize("status", [400, 422])
def test_only_the_line_at_fault_is_refused(journal: Journal, server: ScriptedServer, status: int) -> None:
    taken: list[bytes] = []
    server.answer = refusing(lambda line: b"value=1000007 " in line, taken, status)
    record(journal, *range(20))
    with delivering(journal, to(server)):
        until_served(journal)
    (entry,) = journal.refused.list_newest()
    assert entry.destination == "influxdb"
    assert entry.refusal.first_id == entry.refusal.last_id == 8
    assert entry.refusal.line is not None
    assert entry.refusal.line.startswith(b"active_energy,")
    assert len(set(taken)) == 20 * LINES - 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(400, b"<html><title>400 The plain HTTP request was sent to HTTPS port</title></html>"),
        Reply(400, b"Client sent an HTTP request to an HTTPS server.\n"),
        Reply(400, b'{"code":"invalid","message":"unable to parse"}'),
        Reply(400, b'{"error":"partial write"}', {"X-Influxdb-Version": "1.12.4"}),
        Reply(400, b"", SIGNED),
        Reply(422, b'{"message":"partial write: field type conflict"}', SIGNED),
        Reply(422, b'{"code":5,"message":"partial write"}', SIGNED),
        Reply(422, b'{"code":"invalid","message":null}', SIGNED),
        Reply(422, b'[{"code":"invalid","message":"x"}]', SIGNED),
        Reply(404, b"<html>"),
        Reply(500, b'{"code":"internal error","message":"partial write: points beyond retention policy"}'),
        raw(b'HTTP/1.1 400 x\r\nX-Influxdb-Version: v2\r\nContent-Length: 99\r\n\r\n{"code":"invalid","message":"x"}'),
    ],
)
def test_what_is_not_influxdbs_own_answer_refuses_nothing(
    journal: Journal, server: ScriptedServer, reply: Reply | Misbehave, caplog: pytest.LogCaptureFixture
) -> None:
    server.say(*[reply] * 6, NO_CONTENT)
    record(journal, *range(20))
    with delivering(journal, to(server)):
        until_served(journal)
    assert journal.refused.list_newest() == []
    assert len(set(server.bodies)) == 1
    assert len(server.bodies) == 7
    assert caplog.text.count("telegrams are kept and will be sent") == 1


def test_influxdbs_own_refusal_is_known_by_any_of_its_headers(journal: Journal, server: ScriptedServer) -> None:
    for number, name in enumerate(("X-Influxdb-Version", "X-Influxdb-Build", "X-Platform-Error-Code")):
        server.say(Reply(400, b'{"code":"invalid","message":"unable to parse"}', {name.lower(): "invalid"}))
        record(journal, number)
        with delivering(journal, to(server)):
            until_served(journal)
        assert len(journal.refused.list_newest()) == (number + 1) * LINES


def test_a_refusal_that_quotes_more_than_is_read_is_a_refusal(journal: Journal, server: ScriptedServer) -> None:
    long = "unable to parse '" + 'å"\\\n\u001b' * 30_000
    taken: list[bytes] = []

    def answer(request: Request) -> Reply:
        if b"value=1000007 " in request.body:
            return influxdb_says(400, long, "invalid")
        taken.extend(request.body.splitlines())
        return NO_CONTENT

    server.answer = answer
    record(journal, *range(20))
    with delivering(journal, to(server)):
        until_served(journal)
    (entry,) = journal.refused.list_newest()
    assert entry.refusal.reason.startswith("unable to parse 'å")
    assert entry.refusal.reason.isprintable()
    assert len(entry.refusal.reason) <= 500
    assert len(set(taken)) == 20 * LINES - 1


def too_large(above: int, reply: Reply, taken: list[bytes]) -> Callable[[Request], Reply]:
    """A server that takes no more than so many lines in a request."""

    def answer(request: Request) -> Reply:
        lines = request.body.splitlines()
        if len(lines) > above:
            return reply
        taken.extend(lines)
        return NO_CONTENT

    return answer


PROXY_413 = Reply(413, b"<html><title>413 Request Entity Too Large</title></html>")
INFLUXDB_413 = influxdb_says(413, "request too large", "request too large")


@pytest.mark.parametrize("reply", [PROXY_413, INFLUXDB_413])
def test_too_large_is_halved_and_requests_stay_small(journal: Journal, server: ScriptedServer, reply: Reply) -> None:
    taken: list[bytes] = []
    server.answer = too_large(30, reply, taken)
    record(journal, *range(1000))
    with delivering(journal, to(server)) as delivery:
        until_served(journal)
        record(journal, *range(1000, 1100))
        until_served(journal)
    assert journal.refused.list_newest() == []
    assert delivery.retries == sum(request.body.count(b"\n") > 30 for request in server.requests)
    assert len(set(taken)) == 1100 * LINES
    large = [request.body.count(b"\n") > 30 for request in server.requests]
    assert sum(large) < 15
    assert not any(large[20:])


@pytest.mark.parametrize("reply", [PROXY_413, INFLUXDB_413])
@pytest.mark.parametrize("most", [1, 2])
def test_a_telegram_that_is_too_large_is_sent_by_lines(
    journal: Journal, server: ScriptedServer, reply: Reply, most: int
) -> None:
    taken: list[bytes] = []
    server.answer = too_large(most, reply, taken)
    rows = [f"1-0:{code}.7.0(230.{code}*V)" for code in (32, 52, 72)] + [f"1-0:{code}.7.0(1.1*A)" for code in (31, 51)]
    frame = Frame("p1", telegram("0-0:1.0.0(260101010000W)", "1-0:1.8.0(000001.000*kWh)", *rows), START)
    journal.records.append([Entry(frame, HOME)])
    with delivering(journal, to(server)):
        until_served(journal)
    assert journal.refused.list_newest() == []
    assert len(taken) == len(set(taken)) == 7
    assert len(server.requests) < 15


def test_a_413_of_a_proxy_for_each_line_refuses_nothing_and_takes_its_time(
    journal: Journal, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.say(PROXY_413)
    record(journal, *range(100))
    pace = Pace(first=0.1, longest=0.4, slow=0.4)
    with delivering(journal, to(server), pace=pace):
        begun = time.monotonic()
        until(lambda: server.requests and server.requests[-1].body.count(b"\n") == 1, what="a request of one line")
        sent = len(server.requests)
        assert time.monotonic() - begun >= 0.1 * (sent - 1)
        until(lambda: len(server.requests) > sent + 2, what="it is tried again")
        assert journal.refused.list_newest() == []
        assert journal.destinations.get_cursor("influxdb") == 0
        taken: list[bytes] = []
        server.answer = too_large(10**6, NO_CONTENT, taken)
        until_served(journal)
    assert len(set(taken)) == 100 * LINES
    assert caplog.text.count("raise its limit for bodies") == 1


def test_a_line_that_is_too_large_for_influxdb_itself_is_refused_alone(
    journal: Journal, server: ScriptedServer
) -> None:
    taken: list[bytes] = []
    good = refusing(lambda line: b"value=1000002 " in line, taken)
    server.answer = lambda request: INFLUXDB_413 if b"value=1000002 " in request.body else good(request)
    record(journal, 1, 2, 3)
    with delivering(journal, to(server)):
        until_served(journal)
    (entry,) = journal.refused.list_newest()
    assert entry.refusal.line is not None
    assert entry.refusal.line.startswith(b"active_energy,")
    assert "too large for InfluxDB" in entry.refusal.reason
    assert len(set(taken)) == 3 * LINES - 1


def test_after_a_while_a_larger_request_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = request_size.RequestSize(5000)
    allowed.shrink(100)
    assert allowed.lines == 50
    allowed.accept(50)
    assert allowed.lines == 50
    monkeypatch.setattr(request_size, "RETRY_SECONDS", 0.0)
    allowed.accept(49)
    assert allowed.lines == 50
    allowed.accept(50)
    assert allowed.lines == 100
    for _ in range(20):
        allowed.accept(allowed.lines)
    assert allowed.lines == 5000
    allowed.shrink(1)
    assert allowed.lines == 1


def test_requests_grow_again_when_the_limit_is_gone(
    journal: Journal, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_size, "RETRY_SECONDS", 0.0)
    server.say(*[PROXY_413] * 12, NO_CONTENT)
    record(journal, *range(100))
    with delivering(journal, to(server)):
        until_served(journal)
    counts = [body.count(b"\n") for body in server.bodies]
    assert counts[8:16] == [1, 1, 1, 1, 1, 2, 4, 8]
    assert sum(counts[12:]) == 100 * LINES


# a point that the database cannot cope with


def failing(bad: Callable[[bytes], bool], words: str, taken: list[bytes]) -> Callable[[Request], Reply]:
    """A database that answers 500 to some lines."""

    def answer(request: Request) -> Reply:
        lines = request.body.splitlines()
        if any(map(bad, lines)):
            return influxdb_says(500, words % sum(map(bad, lines)))
        taken.extend(lines)
        return NO_CONTENT

    return answer


@pytest.mark.parametrize("words", ["partial write: points beyond retention policy dropped=%d", "panic: goroutine %d"])
def test_a_point_that_is_answered_with_500_holds_up_no_other(
    journal: Journal, server: ScriptedServer, words: str
) -> None:
    taken: list[bytes] = []
    server.answer = failing(lambda line: b"value=1000001 " in line, words, taken)
    record(journal, *range(1, 7))
    with delivering(journal, to(server)):
        until_served(journal)
        record(journal, 7)
        until_served(journal)
    (entry,) = journal.refused.list_newest()
    assert entry.refusal.first_id == entry.refusal.last_id == 1
    assert entry.refusal.reason.endswith(words % 1)
    assert len(set(taken)) == 7 * LINES - 1


def test_what_waits_for_the_hosts_clock_is_not_sent_to_try_the_database(
    journal: Journal, server: ScriptedServer
) -> None:
    taken: list[bytes] = []
    server.answer = failing(lambda line: b"value=1000001 " in line, "panic: goroutine %d", taken)
    record(journal, 1, 2)
    waiting = sent(3, Meter("cabin", clock="receive"))
    journal.records.append([waiting._replace(uptime=Uptime("this boot", 1.0))])
    with delivering(journal, to(server)):
        until(
            lambda: (
                journal.refused.list_newest()
                and journal.redeliveries.get_first("influxdb") is not None
                and len(taken) >= 2 * LINES - 1
            )
        )
        assert not [line for line in taken if b"meter=cabin" in line]


def test_a_database_that_answers_500_to_everything_refuses_nothing(
    journal: Journal, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    taken: list[bytes] = []
    server.answer = failing(lambda _: True, "internal error %d", taken)
    record(journal, *range(20))
    with delivering(journal, to(server)):
        until(lambda: len(server.requests) > 15, what="it has been asked again and again")
        assert journal.destinations.get_cursor("influxdb") == 0
        assert journal.redeliveries.get_first("influxdb") is None
        server.answer = refusing(lambda _: False, taken)
        until_served(journal)
    assert journal.refused.list_newest() == []
    assert len(set(taken)) == 20 * LINES
    assert caplog.text.count("telegrams are kept and will be sent") == 1


@pytest.mark.parametrize("period", [2, 3, 5, 6])
def test_an_overloaded_database_that_takes_some_requests_and_not_others_refuses_nothing(
    period: int, journal: Journal, server: ScriptedServer
) -> None:
    taken: list[bytes] = []

    def answer(request: Request) -> Reply:
        if len(server.requests) % period != period - 1:
            return influxdb_says(500, "unexpected error writing points to database: timeout")
        taken.extend(request.body.splitlines())
        return NO_CONTENT

    server.answer = answer
    record(journal, *range(3))
    with delivering(journal, to(server)):
        until_served(journal)
    assert journal.refused.list_newest() == []
    assert len(set(taken)) == 3 * LINES


@pytest.mark.parametrize("same", [True, False])
def test_only_the_same_words_for_the_same_lines_cast_doubt_on_them(same: bool) -> None:
    asked: list[bool] = []

    def takes_newest() -> bool:
        asked.append(True)
        return True

    blame = Blame(takes_newest)
    answers = [blame.is_to_blame(b"a", Failing(f"{'error' if same or n % 2 else 'panic'} {n}")) for n in range(SAME)]
    assert answers == [False] * (SAME - 1) + [same]
    assert len(asked) == same
    assert not any(blame.is_to_blame(bytes([n]), Failing("error")) for n in range(2 * SAME))


# who takes it


def test_a_204_that_does_not_say_it_is_influxdbs_counts_and_is_told_once(
    journal: Journal, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.say(Reply(204))
    with delivering(journal, to(server)) as delivery:
        for number in range(3):
            record(journal, number)
            until_served(journal)
        assert delivery.answer.ok
        assert "does not say that it is InfluxDB" in delivery.answer.words
        server.say(NO_CONTENT)
        record(journal, 4)
        until_served(journal)
        until(lambda: delivery.answer.words == "all is well")
    assert caplog.text.count("does not say that it is InfluxDB") == 1
    assert [entry.levelname for entry in caplog.records if "does not say" in entry.message] == ["WARNING"]


def test_it_is_told_before_there_is_something_to_send(journal: Journal, server: ScriptedServer) -> None:
    server.say(Reply(204))
    with delivering(journal, to(server)) as delivery:
        until(lambda: "does not say that it is InfluxDB" in delivery.answer.words)
        assert delivery.answer.ok


def test_of_a_server_that_fails_each_time_in_other_words_some_are_said(
    journal: Journal, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    made = (f"{chr(97 + number % 26)}{chr(97 + number // 26)}" * 5 for number in range(600))
    server.answer = lambda _: influxdb_says(503, next(made))
    record(journal, 1)
    with delivering(journal, to(server), pace=Pace(first=0.001, longest=0.001)):
        until(lambda: len(server.requests) > 60)
    assert caplog.text.count("telegrams are kept and will be sent") == MOST_KINDS


def test_new_telegrams_do_not_wait_for_a_poisoned_backlog(journal: Journal, server: ScriptedServer) -> None:
    taken: list[bytes] = []
    server.answer = refusing(lambda line: b"meter=home" in line, taken)
    record(journal, *range(1000))
    marks = []
    with delivering(journal, to(server)):
        until(lambda: len(server.requests) > 3)
        for number in range(5):
            record(journal, number, meter=CABIN)
            marks.append(len(server.requests))
            until(lambda: len(taken) == len(marks) * LINES)
        until_served(journal)
    came = [index for index, body in enumerate(server.bodies) if b"meter=cabin" in body]
    assert all(index - mark <= 2 for index, mark in zip(came, marks, strict=True))
    refused = [entry.refusal for entry in journal.refused.list_newest()]
    assert {number for each in refused for number in range(each.first_id, each.last_id + 1)} == set(range(1, 1001))


def test_a_stop_in_the_middle_of_the_search_loses_nothing(tmp_path: Path, server: ScriptedServer) -> None:
    taken: list[bytes] = []
    told = refusing(lambda line: b"value=1000007 " in line, taken)
    path = tmp_path / "journal.sqlite3"
    with Journal.open(path) as journal:
        record(journal, *range(50))
        server.answer = told
        with delivering(journal, to(server)):
            until(lambda: len(server.requests) >= 3)
    with Journal.open(path) as journal, delivering(journal, to(server)):
        until_served(journal)
        assert len(journal.refused.list_newest()) == 1
    assert len(set(taken)) == 50 * LINES - 1


# undecoded


def encrypted(number: int) -> Entry:
    frame = Frame("dlms", octets("v20-apdu"), START + timedelta(seconds=number))
    return Entry(frame, Meter("secret", clock_limit=None))


def test_what_cannot_be_decoded_is_listed_and_holds_up_nothing(journal: Journal, server: ScriptedServer) -> None:
    record(journal, 1)
    journal.records.append([Entry(Frame("hdlc", b"\x7e\xa0", START), HOME), encrypted(1)])
    record(journal, 2)
    with delivering(journal, to(server)):
        until_served(journal)
    assert [entry.record_id for entry in journal.undecoded.list_newest()] == [3, 2]
    assert "key" in journal.undecoded.list_newest()[0].reason
    assert len(b"".join(server.bodies).splitlines()) == 2 * LINES


def odd(number: int, *rows: str) -> Entry:
    """A telegram of its own second with rows that cannot be read beside one that can."""
    time = START + timedelta(seconds=number)
    clock = (time + timedelta(hours=1)).strftime("%y%m%d%H%M%S")
    whole = telegram(f"0-0:1.0.0({clock}W)", f"1-0:1.8.0({1000 + number / 1000:012.3f}*kWh)", *rows)
    return Entry(Frame("p1", whole, time), HOME)


def test_a_telegram_of_which_values_cannot_be_read_is_delivered_and_listed_once_a_kind(
    journal: Journal, server: ScriptedServer
) -> None:
    rows = [("1-0:1.7.0",), ("1-0:1.7.0",), ("1-0:2.7.0", "*kW)")]
    journal.records.append([odd(number, *row) for number, row in enumerate(rows)])
    with delivering(journal, to(server)):
        until_served(journal)
        listed = {entry.record_id: entry.reason for entry in journal.undecoded.list_newest()}
        assert sorted(listed) == [1, 3]
        assert listed[1] == "1 of 2 values cannot be read: 1-0:1.7.0"
        assert b"".join(server.bodies).count(b"active_energy,") == 3
        assert journal.counters.get_all()["home"]["unread"] == 4
        assert journal.undecoded.retry() == 2
        until(lambda: journal.redeliveries.get_first("influxdb") is None, what="both are tried again")
        until_served(journal)
        assert sorted(entry.record_id for entry in journal.undecoded.list_newest()) == [1, 3], (
            "still not read, so still listed"
        )


def test_kinds_of_unread_values_are_remembered_within_bounds(journal: Journal) -> None:
    drafter = drafts.Drafter(journal.records.get_previous, {}, "test")
    kinds = [f"1-0:1.7.0{'x' * n}" for n in range(1, 300)]
    journal.records.append([odd(number, row) for number, row in enumerate(kinds)])
    made = [drafter.draft(record) for record in journal.records.read_after(0, 300)]
    assert sum(draft.undecoded is not None for draft in made) == 256
    assert all(draft.lines for draft in made)


def test_it_is_tried_again_when_a_key_is_given(tmp_path: Path, server: ScriptedServer) -> None:
    path = tmp_path / "journal.sqlite3"
    with Journal.open(path) as journal:
        journal.records.append([encrypted(1)])
        with delivering(journal, to(server)):
            until_served(journal)
    assert server.requests == []
    with Journal.open(path) as journal:
        with delivering(journal, to(server)):
            until(lambda: len(server.requests) == 1, what="the credentials are checked")
            assert [entry.record_id for entry in journal.undecoded.list_newest()] == [1]
        with delivering(journal, to(server), {"secret": [KEY]}):
            until(lambda: journal.undecoded.list_newest() == [])
            until_served(journal)
    assert any(b"meter=secret" in body for body in server.bodies)
    assert KEY.encryption.hex().encode() not in path.read_bytes()
    assert KEY.encryption not in path.read_bytes()


def test_it_is_tried_again_by_another_version(
    journal: Journal, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.records.append([Entry(Frame("hdlc", b"\x7e\xa0", START), HOME)])
    with delivering(journal, to(server)):
        until_served(journal)
    assert journal.undecoded.retry({"home": notices.make_attempt_id([])}) == 0
    monkeypatch.setattr(notices, "__version__", "99")
    assert journal.undecoded.retry({"home": notices.make_attempt_id([])}) == 1


def test_a_fault_of_our_own_in_one_frame_holds_up_nothing(
    journal: Journal, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = make_frame

    def faulty(record: Record) -> Frame:
        if b"1000.001" in record.data:
            raise ZeroDivisionError
        return good(record)

    monkeypatch.setattr(drafts, "make_frame", faulty)
    record(journal, 0, 1, 2)
    with delivering(journal, to(server)):
        until_served(journal)
    (entry,) = journal.undecoded.list_newest()
    assert "a fault of hanlogger's own: ZeroDivisionError()" in entry.reason


def test_a_fault_of_our_own_in_the_loop_does_not_end_delivery(
    journal: Journal, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    faults = [ZeroDivisionError()]

    def faulty(*arguments: object) -> object:
        if faults:
            raise faults.pop()
        return fill_batch(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(delivery, "fill_batch", faulty)
    monkeypatch.setattr(delivery, "FAULT_SECONDS", 0.01)
    record(journal, 1)
    with delivering(journal, to(server)):
        until_served(journal)
    assert caplog.text.count("delivery fails, and is tried again") == 1


# trouble with the journal


def test_a_journal_that_cannot_be_written_for_a_while_costs_no_telegram(
    journal: Journal, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    journal._database._patience = 0.0
    record(journal, 1, 2, 3)
    holder = sqlite3.connect(journal.path, isolation_level=None)
    with delivering(journal, to(server)):
        until(lambda: journal.destinations.get_cursor("influxdb") == 3)
        record(journal, 4)
        holder.execute("BEGIN IMMEDIATE")
        until(lambda: "delivery waits" in caplog.text, what="the trouble is said")
        holder.execute("ROLLBACK")
        until_served(journal)
    holder.close()
    assert caplog.text.count("delivery waits") == 1
    assert caplog.records[-1].levelno == logging.WARNING
