"""The thread that serves the pages: it never delays the recording, and what it holds is bounded."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from email.utils import formatdate

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from hanlogger.address import Address
from hanlogger.config import Settings
from hanlogger.status.state import State
from hanlogger.web.app import make_app
from hanlogger.web.site import Site

MOST_CONNECTIONS = 64
REQUEST_SECONDS = 10.0  # within which a request must have come whole
STOP_SECONDS = 0.5
BACKLOG = 32

log = logging.getLogger(__name__)


class Pages:
    """The pages of a running logger, served by a thread of their own from `start` to `stop`."""

    def __init__(self, settings: Settings, at: Address) -> None:
        """Listen at an address. OSError where that cannot be, as when the port is taken."""
        self._socket = _listen(at)
        host, port = self._socket.getsockname()[:2]
        self.address = f"http://{Address(_find_shown(host), port)}/"
        self._site = Site(settings)
        self._server = _Server(
            uvicorn.Config(
                make_app(self._site),
                http=_Connection,
                ws="none",
                loop="asyncio",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                backlog=BACKLOG,
                headers=[("connection", "close")],
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(target=self._serve, name="pages", daemon=True)

    def start(self) -> None:
        """Begin to serve, in a thread of its own."""
        self._thread.start()

    def publish(self, state: State) -> None:
        """Show this state from now on; takes no time."""
        self._site.state = state

    def stop(self) -> None:
        """End the pages; a request that takes longer than STOP_SECONDS ends with the process."""
        self._site.ending = True
        self._server.end()
        self._thread.join(STOP_SECONDS)
        self._socket.close()

    def _serve(self) -> None:
        try:
            for name in ("uvicorn.error", "uvicorn.access", "asyncio"):
                logging.getLogger(name).setLevel(logging.CRITICAL)  # what strangers send is not for the user's log
            asyncio.run(self._server.serve([self._socket]))
        except Exception:  # what is shown never stops what is recorded
            log.exception("the pages at %s have ended by a fault of hanlogger's; recording goes on", self.address)
        finally:
            self._site.close()


class _Server(uvicorn.Server):
    """A server that sleeps until it is to end; uvicorn's own looks ten times a second, and makes the date then."""

    _loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        self._ending = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        if not self.should_exit:  # looked at behind `_loop`, which `end` looks at behind `should_exit`
            await self._ending.wait()

    def end(self) -> None:
        """End the server, from any thread, also before it has begun."""
        self.should_exit = True
        if self._loop:
            with contextlib.suppress(RuntimeError):  # its loop has ended by itself
                self._loop.call_soon_threadsafe(self._ending.set)


class _Connection(H11Protocol):
    """A connection that is one of at most MOST_CONNECTIONS, and whose request must come soon."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        if len(self.connections) > MOST_CONNECTIONS:
            self.transport.abort()
        else:
            date = (b"date", formatdate(usegmt=True).encode())
            self.server_state.default_headers = [date, *self.config.encoded_headers]
            asyncio.get_running_loop().call_later(REQUEST_SECONDS, self._end_unless_asked)

    def _end_unless_asked(self) -> None:
        if self.cycle is None:
            self.transport.abort()


def _listen(at: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in at.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError, AttributeError):
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        made.bind(at)
        made.listen(BACKLOG)
    except BaseException:
        made.close()
        raise
    return made


def _find_shown(host: str) -> str:
    """Return the host name under which a browser on this computer reaches the pages."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 compared, not bound
