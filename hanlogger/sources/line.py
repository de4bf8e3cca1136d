"""Line settings: speed, data bits and parity of a serial line."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

SPEEDS = (300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)


class LineSettings(NamedTuple):
    """Speed in bit/s, data bits and parity, as the meter sends; there is always one stop bit."""

    baud: int = 115200
    bits: Literal[7, 8] = 8
    parity: Literal["N", "E"] = "N"

    @classmethod
    def parse(cls, text: str) -> LineSettings:
        """Read line settings such as `115200 8N1`, `2400 8E1` or `9600 7E1`; ValueError for another text."""
        match = re.fullmatch(r"\s*(\d+)[\s,/]+(8N1|8E1|7E1)\s*", text, re.IGNORECASE)
        if not match or int(match[1]) not in SPEEDS:
            raise ValueError(f"no line settings: {text!r}")
        return cls(int(match[1]), 7 if match[2][0] == "7" else 8, "E" if match[2][1] in "Ee" else "N")

    @property
    def opened(self) -> LineSettings:
        """The settings to open the port with: 8N1 for 7E1, whose bit 7 the framer clears (docs/protocol.md B)."""
        return LineSettings(self.baud, 8, "N") if self.bits == 7 else self

    def __str__(self) -> str:
        return f"{self.baud} {self.bits}{self.parity}1"


SWEDISH = LineSettings()
"""Line settings of Swedish P1 and of Aidon's RJ12 (docs/protocol.md A.2): the first that are tried."""
