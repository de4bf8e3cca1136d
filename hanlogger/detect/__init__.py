"""Finding the settings of a line by itself: by trying, and by frames with a good checksum."""

from __future__ import annotations

from hanlogger.detect.find import Detection, find
from hanlogger.detect.hearing import Hearing, hear
from hanlogger.detect.search import CANDIDATES, LISTEN, Search

__all__ = ["CANDIDATES", "LISTEN", "Detection", "Hearing", "Search", "find", "hear"]
