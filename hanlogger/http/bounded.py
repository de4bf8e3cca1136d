"""Bound the answer of an untrusted server: its head in octets, and the whole answer in time.

http.client and urllib3 give each read a time-out of its own, so that a server that sends an octet now and then holds a
request up for ever, and they take a head that was cut for a whole one. The pools of this module do neither.
"""

from __future__ import annotations

import io
import time
from http.client import HTTPException, HTTPResponse
from socket import socket
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

LONGEST_HEAD = 65_536  # octets of a status line and headers, with all interim answers (100 Continue) before them
_READ = 8192  # octets at once: Python 3.14 would read 131,072, and count a short head's body as an endless head


class _BoundedStream(io.RawIOBase):
    """The octets of one answer.

    It gives none after the time-out as a whole, and neither an end nor more than LONGEST_HEAD octets within the head.
    """

    def __init__(self, octets: io.RawIOBase, connection: socket, seconds: float | None) -> None:
        self._octets, self._connection = octets, connection
        self._deadline = None if seconds is None else time.monotonic() + seconds
        self._head: int | None = 0  # octets of the head so far; None behind it

    def readable(self) -> bool:
        """Return True, so that the stream can be buffered."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read as any raw stream does; raise TimeoutError after the deadline, HTTPException for an endless head."""
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
        """Note that the head is whole: from now on the octets may end."""
        self._head = None

    def close(self) -> None:
        """Close the stream, and let go of the connection that it reads."""
        self._octets.close()
        super().close()


class _BoundedResponse(HTTPResponse):
    """A response whose head is whole: http.client itself takes the end of a connection for the end of the headers."""

    def __init__(self, sock: socket, *arguments: Any, **more: Any) -> None:
        super().__init__(sock, *arguments, **more)
        self._bounded = _BoundedStream(self.fp.detach(), sock, sock.gettimeout())
        self.fp = io.BufferedReader(self._bounded, _READ)

    def begin(self) -> None:
        """Read the head; raise HTTPException where it is cut, is too long or has lines that are no headers."""
        super().begin()
        while self.status < 200:  # an interim answer: http.client skips 100 only, not 103
            self.headers = self.msg = None  # type: ignore[assignment]
            super().begin()
        self._bounded.end_of_head()
        if self.headers.defects or self.headers.get_payload():
            raise HTTPException("lines among the headers that are none")


class _Http(HTTPConnection):
    response_class = _BoundedResponse


class _Https(HTTPSConnection):
    response_class = _BoundedResponse


class BoundedHttpPool(HTTPConnectionPool):
    """Connections over HTTP whose answers are bounded."""

    ConnectionCls = _Http


class BoundedHttpsPool(HTTPSConnectionPool):
    """Connections over HTTPS whose answers are bounded."""

    ConnectionCls = _Https
