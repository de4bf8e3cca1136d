"""Guard every page: the Host header must be one of ours, the method must only read, and the answer is locked down.

A page of a stranger can make a browser ask 127.0.0.1, and by DNS rebinding under a name of the stranger's also read the
answer. So only addresses, `localhost` and the names of the settings are answered; an address cannot be rebound.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "connect-src": "'self'",
    "img-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "content-security-policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
NOT_OURS = (
    "hanlogger does not answer under this name. Use the address that `hanlogger run` prints, or list the name under "
    "hosts in [web] of hanlogger.toml.\n"
)
BY_OTHERS = "hanlogger does not answer requests that another site's page makes.\n"
READ_ONLY = "Only GET and HEAD: these pages change nothing.\n"


class Guard:
    """An ASGI application around another, which asks it only what is allowed."""

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self._app, self._hosts = app, {"localhost", *hosts}
        self._told: set[str] = set()  # faults that were logged

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it before the application sees it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def locked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update({"cache-control": "no-store"} | _keep_caching(message) | HEADERS)
            await send(message)

        refused = self._refuse(scope)
        try:
            await (refused or self._app)(scope, receive, locked)
        except Exception as error:  # noqa: BLE001 what is shown never stops what is recorded
            self._tell(scope["path"], error)  # the application has answered it

    def _refuse(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        if not is_ours(headers.get("host", ""), self._hosts):
            return PlainTextResponse(NOT_OURS, 421)
        if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
            return PlainTextResponse(BY_OTHERS, 403)
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse(READ_ONLY, 405, {"allow": "GET, HEAD"})
        return None

    def _tell(self, path: str, error: Exception) -> None:
        """Log a fault once: whoever asks the same again and again fills no log."""
        if (words := repr(error)) not in self._told and len(self._told) < 100:
            self._told.add(words)
            log.error("the page %s cannot be shown, please report it", path, exc_info=error)


def _keep_caching(message: Message) -> dict[str, str]:
    """Return what an answer says about how long it may be kept."""
    said = Headers(raw=message["headers"]).get("cache-control")
    return {"cache-control": said} if said else {}


def is_ours(host: str, hosts: Collection[str]) -> bool:
    """Return whether a Host header names an address or one of these names, with any port."""
    name, colon, port = host.rpartition(":")
    if not colon or host.endswith("]"):
        name, port = host, ""
    if port and not port.isdecimal():
        return False
    if name.lower() in hosts:
        return True
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
