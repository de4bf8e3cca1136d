"""The settings of a serial line."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

SPEEDS = (300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)


class LineSettings(NamedTuple):
    """Speed and character of a line, as the meter sends."""

    baud: int = 115200
    bits: Literal[7, 8] = 8
    parity: Literal["N", "E"] = "N"

    @classmethod
    def parse(cls, text: str) -> LineSettings:
        """`115200 8N1`, `2400 8E1`, `9600 7E1`; ValueError otherwise."""
        match = re.fullmatch(r"\s*(\d+)[\s,/]+(8N1|8E1|7E1)\s*", text, re.IGNORECASE)
        if not match or int(match[1]) not in SPEEDS:
            raise ValueError(f"no line settings: {text!r}")
        return cls(int(match[1]), 7 if match[2][0] == "7" else 8, "E" if match[2][1] in "Ee" else "N")

    @property
    def opened(self) -> LineSettings:
        """How it is opened: 7E1 as 8N1, both being ten bits; the framer knows bit 7 by content (docs/protocol.md B)."""
        return LineSettings(self.baud, 8, "N") if self.bits == 7 else self

    def __str__(self) -> str:
        return f"{self.baud} {self.bits}{self.parity}1"


SWEDISH = LineSettings()
"""P1 and Aidon EFS (docs/protocol.md A.2): the first to be tried."""
