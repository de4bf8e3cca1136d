"""Find line settings by trying: those with which frames have a good checksum are right."""

from __future__ import annotations

from hanlogger.detect.find import Detection, find
from hanlogger.detect.hearing import Hearing, hear
from hanlogger.detect.memory import recall_line, remember_line
from hanlogger.detect.search import CANDIDATES, LISTEN, Search

__all__ = ["CANDIDATES", "LISTEN", "Detection", "Hearing", "Search", "find", "hear", "recall_line", "remember_line"]
