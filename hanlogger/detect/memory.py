"""Line settings that have worked for a device, as the journal keeps them."""

from __future__ import annotations

from hanlogger.journal import Journal
from hanlogger.sources import LineSettings

_KEY = "serial"  # of what the journal keeps about a device


def recall_line(journal: Journal, device: str) -> LineSettings | None:
    """Return the settings that have worked for a device; None where none are known. JournalUnavailable."""
    try:
        return LineSettings.parse(journal.learnt.get(device).get(_KEY, ""))
    except ValueError:
        return None


def remember_line(journal: Journal, device: str, line: LineSettings) -> bool:
    """Keep the settings that have worked for a device; whether that is news. JournalUnavailable."""
    if recall_line(journal, device) == line:
        return False
    journal.learnt.put(device, {_KEY: str(line)})
    return True
