"""Connections to a server, whose answers are read whole and within bounds."""

from __future__ import annotations

import io
import logging
import ssl
from collections.abc import Mapping
from http.client import HTTPException, RemoteDisconnected
from pathlib import Path
from typing import Any, NamedTuple

import urllib3
from urllib3.exceptions import HTTPError, SSLError

from hanlogger.http.bounded import BoundedHttpPool, BoundedHttpsPool
from hanlogger.http.no_answer import NoAnswer
from hanlogger.http.trust import trust, trust_nobody

MOST = 65_536  # octets of a body that are read, where no other bound is given

logging.getLogger("urllib3").propagate = False  # what it would log of an answer is in NoAnswer


class Limits(NamedTuple):
    """The limits of one request: seconds until it is connected and until its answer is whole, octets of the body."""

    connect: float
    read: float
    most: int = MOST


class Pool(urllib3.PoolManager):
    """Connections to the server at `url`; https trusts the system's certificates and those in `ca_file`."""

    def __init__(self, url: str, limits: Limits, ca_file: Path | None = None, *, fingerprint: str = "") -> None:
        """Raise NoAnswer where the certificates in `ca_file` cannot be read.

        fingerprint: SHA-256 in hex of the one certificate that is trusted, whoever issued it, in place of all others.
        """
        timeout = urllib3.Timeout(connect=limits.connect, read=limits.read)
        super().__init__(num_pools=1, maxsize=1, timeout=timeout, retries=False)
        if ca_file is not None or url.lower().startswith("https:"):
            self.connection_pool_kw["ssl_context"] = trust(ca_file)
        if fingerprint:
            self.connection_pool_kw |= {"ssl_context": trust_nobody(), "assert_fingerprint": fingerprint}
        self.pool_classes_by_scheme = {"http": BoundedHttpPool, "https": BoundedHttpsPool}
        self._most = limits.most

    def urlopen(self, method: str, url: str, redirect: bool = True, **more: Any) -> urllib3.BaseHTTPResponse:  # type: ignore[override]  # noqa: ARG002
        """Return the answer with at most `most` octets of its body, where a longer one is cut; raise NoAnswer."""
        more |= {"redirect": False, "preload_content": False, "decode_content": False}
        try:
            answer = super().urlopen(method, url, **more)
            body = _read_body(answer, self._most)
        except SSLError as error:
            raise NoAnswer(_find_innermost(error), unsafe=not isinstance(error.args[0], _CUT)) from error
        except HTTPError as error:
            raise NoAnswer(_explain(error)) from error
        return _detach(answer, body)


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


def _explain(error: HTTPError) -> str:
    inner = error.args[-1] if error.args else None
    if isinstance(inner, HTTPException) and not isinstance(inner, RemoteDisconnected):
        return "its answer is cut, or is not HTTP"
    kind = type(error).__name__
    return _REASONS.get(kind, kind)


def _find_innermost(error: BaseException) -> str:
    inner = error.args[0] if error.args and isinstance(error.args[0], BaseException) else error.__cause__
    return _find_innermost(inner) if inner is not None else str(error)


def _read_body(answer: urllib3.BaseHTTPResponse, most: int) -> bytes:
    """Read the whole body, so that the connection may serve again; or the first `most` octets, and close it."""
    body = b""
    while len(body) <= most:
        part = answer.read(most + 1 - len(body), decode_content=False)
        if not part:
            return body
        body += part
    answer.close()
    return body[:most]


def _detach(answer: urllib3.BaseHTTPResponse, body: bytes) -> urllib3.HTTPResponse:
    """Return the answer as read so far, without its connection; octets that are not UTF-8 are marked."""
    text = body.decode("utf-8", "replace").encode()
    return urllib3.HTTPResponse(
        io.BytesIO(text), answer.headers, answer.status, decode_content=False, enforce_content_length=False
    )
