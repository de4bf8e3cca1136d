"""The last octets since a telegram came, for whoever looks for what is wrong with a line."""

from __future__ import annotations

from hanlogger.sources import LineSettings

UNREAD_OCTETS = 1024  # octets of each line setting


class Unread:
    """Of one port, by the line settings it was open with."""

    def __init__(self) -> None:
        self._octets: dict[str, bytes] = {}

    def add(self, line: LineSettings | None, data: bytes) -> None:
        """These came."""
        name = str(line or "")
        self._octets[name] = (self._octets.get(name, b"") + data)[-UNREAD_OCTETS:]

    def clear(self) -> None:
        """A telegram came."""
        self._octets = {}

    @property
    def octets(self) -> dict[str, bytes]:
        """By line settings, "" for a port that has none. May be read by any thread."""
        return dict(self._octets)
