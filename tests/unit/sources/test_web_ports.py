"""Devices that are asked by HTTP, or send over a WebSocket, as they behave in houses: cut, slow, repeating, locked."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from hanlogger.errors import SourceError
from hanlogger.model import Meter
from hanlogger.sources import Port, Source, WebLogin, open_port
from hanlogger.sources.http_poll import HttpPoll
from tests.support.certificates import own_certificate
from tests.support.logger import logger
from tests.support.ports import telegram
from tests.support.scripted_server import CLOSE, HANG, RESET, Misbehave, Reply, ScriptedServer, raw, scripted_server
from tests.support.servers import free_port
from tests.support.waiting import PATIENCE, until

V1, V2, TIBBER = "/api/v1/telegram", "/api/telegram", "/data.json?node_id=1"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Devices are asked without a pause, and are given half a second."""
    from hanlogger.http import Limits
    from hanlogger.sources import http_poll

    kinds = {path: kind._replace(every=0.0) for path, kind in http_poll.KINDS.items()}
    monkeypatch.setattr(http_poll, "KINDS", kinds)
    monkeypatch.setattr(http_poll, "LIMITS", Limits(0.5, 0.5))
    HttpPoll._handed.clear()


def source(server: ScriptedServer, path: str = V1, **login: Any) -> Source:
    return open_port(Port(server.url + path, Meter("home"), web=WebLogin(**login)))


def answers(server: ScriptedServer, *replies: Reply | Misbehave) -> None:
    server.say(*replies)


def whole(number: int = 0) -> Reply:
    return Reply(200, telegram(number), {"Content-Type": "text/plain"})


def test_a_telegram_is_handed_on_as_it_came(server: ScriptedServer) -> None:
    answers(server, whole())
    with closing(source(server)) as port:
        assert port.read(1.0).data == telegram()
    assert server.requests[0].path == V1


def test_a_telegram_that_is_repeated_is_handed_on_once(server: ScriptedServer) -> None:
    answers(server, whole(0), whole(0), whole(0), whole(1))
    with closing(source(server)) as port:
        assert [port.read(1.0).data for _ in range(5)] == [telegram(0), b"", b"", telegram(1), b""]


def test_nor_is_it_handed_on_again_when_the_port_is_opened_again(server: ScriptedServer) -> None:
    answers(server, whole())
    with closing(source(server)) as port:
        assert port.read(1.0).data
    with closing(source(server)) as port:
        assert not port.read(1.0).data


def test_a_telegram_without_its_line_end_gets_one(server: ScriptedServer) -> None:
    answers(server, Reply(200, telegram().rstrip()))
    with closing(source(server)) as port:
        assert port.read(1.0).data == telegram()


CUT = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 700\r\n\r\n" + telegram()[:300])
SHORT = Reply(200, telegram()[:300])


@pytest.mark.parametrize("cut", [CUT, SHORT, CLOSE, RESET])
def test_an_answer_that_was_cut_is_asked_for_once_more(server: ScriptedServer, cut: Reply | Misbehave) -> None:
    answers(server, cut, whole())
    with closing(source(server, TIBBER)) as port:
        assert port.read(1.0).data == telegram()
    assert len(server.requests) == 2


def test_what_is_cut_twice_is_handed_on_to_be_counted_as_damaged(server: ScriptedServer) -> None:
    answers(server, SHORT)
    with closing(source(server, TIBBER)) as port:
        assert port.read(1.0).data == telegram()[:300] + b"\r\n"


def test_a_device_that_does_not_answer_in_time_is_said(server: ScriptedServer) -> None:
    answers(server, HANG)
    with closing(source(server)) as port, pytest.raises(SourceError, match=r"does not answer: no answer in time.*app"):
        port.read(1.0)


def test_a_device_that_is_not_there_is_said_with_what_to_switch_on() -> None:
    url = f"http://127.0.0.1:{free_port()}{TIBBER}"
    with closing(open_port(Port(url, Meter("home")))) as port, pytest.raises(SourceError, match="parameter 39"):
        port.read(1.0)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        (V1, 403, r"does not allow it \(403\): switch on the local API in the HomeWizard app"),
        (V2, 401, r"wants to know who asks \(401\): .*token_file"),
        (TIBBER, 401, r"wants to know who asks \(401\): .*http\.password_file"),
        (TIBBER, 404, r"no such address \(404\).*node_id=1"),
        (V1, 429, r"asked too often"),
        (V1, 500, r"status 500"),
        (V1, 302, r"status 302"),
    ],
)
def test_a_refusal_says_what_to_do(server: ScriptedServer, path: str, status: int, words: str) -> None:
    answers(server, Reply(status, b'{"error":{"id":202,"description":"API not enabled"}}'))
    with closing(source(server, path)) as port, pytest.raises(SourceError, match=words):
        port.read(1.0)


@pytest.mark.parametrize(
    "body", [b'{"w":1200,"e":0}', b"<html>login</html>", b" [1]", b"\x1b\x1b\x1b\x1b\x01\x01\x01\x01"]
)
def test_what_is_no_telegram_is_said(server: ScriptedServer, body: bytes) -> None:
    answers(server, Reply(200, body))
    with closing(source(server)) as port, pytest.raises(SourceError, match=r"not with a telegram|SML"):
        port.read(1.0)


def test_garbage_is_left_to_the_framer(server: ScriptedServer) -> None:
    answers(server, Reply(200, b"garbage"))
    with closing(source(server)) as port:
        assert port.read(1.0).data == b"garbage"


def test_a_password_is_read_from_its_file_at_each_attempt(server: ScriptedServer, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("ABCD-1234\n")
    answers(server, whole())
    with closing(source(server, TIBBER, user="admin", password_file=file)) as port:
        port.read(1.0)
    assert server.requests[0].headers["Authorization"] == "Basic " + base64.b64encode(b"admin:ABCD-1234").decode()
    file.unlink()
    with pytest.raises(SourceError, match="password cannot be read: No such file"):
        source(server, TIBBER, user="admin", password_file=file)


def test_a_token_is_shown_as_homewizards_second_api_wants_it(server: ScriptedServer, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("0123456789ABCDEF\n")
    answers(server, whole())
    with closing(source(server, V2, token_file=file)) as port:
        port.read(1.0)
    assert server.requests[0].headers["Authorization"] == "Bearer 0123456789ABCDEF"
    assert server.requests[0].headers["X-Api-Version"] == "2"


@pytest.mark.parametrize("text", ["", "two\nlines"])
def test_a_file_that_holds_no_secret_is_said(server: ScriptedServer, tmp_path: Path, text: str) -> None:
    file = tmp_path / "token"
    file.write_text(text)
    with pytest.raises(SourceError, match="holds no password or token on one line"):
        source(server, V2, token_file=file)


def test_a_certificate_of_the_devices_own_is_trusted_by_its_fingerprint_alone(tmp_path: Path) -> None:
    with scripted_server(own_certificate(tmp_path / "own.pem")) as server:
        answers(server, whole())
        with closing(source(server, V2)) as port, pytest.raises(SourceError, match=r"http\.fingerprint = ") as error:
            port.read(1.0)
        shown = str(error.value).rpartition('fingerprint = "')[2].rstrip('"')
        with closing(source(server, V2, fingerprint=shown)) as port:
            assert port.read(1.0).data == telegram()
        with (
            closing(source(server, V2, fingerprint="00" * 32)) as port,
            pytest.raises(SourceError, match="certificate"),
        ):
            port.read(1.0)


def test_a_device_is_not_asked_more_often_than_it_should_be(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hanlogger.sources import http_poll

    monkeypatch.setattr(http_poll, "KINDS", {V1: http_poll.KINDS[V1]._replace(every=3600.0)})
    answers(server, whole(0), whole(1))
    with closing(source(server)) as port:
        assert port.read(0.01).data == telegram(0)
        assert [port.read(0.01).data for _ in range(5)] == [b""] * 5
    assert len(server.requests) == 1


def test_every_kind_of_device_is_asked_once_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    from hanlogger.sources.http_poll import KINDS

    assert all(1.0 <= kind.every <= 2.0 for kind in KINDS.values())


# --- WebSockets


@contextmanager
def websocket(handler: Callable[[ServerConnection], None]) -> Iterator[str]:
    with serve(handler, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/ws"
        finally:
            server.shutdown()
            thread.join(PATIENCE)


def send(*messages: str | bytes) -> Callable[[ServerConnection], None]:
    def handler(connection: ServerConnection) -> None:
        for message in messages:
            connection.send(message)
        with suppress(ConnectionClosed):
            connection.recv()

    return handler


def test_telegrams_come_over_a_websocket_as_text_or_octets() -> None:
    with (
        websocket(send(telegram(0).decode(), telegram(1))) as url,
        closing(open_port(Port(url, Meter("home")))) as port,
    ):
        assert port.read(PATIENCE).data == telegram(0)
        assert port.read(PATIENCE).data == telegram(1)
        assert port.read(0.01).data == b""


def test_a_websocket_that_ends_is_opened_again() -> None:
    with (
        websocket(lambda connection: connection.close()) as url,
        closing(open_port(Port(url, Meter("home")))) as port,
        pytest.raises(SourceError, match="is gone"),
    ):
        port.read(PATIENCE)


def test_values_over_a_websocket_are_no_telegrams() -> None:
    with (
        websocket(send('{"type":"measurement"}')) as url,
        closing(open_port(Port(url, Meter("home")))) as port,
        pytest.raises(SourceError, match="sends values, not telegrams"),
    ):
        port.read(PATIENCE)


def test_a_device_that_speaks_no_websocket_is_said(server: ScriptedServer) -> None:
    answers(server, Reply(403, b""))
    with pytest.raises(SourceError, match=r"refuses the connection \(status 403\): switch on the local API"):
        open_port(Port(server.url.replace("http:", "ws:") + "/ws", Meter("home")))
    with pytest.raises(SourceError, match="does not answer"):
        open_port(Port(f"ws://127.0.0.1:{free_port()}/ws", Meter("home")))


# --- the whole program


def test_the_program_records_each_telegram_of_a_polled_device_once(server: ScriptedServer, tmp_path: Path) -> None:
    answers(server, whole(0), whole(0), SHORT, whole(1), Reply(403), whole(1), whole(2))
    with logger(tmp_path, "--port", server.url + V1, environ={"HANLOGGER_CLOCK_LIMIT": "off"}) as running:
        until(lambda: len(server.requests) >= 9, "it is asked again and again")
        until(lambda: running.frames("home") >= 3, "three are recorded")
        assert running.frames("home") == 3
        assert "switch on the local API" in running.log
        assert running.stop() == 0
