"""The address at which a part of hanlogger listens for other programs."""

from __future__ import annotations

from typing import NamedTuple, Self
from urllib.parse import urlsplit


class Address(NamedTuple):
    """A host and a TCP port of this computer."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the address in a text such as `127.0.0.1:2001` or `[::1]:2001`; ValueError for any other text."""
        parts = urlsplit(f"//{text}")
        if not parts.hostname or not parts.port or parts.netloc != text or set(text) & set("@ "):
            raise ValueError("not an address")
        return cls(parts.hostname, parts.port)

    def __str__(self) -> str:
        """Return the address as it is written, an IPv6 host in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
