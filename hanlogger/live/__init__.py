"""The live view: what the meters say, second by second. It is imported only where there is a terminal."""

from __future__ import annotations

from hanlogger.live.screen import open_screen

__all__ = ["open_screen"]
