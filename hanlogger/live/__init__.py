"""The live view of a terminal: what the meters say, second by second. Imported only where there is a terminal."""

from __future__ import annotations

from hanlogger.live.screen import screen

__all__ = ["screen"]
