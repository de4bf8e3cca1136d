"""One HTTP request to a server that may be any: its answer is bounded in octets and in time, and is taken whole or not.

Every request of hanlogger goes through `Pool`. An answer has a whole head that parses, and a whole body of which no
more than `most` octets are read; nothing is decompressed, redirected or tried twice. What it says is for `printable`.
"""

from __future__ import annotations

import io
import logging
import ssl
import time
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse, RemoteDisconnected
from pathlib import Path
from socket import socket
from typing import Any, NamedTuple

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, SSLError

from hanlogger.errors import HanloggerError
from hanlogger.humanize import printable

LONGEST_HEAD = 65_536  # octets of a status line and headers, with all interim answers (100 Continue) before them
MOST = 65_536  # octets of a body that are read, where no other bound is given

logging.getLogger("urllib3").propagate = False  # what it would log of an answer is in NoAnswer


class NoAnswer(HanloggerError):
    """No whole answer came; the text, in one line, says why. `unsafe`: TLS or its certificates prevented it."""

    def __init__(self, words: str, *, unsafe: bool = False) -> None:
        super().__init__(printable(words))
        self.unsafe = unsafe


class Limits(NamedTuple):
    """Of one request: seconds until it is connected, seconds until its answer is whole, octets of its body."""

    connect: float
    read: float
    most: int = MOST


class Pool(urllib3.PoolManager):
    """Connections to the server at `url`; https trusts the system's certificates and those in `ca_file`. NoAnswer."""

    def __init__(self, url: str, limits: Limits, ca_file: Path | None = None) -> None:
        timeout = urllib3.Timeout(connect=limits.connect, read=limits.read)
        super().__init__(num_pools=1, maxsize=1, timeout=timeout, retries=False)
        if ca_file is not None or url.lower().startswith("https:"):
            self.connection_pool_kw["ssl_context"] = trusting(ca_file)
        self.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
        self._most = limits.most

    def urlopen(self, method: str, url: str, redirect: bool = True, **more: Any) -> urllib3.BaseHTTPResponse:  # type: ignore[override]  # noqa: ARG002
        """The answer with at most `most` octets of its body; a longer one is cut there."""
        more |= {"redirect": False, "preload_content": False, "decode_content": False}
        try:
            answer = super().urlopen(method, url, **more)
            body = _body(answer, self._most)
        except SSLError as error:
            raise NoAnswer(_innermost(error), unsafe=not isinstance(error.args[0], _CUT)) from error
        except HTTPError as error:
            raise NoAnswer(_reason(error)) from error
        return _told(answer, body)


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """What https trusts: the system's certificates and those in `ca_file`; NoAnswer where they cannot be read."""
    try:
        context = ssl.create_default_context()
        if ca_file is not None:
            context.load_verify_locations(ca_file)
    except OSError as error:  # SSLError is one
        raise NoAnswer(f"the certificates in {ca_file} cannot be read: {error}", unsafe=True) from error
    return context


_CUT = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
"""A TLS connection that ended: no fault of its certificates."""

_REASONS: Mapping[str, str] = {
    "NewConnectionError": "connection refused: is it running, and is the address right?",
    "NameResolutionError": "its name cannot be resolved: is the address right?",
    "ConnectTimeoutError": "no answer to connecting: is the address right, and the way there open?",
    "ReadTimeoutError": "no answer in time",
    "ProtocolError": "the connection broke",
    "InvalidHeader": "its answer has two lengths",
}


def _reason(error: HTTPError) -> str:
    inner = error.args[-1] if error.args else None
    if isinstance(inner, HTTPException) and not isinstance(inner, RemoteDisconnected):
        return "its answer is cut, or is not HTTP"
    kind = type(error).__name__
    return _REASONS.get(kind, kind)


def _innermost(error: BaseException) -> str:
    inner = error.args[0] if error.args and isinstance(error.args[0], BaseException) else error.__cause__
    return _innermost(inner) if inner is not None else str(error)


def _body(answer: urllib3.BaseHTTPResponse, most: int) -> bytes:
    """All of it, and the connection may serve again; or the first `most` octets, and it is closed."""
    body = b""
    while len(body) <= most:
        part = answer.read(most + 1 - len(body), decode_content=False)
        if not part:
            return body
        body += part
    answer.close()
    return body[:most]


def _told(answer: urllib3.BaseHTTPResponse, body: bytes) -> urllib3.HTTPResponse:
    """The answer as read so far, away from its connection; what is not UTF-8, or was cut within a character, marked."""
    text = body.decode("utf-8", "replace").encode()
    return urllib3.HTTPResponse(
        io.BytesIO(text), answer.headers, answer.status, decode_content=False, enforce_content_length=False
    )


class _Bounded(io.RawIOBase):
    """The octets of one answer: none after `deadline`, and no end, nor more than LONGEST_HEAD, within its head."""

    def __init__(self, octets: io.RawIOBase, connection: socket, seconds: float | None) -> None:
        self._octets, self._connection = octets, connection
        self._deadline = None if seconds is None else time.monotonic() + seconds
        self._head: int | None = 0  # octets of the head so far; None behind it

    def readable(self) -> bool:
        """So that it can be buffered."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """As of any raw stream; TimeoutError, HTTPException."""
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._connection.settimeout(left)
        number = self._octets.readinto(buffer)
        if self._head is not None:
            self._head += number or 0
            if self._head > LONGEST_HEAD or (self._head and not number):
                raise HTTPException("the head of the answer has no end")
        return number

    def end_of_head(self) -> None:
        """From now on the octets may end."""
        self._head = None

    def close(self) -> None:
        """Give the connection back to whoever has it."""
        self._octets.close()
        super().close()


class _Answer(HTTPResponse):
    """An answer whose head is whole: http.client takes the end of a connection for the end of the headers."""

    def __init__(self, sock: socket, *arguments: Any, **more: Any) -> None:
        super().__init__(sock, *arguments, **more)
        self._bounded = _Bounded(self.fp.detach(), sock, sock.gettimeout())
        self.fp = io.BufferedReader(self._bounded)

    def begin(self) -> None:
        """Read the head; HTTPException where it is cut, too long or has lines that are no headers."""
        super().begin()
        while self.status < 200:  # an interim answer: http.client passes over 100 alone, not over 103
            self.headers = self.msg = None  # type: ignore[assignment]
            super().begin()
        self._bounded.end_of_head()
        if self.headers.defects or self.headers.get_payload():
            raise HTTPException("lines among the headers that are none")


class _Http(HTTPConnection):
    response_class = _Answer


class _Https(HTTPSConnection):
    response_class = _Answer


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https
