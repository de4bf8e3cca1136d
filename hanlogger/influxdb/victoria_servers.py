"""Ask the servers of a VictoriaMetrics, each over a connection that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from hanlogger.errors import WriteUnavailable
from hanlogger.http import Limits, NoAnswer, Server, by_token
from hanlogger.influxdb.destination import Destination
from hanlogger.influxdb.masking import mask

if TYPE_CHECKING:
    import urllib3

MOST_OCTETS = 4_000_000  # of an answer: the counters of a process are some 100 kB
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class VictoriaServers:
    """The servers of one VictoriaMetrics, which get its token where it has one. A context manager that closes them."""

    def __init__(self, to: Destination, read_timeout: float) -> None:
        self._to = to
        self._limits = Limits(connect=to.connect_timeout, read=read_timeout, most=MOST_OCTETS)
        self._servers: dict[str, Server] = {}

    def ask(
        self, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] = NO_HEADERS
    ) -> urllib3.BaseHTTPResponse:
        """Return the answer to one request; raise WriteUnavailable where none comes."""
        token = self._to.read_token() if self._to.has_token else ""
        login = {"Authorization": by_token(token)} if token else {}
        try:
            return self._connect(url).pool.request(method, url, body=body, headers={**headers, **login})
        except NoAnswer as error:
            words = mask(str(error), token) if token else str(error)
            raise WriteUnavailable(
                f"VictoriaMetrics at {url.partition('?')[0]} cannot be reached: {words}", needs_user=error.unsafe
            ) from error

    def get_text(self, url: str) -> tuple[int, str]:
        """Return the status of the answer to a GET, and its text; raise as `ask`."""
        answer = self.ask("GET", url)
        return answer.status, answer.data.decode("utf-8", "replace")

    def close(self) -> None:
        """Close the connections to all of them."""
        for server in self._servers.values():
            server.close()
        self._servers.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connect(self, url: str) -> Server:
        root = get_root(url)
        if root not in self._servers:
            self._servers[root] = Server(root, self._limits, self._to.ca_file)
        return self._servers[root]


def get_root(url: str) -> str:
    """Return an address without its path.

    >>> get_root("http://vminsert:8480/insert/0/influx")
    'http://vminsert:8480'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
