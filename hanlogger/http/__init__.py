"""HTTP: the one way in which hanlogger asks a server, with one connection pool and one rule for TLS.

Writing, deleting, `setup`, `doctor` and its look at Grafana all go through `Pool`. An answer has a whole head that
parses, and a whole body of which no more than `most` octets are read; nothing is decompressed, redirected or tried
twice. What an answer says is for `humanize.clean_text`.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import logging
import ssl
from collections.abc import Mapping
from http.client import HTTPException, RemoteDisconnected
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import HTTPError, SSLError

from hanlogger.errors import HanloggerError
from hanlogger.http.bounded import BoundedHttpPool, BoundedHttpsPool
from hanlogger.humanize import clean_text

MOST = 65_536  # octets of a body that are read, where no other bound is given

logging.getLogger("urllib3").propagate = False  # what it would log of an answer is in NoAnswer


class NoAnswer(HanloggerError):
    """No whole answer came; the text, in one line, says why. `unsafe`: TLS or its certificates prevented it."""

    def __init__(self, words: str, *, unsafe: bool = False) -> None:
        super().__init__(clean_text(words))
        self.unsafe = unsafe


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
            self.connection_pool_kw["ssl_context"] = _trust(ca_file)
        if fingerprint:
            self.connection_pool_kw |= {"ssl_context": _trust_nobody(), "assert_fingerprint": fingerprint}
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


class Server:
    """One server, asked over one pool. A context manager that closes its connections."""

    def __init__(self, url: str, limits: Limits, ca_file: Path | None = None) -> None:
        """Raise NoAnswer where the certificates in `ca_file` cannot be read."""
        self.url = url.rstrip("/")
        self.pool = Pool(self.url, limits, ca_file)

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] = MappingProxyType({}),
        *,
        content: object = None,
        authorization: str = "",
    ) -> urllib3.BaseHTTPResponse:
        """Return the answer to one request with `content` as JSON (None: an empty plain body); raise NoAnswer."""
        url = f"{self.url}{path}?{urlencode(query)}" if query else self.url + path
        headers = {"Authorization": authorization} if authorization else {}
        if content is not None:
            headers["Content-Type"] = "application/json"
        body = b"" if content is None else json.dumps(content).encode()
        return self.pool.request(method, url, body=body, headers=headers)

    def close(self) -> None:
        """Close all connections of the pool."""
        self.pool.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def by_token(token: str) -> str:
    """Return the header Authorization for an API token of InfluxDB 2."""
    return f"Token {token}"


def by_password(user: str, password: str) -> str:
    """Return the header Authorization for a name and a password (RFC 7617, in UTF-8)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def read_json(body: bytes) -> Any:
    """Return the JSON in a body; None where there is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    """Return what https trusts: the system's certificates and those in `ca_file`; raise NoAnswer."""
    try:
        context = ssl.create_default_context()
        if ca_file is not None:
            context.load_verify_locations(ca_file)
    except OSError as error:  # SSLError is one
        raise NoAnswer(f"the certificates in {ca_file} cannot be read: {error}", unsafe=True) from error
    return context


def _trust_nobody() -> ssl.SSLContext:
    """Return what https trusts where the one certificate is known by its fingerprint."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def read_fingerprint(host: str, port: int, timeout: float) -> str:
    """Return the SHA-256 in hex of the certificate that a server shows, which is not trusted by this; "" for none."""
    try:
        shown = ssl.get_server_certificate((host, port), timeout=timeout)
    except (OSError, ValueError):
        return ""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(shown)).hexdigest()


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
