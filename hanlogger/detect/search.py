"""The order in which line settings are tried, and for how long. No clock is read: time is an argument."""

from __future__ import annotations

from hanlogger.sources import LineSettings

CANDIDATES = (LineSettings(115200), LineSettings(2400, 8, "E"), LineSettings(2400), LineSettings(9600))
"""Swedish P1, Aidon RJ12; Aidon, Kaifa; Kamstrup; DSMR 2. Seven bits are read as eight (docs/protocol.md B)."""

LISTEN = 17.0
"""Seconds for each setting: meters send every 10, Kaifa's MA304H4D every 15, and a long list takes 2 on the wire."""

PATIENCE = 4
"""After a round without success the next takes twice as long, up to so many times: some meters send each 30 s."""


class Search:
    """The search for the line settings of one port. Times are seconds of one monotonic clock."""

    def __init__(self, first: LineSettings | None = None, listen: float = LISTEN) -> None:
        """Begin with `first`, settings that have worked before; `listen`: seconds for each setting."""
        self._order = [first, *(line for line in CANDIDATES if line != first)] if first else list(CANDIDATES)
        self._listen = listen
        self._times = 1
        self._at = 0
        self._since = 0.0
        self.found = False

    @property
    def line(self) -> LineSettings:
        """The settings to open the port with."""
        return self._order[self._at]

    @property
    def tried(self) -> str:
        """All settings that are tried, for people."""
        return ", ".join(map(str, self._order))

    def note_opened(self, now: float) -> None:
        """Note that the port was opened with `line`, which has to prove itself, also where it has done so before."""
        self._since, self.found = now, False

    def note_telegram(self) -> bool:
        """Note that a telegram came, so that `line` is right; return whether that is news."""
        news, self.found, self._times = not self.found, True, 1
        return news

    def has_timed_out(self, now: float) -> bool:
        """Return whether `line` has been tried long enough without a telegram."""
        return not self.found and now - self._since >= self._listen * self._times

    def advance(self) -> bool:
        """Go on to the next settings; return False when all have been tried and the first come again."""
        self._at = (self._at + 1) % len(self._order)
        if not self._at:
            self._times = min(2 * self._times, PATIENCE)
        return self._at > 0
