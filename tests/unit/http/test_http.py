"""Answers of a server that may be any: whole or not at all, bounded in octets and in time, harmless to look at."""

from __future__ import annotations

import gzip
import io
import logging
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import urllib3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from hanlogger.errors import WriteUnavailable
from hanlogger.http import MOST, Limits, NoAnswer, Pool
from hanlogger.http.bounded import LONGEST_HEAD
from hanlogger.humanize import clean_text
from hanlogger.influxdb import Destination, Influx
from tests.support.scripted_server import DRIP, HANG, Misbehave, Reply, ScriptedServer, endless, raw
from tests.support.servers import free_port

LIMITS = Limits(connect=5, read=20)
CHUNKED = b"HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\n"
CUT = "its answer is cut, or is not HTTP"


def ask(server: ScriptedServer, limits: Limits = LIMITS) -> urllib3.BaseHTTPResponse:
    with Pool(server.url, limits) as pool:
        return pool.request("POST", server.url, body=b"")


def refused(server: ScriptedServer, limits: Limits = LIMITS) -> str:
    with pytest.raises(NoAnswer) as caught:
        ask(server, limits)
    assert not caught.value.unsafe
    return str(caught.value)


@contextmanager
def at_most(octets: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < octets
    finally:
        tracemalloc.stop()


# whole


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 204 No Content\r\n",
        b"HTTP/1.1 204 No Content\r\nX-Influxdb-Bui",
        b"HTTP/1.1 204 No Content\r\nX-Influxdb-Version: v2.9",
        b"HTTP/1.1 204 No Content\r\nX-Influxdb-Version: v2.9.1\r\n",
        b"HTTP/1.1 204 No Content\r\nno header at all\r\nX-Influxdb-Version: v2.9.1\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n continued: nothing\r\nX-Influxdb-Version: v2.9.1\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 2\x1b[2J04 No\r\n\r\n",
        b"HTTP/1.1 400 x\r\nContent-Length: 50\r\n\r\nabc",
        CHUNKED + b"5\r\nabc",
        CHUNKED + b"3\r\nabc\r\n",
        b"220 mail.example.org ESMTP\r\n",
    ],
)
def test_an_answer_that_is_not_whole_is_none_and_no_traceback(
    server: ScriptedServer, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    server.say(raw(answer))
    assert refused(server) == CUT
    assert not caplog.records


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 x\r\n\r\n", 204, b""),
        (b"HTTP/1.0 400 x\r\n\r\nto the end of the connection", 400, b"to the end of the connection"),
        (CHUNKED + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 500, b"abcde"),
        (b"HTTP/1.1 400 x\r\nContent-Length: 3\r\n\r\nabc", 400, b"abc"),
        (b"HTTP/1.1 302 x\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 302, b""),
        (b"HTTP/1.1 400 x\r\nContent-Length: 2\r\n\r\n\xff\xfe", 400, "\ufffd\ufffd".encode()),
    ],
)
def test_a_whole_answer_is_taken(server: ScriptedServer, answer: bytes, status: int, body: bytes) -> None:
    server.say(raw(answer))
    response = ask(server)
    assert (response.status, response.data) == (status, body)


def test_a_connection_serves_again_after_a_whole_answer(server: ScriptedServer) -> None:
    server.say(Reply(400, b"first"), Reply(204), Reply(500, b"last"))
    with Pool(server.url, LIMITS) as pool:
        assert [pool.request("POST", server.url, body=b"").status for _ in range(3)] == [400, 204, 500]
        assert pool.connection_from_url(server.url).num_connections == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.binary(max_size=200).map(lambda octets: b"HTTP/1.1 204 x\r\n" + octets)
    | st.binary(max_size=50)
    | st.text("HTP/1.02459 \r\n:-xContent-LengthTransfer-Encodingchunked", max_size=80).map(str.encode)
)
def test_any_octets_are_an_answer_or_none_and_nothing_else(server: ScriptedServer, octets: bytes) -> None:
    server.say(raw(octets))
    try:
        assert isinstance(ask(server).data, bytes)
    except NoAnswer as error:
        assert str(error).isprintable()


# bounded


@pytest.mark.parametrize(
    "answer",
    [
        endless(CHUNKED, b"100000\r\n" + b"x" * 0x100000 + b"\r\n"),
        endless(b"HTTP/1.1 500 x\r\nContent-Length: 2000000000\r\n\r\n", b"x" * 0x10000),
        endless(b"HTTP/1.0 500 x\r\n\r\n", b"x" * 0x10000),
    ],
)
def test_of_an_answer_without_end_some_kilobytes_are_read(server: ScriptedServer, answer: Misbehave) -> None:
    server.say(answer)
    with at_most(8_000_000):
        assert len(ask(server).data) == MOST
    assert server.sent < 50_000_000


@pytest.mark.parametrize("part", [b"X-Flood: " + b"x" * 1000 + b"\r\n", b"x" * 100_000])
def test_headers_without_end_are_no_answer(server: ScriptedServer, part: bytes) -> None:
    server.say(endless(b"HTTP/1.1 204 x\r\nX: ", part))
    with at_most(8_000_000):
        assert refused(server) == CUT


def test_interim_answers_without_end_are_no_answer(server: ScriptedServer) -> None:
    server.say(endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"))
    assert refused(server) == CUT
    assert server.sent < 50_000_000


def test_headers_of_the_largest_size_are_read(server: ScriptedServer) -> None:
    head = b"HTTP/1.1 204 x\r\n" + b"".join(b"X-%d: %s\r\n" % (number, b"x" * 6000) for number in range(10))
    assert len(head) < LONGEST_HEAD
    server.say(raw(head + b"\r\n"))
    assert ask(server).status == 204


def test_nothing_is_decompressed(server: ScriptedServer) -> None:
    bomb = gzip.compress(b"x" * 30_000_000)
    server.say(Reply(500, bomb, {"Content-Encoding": "gzip"}))
    with at_most(8_000_000):
        assert b"xxxx" not in ask(server).data


@pytest.mark.parametrize(
    "answer",
    [
        DRIP,
        HANG,
        endless(b"", b"HTTP/1.1 100 Continue\r\nX-Slow: "),
        endless(CHUNKED + b"0\r\n", b"X: y\r\n", 2**62),
    ],
    ids=["drips", "hangs", "continues", "trails"],
)
def test_an_answer_has_its_time_as_a_whole(server: ScriptedServer, answer: Misbehave) -> None:
    server.say(answer)
    begun = time.monotonic()
    assert refused(server, Limits(connect=5, read=0.3)) in ("no answer in time", CUT)
    assert time.monotonic() - begun < 10


def test_the_time_of_an_answer_is_that_for_reading(server: ScriptedServer) -> None:
    server.say(raw(b"HTTP/1.1 204 No Content\r\n", b"\r\n", pause=0.6))
    assert ask(server, Limits(connect=0.2, read=20)).status == 204


def test_an_answer_longer_than_asked_for_is_cut_there(server: ScriptedServer) -> None:
    for length, read in ((9, 9), (10, 10), (11, 10)):
        server.say(Reply(400, b"x" * length))
        assert len(ask(server, Limits(5, 20, most=10)).data) == read


def test_nobody_there_and_no_such_name_say_what_to_look_at() -> None:
    for url, words in (
        (f"http://127.0.0.1:{free_port()}", "connection refused"),
        ("http://no-such-host.invalid", "its name cannot be resolved"),
    ):
        with Pool(url, LIMITS) as pool, pytest.raises(NoAnswer, match=words):
            pool.request("GET", url)


def test_plain_http_where_tls_should_be_is_unsafe(server: ScriptedServer) -> None:
    url = server.url.replace("http:", "https:")
    with Pool(url, LIMITS) as pool, pytest.raises(NoAnswer) as caught:
        pool.request("GET", url)
    assert caught.value.unsafe


def test_a_tls_connection_that_is_cut_is_no_fault_of_its_certificate() -> None:
    def hang_up(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        connection.recv(4096)
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=hang_up, args=(listening,))
        thread.start()
        url = f"https://127.0.0.1:{listening.getsockname()[1]}"
        with Pool(url, LIMITS) as pool, pytest.raises(NoAnswer) as caught:
            pool.request("GET", url)
        thread.join()
    assert not caught.value.unsafe


# harmless


@pytest.mark.parametrize(
    "sign",
    ["\x00", "\x07", "\x1b", "\r", "\n", "\x7f", "\x85", "\x9b", "\u2028", "\u2029", "\u202e", "\u2066", "\ud800"],
)
def test_no_control_character_is_left_of_a_strangers_words(sign: str) -> None:
    assert clean_text(f" a{sign}{sign}b ") == "a b"


def test_words_stay_as_they_are() -> None:
    assert clean_text("unable to parse 'spänning,meter=å v=abc 1': invalid boolean") == (
        "unable to parse 'spänning,meter=å v=abc 1': invalid boolean"
    )


def test_nothing_of_the_library_is_in_the_log(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever level influxdb-client sets."""
    log = io.StringIO()
    monkeypatch.setattr(logging.getLogger(), "handlers", [logging.StreamHandler(log)])
    server.say(raw(b"HTTP/1.1 400 x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
    influx = Influx(Destination(url=server.url, token=SecretStr("token")))
    with pytest.raises(WriteUnavailable):
        influx.check()
    influx.close()
    assert log.getvalue() == ""
