"""The values of a closed billing period that stand in a telegram as a block over several lines (Hungary).

    0-0:98.1.0
    (
    0-0:1.0.0(220201000000T)              the end of the month
    1-0:1.8.0(00003600.001*kWh)           its values, under the codes of the live ones
    )

They are not values of the telegram's time: only the rows outside are read. A meter that closes the bracket on the
last row, or opens it on the first, or writes it twice, means the same. Where the bracket is missing, or never closed,
the end of the block is unknown: then any counter after its first row may belong to the closed period.
"""

from __future__ import annotations

import re

from hanlogger.decoding import clock
from hanlogger.model import Obis

_ROW = r"[^()\n]++(?:\([^()\n]*+\))++"
_BLOCK = re.compile(rf"^[^()\n]++(?:\(\s*+)++(?:{_ROW}\s*+)++\)(?:\s*+\))*+[ \t]*+$", re.MULTILINE)
_ENDS = ("\n)", "))", " )", "\t)")
_OPENING = re.compile(rf"([^()\n]+)(?:\(\s*)+(?:{_ROW})?\s*")
_BILLING = 98  # group C: the values of billing periods
_QUANTITIES = range(1, 81)  # group C
_INSTANTANEOUS = 7  # group D


def split(body: str) -> tuple[str, list[str]]:
    """Split the rows of a telegram into those outside of blocks, and the lines of the blocks as sent."""
    closed: list[str] = []
    if not any(end in body for end in _ENDS):
        return body, closed  # far sooner told than by looking for a block

    def take(block: re.Match[str]) -> str:
        if "\n" not in block[0]:
            return block[0]  # a row like any other
        closed.extend(line.strip() for line in block[0].split("\n"))
        return ""

    return _BLOCK.sub(take, body), [line for line in closed if line]


def opens_block(row: str) -> bool:
    """Tell whether a row opens a block; one that `split` has left is never closed."""
    opening = _OPENING.fullmatch(row)
    try:
        return opening is not None and Obis.parse(opening[1].strip()).c == _BILLING
    except ValueError:
        return False


def ends(obis: Obis, value: object) -> bool:
    """Tell whether a row states only when a billing period ended: its values follow without any bracket."""
    return obis.c == _BILLING and isinstance(value, str) and clock.is_stamp(value)


def may_hold(obis: Obis) -> bool:
    """Tell whether a code can be one of a closed period: one of the meter's own counters, maxima or averages."""
    return obis.is_electricity and obis.c in _QUANTITIES and obis.d != _INSTANTANEOUS
