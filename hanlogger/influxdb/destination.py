"""A destination: where to write, and the token for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, Protocol

from hanlogger.errors import WriteUnavailable
from hanlogger.model import DEMO

DEFAULT_NAME = "influxdb"
"""The name of the destination that is configured without one."""

DatabaseKind = Literal["influxdb", "victoriametrics"]


TENANT = re.compile(r"/insert/(\d+(?::\d+)?)/influx$")
"""The end of the address of a cluster of VictoriaMetrics, with its tenant."""


class Secret(Protocol):
    """A text that is not shown by accident, such as pydantic's SecretStr."""

    def get_secret_value(self) -> str:
        """Return the secret as plain text."""


@dataclass(frozen=True)
class Destination:
    """One bucket of an InfluxDB 2, or a VictoriaMetrics, which has no buckets.

    A `token_file` is read again at each attempt; `token` is used without one.
    """

    url: str
    name: str = DEFAULT_NAME
    org: str = "home"
    bucket: str = "hanlogger"
    token: Secret | None = field(default=None, repr=False)
    token_file: Path | None = None
    demo: bool = False  # whether it gets the readings of the demo meter too
    ca_file: Path | None = None  # certificates to trust beside the system's
    connect_timeout: float = 5.0  # seconds
    read_timeout: float = 20.0
    kind: DatabaseKind = "influxdb"
    meters: tuple[str, ...] = ()  # patterns of the names of the meters that it gets, as flat-*; (): of all
    nodes: tuple[str, ...] = ()  # addresses of the processes of a cluster of VictoriaMetrics; (): it is one node
    memory_seconds: float = 14.0  # after which a VictoriaMetrics has on its disk what it took (docs/own-servers.md)

    @property
    def place(self) -> str:
        """Where it is, in words: `bucket home at http://localhost:8086`."""
        return (
            f"bucket {self.bucket} at {self.url}" if self.kind == "influxdb" else f"the VictoriaMetrics at {self.url}"
        )

    @property
    def confirming_seconds(self) -> float:
        """The seconds for which it can still lose what it took, and after which it confirms: none for an InfluxDB."""
        return self.memory_seconds if self.kind == "victoriametrics" else 0.0

    @property
    def tenant(self) -> str:
        """The tenant of a cluster of VictoriaMetrics that is written to: 0 in `http://vminsert:8480/insert/0/influx`.

        It is empty where the address has none, as that of a single node.
        """
        found = TENANT.search(self.url)
        return found[1] if found else ""

    @property
    def has_token(self) -> bool:
        """Whether a token is set; a VictoriaMetrics needs none unless a proxy before it demands one."""
        return self.token is not None or self.token_file is not None

    @property
    def most_lines(self) -> int:
        """How many lines a request may have: more where each is confirmed late."""
        return 5_000 if self.kind == "influxdb" else 120_000

    @property
    def takes_all(self) -> bool:
        """Whether it gets every meter that is read, the demo aside."""
        return not self.meters

    def takes(self, meter: str) -> bool:
        """Return whether it gets what is recorded of a meter, by its name; "" is the logger's own health.

        The logger's own health goes where every meter goes: to a destination without patterns, or with the pattern `*`.

        >>> tenant = Destination("http://localhost:8086", meters=("flat-1*", "laundry"))
        >>> [name for name in ("flat-12", "flat-2", "laundry", "demo", "") if tenant.takes(name)]
        ['flat-12', 'laundry']
        """
        if meter == DEMO:
            return self.demo
        return self.takes_all or any(fnmatchcase(meter, pattern) for pattern in self.meters)

    def read_token(self) -> str:
        """Return the token as it is now; raise WriteUnavailable, which says what to do, where there is none.

        A file that is missing or empty may be about to be written, as by `hanlogger setup`: it is soon read again.
        """
        if self.token_file is not None:
            return _check(_read(self.token_file))
        token = "" if self.token is None else self.token.get_secret_value().strip()
        if not token:
            raise _make_error(f"no token for {self.name}: set token_file, or HANLOGGER_INFLUXDB_TOKEN_FILE")
        return _check(token)


def _read(file: Path) -> str:
    try:
        text = file.read_text("ascii").strip()
    except FileNotFoundError as error:
        raise WriteUnavailable(f"the token file {file} is not there: make it, or correct the settings") from error
    except OSError as error:
        raise _make_error(f"the token file {file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise _make_error(f"the token file {file} does not hold a token") from None
    if not text:
        raise WriteUnavailable(f"the token file {file} is empty: put a token in it")
    return text


def _check(token: str) -> str:
    if not token.isascii() or not token.isprintable() or " " in token:
        raise _make_error("the token has characters that no token has: give the token alone")
    return token


def _make_error(words: str) -> WriteUnavailable:
    return WriteUnavailable(words, needs_user=True)
