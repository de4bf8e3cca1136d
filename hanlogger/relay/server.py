"""The thread that listens for the relay's clients and sends them what the journal has taken."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Mapping, Sequence
from functools import partial

from hanlogger.address import Address
from hanlogger.framing import close_frame
from hanlogger.journal import Entry
from hanlogger.relay.clients import Clients, Connection
from hanlogger.status.state import RelayState

RETRY_SECONDS = 10.0  # between two attempts to listen at an address that is taken
STOP_SECONDS = 0.3

log = logging.getLogger(__name__)


class Relay(threading.Thread):
    """Listens at one address for each meter. Any thread may call `send` and `report`; neither waits nor raises."""

    def __init__(self, addresses: Mapping[str, Address], *, retry_seconds: float = RETRY_SECONDS) -> None:
        """Make the thread. addresses: by the meter's name. retry_seconds: until a taken address is tried again."""
        super().__init__(name="relay", daemon=True)
        self._addresses, self._retry_seconds = addresses, retry_seconds
        self._clients = {meter: Clients(meter) for meter in addresses}
        self._words = dict.fromkeys(addresses, "is not listening yet")
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()

    def run(self) -> None:
        """Listen until `close` is called."""
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._serve())

    def send(self, entries: Sequence[Entry]) -> None:
        """Send frames that are in the journal now to the clients of their meters."""
        for entry in entries:
            clients = self._clients.get(entry.meter.name)
            if clients is not None and entry.live:
                with contextlib.suppress(RuntimeError):  # the loop is closed: the logger ends
                    self._loop.call_soon_threadsafe(clients.send, close_frame(entry.frame))

    def report(self) -> tuple[RelayState, ...]:
        """Return the state of each meter's relay."""
        return tuple(
            RelayState(meter, str(address), clients.number, clients.dropped, clients.refused, self._words[meter])
            for (meter, address), clients in zip(self._addresses.items(), self._clients.values(), strict=True)
        )

    def close(self) -> None:
        """Close all connections and end the thread."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._ended.set)
        if self.is_alive():
            self.join(STOP_SECONDS)

    async def _serve(self) -> None:
        listening = [self._loop.create_task(self._listen(meter)) for meter in self._addresses]
        await self._ended.wait()
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)

    async def _listen(self, meter: str) -> None:
        """Listen for the clients of one meter, as soon as its address is free, for ever."""
        clients, address = self._clients[meter], self._addresses[meter]
        server = await self._open(meter, address, clients)
        log.info("%s: relays every telegram at %s", meter, address)
        self._words[meter] = ""
        try:
            await asyncio.Event().wait()
        finally:
            server.close()
            clients.close()

    async def _open(self, meter: str, address: Address, clients: Clients) -> asyncio.Server:
        while True:
            try:
                return await self._loop.create_server(partial(Connection, clients), address.host, address.port)
            except OSError as error:
                self._note_failure(meter, f"cannot listen at {address}: {error.strerror or error}")
                await asyncio.sleep(self._retry_seconds)

    def _note_failure(self, meter: str, words: str) -> None:
        """Log why nothing is relayed, once as long as the reason is the same; recording goes on all the same."""
        if self._words[meter] != words:
            log.warning("%s: the relay %s; it is tried again and again, and costs nothing else", meter, words)
        self._words[meter] = words
