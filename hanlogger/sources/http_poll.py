"""Telegrams of devices that are asked by HTTP: each answer is the last telegram that the device has heard.

    http://HOST/api/v1/telegram     HomeWizard P1, where its local API is switched on
    https://HOST/api/telegram       the same from firmware 6 on, with a token and a certificate of its own
    http://HOST/data.json?node_id=1 the bridge of Tibber: the octets themselves, in spite of the name

A device is asked once a second or two, so a telegram comes again and again: it is handed on once.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar, NamedTuple
from urllib.parse import urlsplit

from hanlogger.errors import SourceError
from hanlogger.http import Limits, NoAnswer, Pool, by_password, read_fingerprint
from hanlogger.model import Chunk
from hanlogger.sources.port import Port
from hanlogger.sources.web import HOMEWIZARD, HOMEWIZARD_2, TIBBER, WebLogin

LIMITS = Limits(connect=4.0, read=4.0, most=65_536)
OK = 200
SML = b"\x1b\x1b\x1b\x1b"
"""What German meters begin with (SML, escape sequence); hanlogger does not read that."""


class Kind(NamedTuple):
    """A kind of device, known by the path of its address: how often it is asked, and what to switch on in it."""

    every: float  # seconds
    switch_on: str
    headers: Mapping[str, str] = {}


_HOMEWIZARD = "switch on the local API in the HomeWizard app (Settings, Meters, your meter, Local API)"
KINDS: Mapping[str, Kind] = {
    HOMEWIZARD: Kind(1.0, _HOMEWIZARD),
    HOMEWIZARD_2: Kind(1.0, "make a token (docs/connect.md) and set http.token_file", {"X-Api-Version": "2"}),
    TIBBER: Kind(2.0, "switch on the bridge's web server for good (parameter 39), user admin, password from its label"),
}


class HttpPoll:
    """A device that is asked again and again for its last telegram."""

    _handed: ClassVar[dict[str, bytes]] = {}
    """By URL: the last telegram, so that one is not handed on again after an outage of the network."""

    def __init__(self, port: Port) -> None:
        """Make ready to ask; SourceError where what is to be shown cannot be read."""
        self._url, self._login = port.url, port.web or WebLogin()
        self._kind = KINDS[urlsplit(port.url).path]
        self._headers = {**self._kind.headers, **_authorise(self._login)}
        self._next = 0.0
        try:
            self._pool = Pool(port.url, LIMITS, fingerprint=self._login.fingerprint)
        except NoAnswer as error:
            raise SourceError(f"{self._url}: {error}") from error

    def read(self, timeout: float) -> Chunk:
        """Return a telegram that is new, as `Source.read` does; it asks when it is time, and waits until then."""
        wait = self._next - time.monotonic()
        if wait > 0:
            time.sleep(min(wait, timeout))
        if wait > timeout:
            return Chunk(b"", datetime.now(UTC))
        self._next = time.monotonic() + self._kind.every
        body, now = self._ask_twice(), datetime.now(UTC)
        new = body != self._handed.get(self._url)
        self._handed[self._url] = body
        return Chunk(_end_line(body) if new else b"", now)

    def close(self) -> None:
        """Close the connection to the device."""
        self._pool.clear()

    def _ask_twice(self) -> bytes:
        """Return the answer, or, where it was cut, that to a second question."""
        try:
            body = self._ask()
            if is_whole(body):
                return body
        except NoAnswer as error:
            if error.unsafe:
                raise SourceError(self._explain_certificate(error)) from error
        try:
            return self._ask()
        except NoAnswer as error:
            raise SourceError(f"{self._url} does not answer: {error}; {self._kind.switch_on}") from error

    def _ask(self) -> bytes:
        answer = self._pool.request("GET", self._url, headers=self._headers)
        if answer.status != OK:
            raise SourceError(f"{self._url} {self._explain_status(answer.status)}")
        body = answer.data
        if body.startswith(SML):
            raise SourceError(f"{self._url} sends SML, as German meters do, which hanlogger does not read")
        if body.lstrip()[:1] in (b"{", b"[", b"<"):
            raise SourceError(f"{self._url} answers with values or a page, not with a telegram: {_ADDRESSES}")
        return body

    def _explain_status(self, status: int) -> str:
        words = {
            401: f"wants to know who asks (401): set http.token_file, or http.user and http.password_file; "
            f"{self._kind.switch_on}",
            403: f"does not allow it (403): {self._kind.switch_on}",
            404: f"has no such address (404): {_ADDRESSES}",
            429: "is asked too often (429): perhaps another program asks it too",
        }
        return words.get(status, f"answers with status {status}: {self._kind.switch_on}")

    def _explain_certificate(self, error: NoAnswer) -> str:
        parts = urlsplit(self._url)
        shown = read_fingerprint(parts.hostname or "", parts.port or 443, LIMITS.connect)
        advice = f'if it is the device\'s own, set http.fingerprint = "{shown}"' if shown else "it shows none"
        return f"{self._url} has a certificate that is not trusted ({error}): {advice}"


_ADDRESSES = (
    "telegrams are at /api/v1/telegram (HomeWizard), /api/telegram (its API 2) or /data.json?node_id=1 (Tibber)"
)


def is_whole(body: bytes) -> bool:
    """Return whether an answer may be a whole telegram: text ends in its checksum, other octets are not known."""
    return not body.startswith(b"/") or b"!" in body[-8:]


def _end_line(body: bytes) -> bytes:
    """Return a telegram with a line end, without which the next would have to come before it is known to be whole."""
    return body if body.endswith(b"\n") or not body.startswith(b"/") else body + b"\r\n"


def _authorise(login: WebLogin) -> dict[str, str]:
    if login.token_file is not None:
        return {"Authorization": f"Bearer {login.read_token()}"}
    return {"Authorization": by_password(login.user, login.read_password())} if login.user else {}
