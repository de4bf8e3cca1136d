"""An HTTP server that gives the answers it is told to: for those that a real InfluxDB cannot be made to give."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple, cast
from urllib.parse import parse_qs, urlsplit

from tests.support.waiting import PATIENCE


class Request(NamedTuple):
    """What a client sent."""

    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    sent: bytes  # as it was on the wire

    @property
    def body(self) -> bytes:
        return gzip.decompress(self.sent) if self.headers.get("Content-Encoding") == "gzip" else self.sent


class Reply(NamedTuple):
    status: int = 204
    body: bytes = b""
    headers: Mapping[str, str] = {}


class Misbehave(NamedTuple):
    """Instead of a reply."""

    how: Callable[[Handler], None]


def reset(handler: Handler) -> None:
    """TCP RST."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def close(handler: Handler) -> None:
    """The connection ends where the answer should begin."""
    handler.connection.shutdown(socket.SHUT_RDWR)


def hang(handler: Handler) -> None:
    """No answer, until the server ends."""
    handler.script.ended.wait(PATIENCE)


def drip(handler: Handler) -> None:
    """An answer that never comes to its end."""
    handler.connection.sendall(b"HTTP/1.1 204 No Content\r\nX-Slow: ")
    while not handler.script.ended.wait(0.02):
        handler.connection.sendall(b"x")


def babble(handler: Handler) -> None:
    """No HTTP."""
    handler.connection.sendall(b"220 mail.example.org ESMTP\r\n")
    handler.connection.shutdown(socket.SHUT_RDWR)


SIGNED = {"X-Influxdb-Build": "OSS", "X-Influxdb-Version": "v2.9.1"}
"""Headers of every answer of InfluxDB 2.9.1, as measured."""


def raw(*parts: bytes, pause: float = 0.0) -> Misbehave:
    """These octets as the answer, and then the end of the connection. pause: seconds before the last part."""

    def how(handler: Handler) -> None:
        for part in parts[:-1]:
            handler.connection.sendall(part)
        handler.script.ended.wait(pause)
        handler.connection.sendall(parts[-1])
        handler.connection.shutdown(socket.SHUT_WR)

    return Misbehave(how)


def endless(head: bytes, part: bytes, most: int = 100_000_000) -> Misbehave:
    """An answer that goes on until the client has had enough, or `most` octets."""

    def how(handler: Handler) -> None:
        with suppress(OSError):
            handler.connection.sendall(head)
            for _ in range(most // len(part)):
                handler.connection.sendall(part)
                handler.script.sent += len(part)

    return Misbehave(how)


NO_CONTENT = Reply(204, b"", SIGNED)


def influxdb_says(status: int, message: str = "busy", code: str = "internal error", **headers: str) -> Reply:
    """InfluxDB's own answer that something is wrong."""
    body = json.dumps({"code": code, "message": message}).encode()
    return Reply(status, body, SIGNED | {"X-Platform-Error-Code": code} | headers)


RESET, CLOSE, HANG, DRIP, BABBLE = map(Misbehave, (reset, close, hang, drip, babble))

Answering = Callable[[Request], Reply | Misbehave]


@dataclass
class ScriptedServer:
    """Answers as `answer` says; may be told otherwise at any time."""

    answer: Answering = lambda _: NO_CONTENT
    requests: list[Request] = field(default_factory=list)
    url: str = ""
    errors: list[BaseException] = field(default_factory=list)  # of `answer`
    sent: int = 0  # octets of endless answers
    ended: threading.Event = field(default_factory=threading.Event)

    def say(self, *replies: Reply | Misbehave) -> None:
        """These in turn, the last one for ever."""
        left = list(replies)
        self.answer = lambda _: left.pop(0) if len(left) > 1 else left[0]

    @property
    def bodies(self) -> list[bytes]:
        return [request.body for request in self.requests]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def script(self) -> ScriptedServer:
        return cast("_Server", self.server).script

    def do_POST(self) -> None:
        address = urlsplit(self.path)
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = Request(address.path, parse_qs(address.query), dict(self.headers), sent)
        reply = self.script.answer(request)
        self.script.requests.append(request)
        if isinstance(reply, Misbehave):
            self.close_connection = True
            reply.how(self)
        else:
            self._reply(reply)

    do_GET = do_POST  # noqa: N815 the name that the library calls

    def _reply(self, reply: Reply) -> None:
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 the name it overrides
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    script: ScriptedServer

    def handle_error(self, request: object, client_address: object) -> None:
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):  # a client that has gone away is none
            self.script.errors.append(error)


@contextmanager
def scripted_server(certificate: Path | None = None) -> Iterator[ScriptedServer]:
    """certificate: a PEM file with its key, to speak TLS."""
    server = _Server(("127.0.0.1", 0), Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    protocol = "http" if certificate is None else "https"
    script = server.script = ScriptedServer(url=f"{protocol}://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        script.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
        assert not script.errors, script.errors


DISK_FULL = (
    b'{"code":"internal error","message":"unexpected error writing points to database: [shard 1] write '
    b'/data/engine/wal/x/autogen/1/_00001.wal: no space left on device"}'
)
"""What InfluxDB 2.9.1 answers when its disk is full (docs/influxdb.md 9.4.2)."""
