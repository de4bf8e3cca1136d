"""Ask one server, and log in there."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import urlencode

import urllib3

from hanlogger.http.pool import Limits, Pool


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
