"""Aidon (docs/protocol.md D.1, D.2): scalers and units are in the message, the clock is on UTC+1 all year.

Norway:  [[1-1:0.2.129, "AIDON_V0001"], …]; list 3 has a clock row, deviation 0000 (or 8000)
Sweden:  [[0-0:1.0.0, clock], …], no name of the list, deviation 8000
"""

from __future__ import annotations

from hanlogger.decoding.meters.family import Body, Family, find_list_id, is_hourly_list
from hanlogger.decoding.rows import is_code

_CLOCK = b"\x00\x00\x01\x00\x00\xff"
_SAYS_NOTHING = (b"\x80\x00", b"\x00\x00")  # deviations: not specified; UTC, which is not true


def _recognise(body: Body) -> bool:
    return find_list_id(body).startswith("AIDON") or _has_clock_first(body)


def _has_clock_first(body: Body) -> bool:
    match body:
        case [[bytes(code), bytes(octets)], *_] if is_code(code):
            return code == _CLOCK and octets[9:11] in _SAYS_NOTHING
        case _:
            return False


FAMILY = Family("aidon", _recognise, trusts_deviation=False, hourly=is_hourly_list)
