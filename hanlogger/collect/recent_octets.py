"""The last octets since the last telegram, from which `doctor` finds out what is wrong with a line."""

from __future__ import annotations

from hanlogger.sources import LineSettings

MOST = 1024  # octets that are kept for each line setting


class RecentOctets:
    """The last octets of one port, by the line settings with which it was open."""

    def __init__(self) -> None:
        self._octets: dict[str, bytes] = {}

    def add(self, line: LineSettings | None, data: bytes) -> None:
        """Add octets that came while the port was open with `line`."""
        name = str(line or "")
        self._octets[name] = (self._octets.get(name, b"") + data)[-MOST:]

    def clear(self) -> None:
        """Forget all octets, because a telegram has come."""
        self._octets = {}

    @property
    def octets(self) -> dict[str, bytes]:
        """The octets by line settings, "" for a port that has none. Any thread may read them."""
        return dict(self._octets)
