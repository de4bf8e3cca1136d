"""Where an MQTT broker is, and who logs in there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from hanlogger.errors import HanloggerError

PORTS = {"mqtt": 1883, "mqtts": 8883}
"""The TCP port that is meant where the address of a broker names none."""


class NoBroker(HanloggerError):
    """The broker cannot be used now; the text, in one line, says why and what to do."""


class Secret(Protocol):
    """A text that is not shown by accident, such as pydantic's SecretStr."""

    def get_secret_value(self) -> str:
        """Return the secret as plain text."""


class BrokerAddress(NamedTuple):
    """Where a broker is; `secured`: it speaks TLS."""

    host: str
    port: int
    secured: bool

    @classmethod
    def parse(cls, url: str) -> BrokerAddress:
        """Return the address of `mqtt://host`, `mqtts://host:8883`; ValueError for any other text."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname or parts.port == 0 or not url.isprintable() or " " in url:
            raise ValueError("not the address of a broker")
        if "@" in parts.netloc or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("an address of a broker has neither a user nor a path")
        return cls(parts.hostname, parts.port or PORTS[parts.scheme], parts.scheme == "mqtts")


@dataclass(frozen=True)
class Login:
    """Who logs in at a broker, and what TLS trusts and shows there."""

    user: str = ""
    password: Secret | None = field(default=None, repr=False)
    password_file: Path | None = None  # read at each attempt
    ca_file: Path | None = None  # certificates to trust in place of the system's
    cert_file: Path | None = None  # our own, with its key, where the broker wants one
    key_file: Path | None = None

    def read_password(self) -> str:
        """Return the password, "" where there is none; NoBroker where its file cannot be read."""
        if self.password_file is None:
            return "" if self.password is None else self.password.get_secret_value()
        try:
            return self.password_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            words = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise NoBroker(f"the password file {self.password_file} cannot be read: {words}") from error
