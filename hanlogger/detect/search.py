"""With which settings a port is to be opened next. Pure: time is an argument."""

from __future__ import annotations

from hanlogger.sources import LineSettings

CANDIDATES = (LineSettings(115200), LineSettings(2400, 8, "E"), LineSettings(2400), LineSettings(9600))
"""Swedish P1, Aidon RJ12 · Aidon, Kaifa · Kamstrup · DSMR 2. Seven bits are read as eight (docs/protocol.md B)."""

LISTEN = 17.0
"""Seconds for each: meters send every ten, Kaifa's MA304H4D every 15, and a long list takes two on the wire."""

PATIENCE = 4
"""In vain the next round takes twice as long, up to this many times: some are said to send every thirty seconds."""


class Search:
    """Of one port. Tell it when the port was opened and that a telegram came; ask it what to try, and how long."""

    def __init__(self, first: LineSettings | None = None, listen: float = LISTEN) -> None:
        """`first`: what has worked before."""
        self._order = [first, *(line for line in CANDIDATES if line != first)] if first else list(CANDIDATES)
        self._listen = listen
        self._times = 1
        self._at = 0
        self._since = 0.0
        self.found = False

    @property
    def line(self) -> LineSettings:
        """What to open the port with."""
        return self._order[self._at]

    @property
    def tried(self) -> str:
        """All that are tried, for people."""
        return ", ".join(map(str, self._order))

    def opened(self, now: float) -> None:
        """The port was opened with `line`; what was found before is to prove itself again."""
        self._since, self.found = now, False

    def telegram(self) -> bool:
        """One came, so this is it; whether that is news."""
        news, self.found, self._times = not self.found, True, 1
        return news

    def in_vain(self, now: float) -> bool:
        """Whether this has been listened to long enough."""
        return not self.found and now - self._since >= self._listen * self._times

    def next(self) -> bool:
        """Go on to the next; False when all have been tried and it begins anew."""
        self._at = (self._at + 1) % len(self._order)
        if not self._at:
            self._times = min(2 * self._times, PATIENCE)
        return self._at > 0
