"""Kaifa (protocol.md D.4, D.5): no scalers, no units; in Norway and on some Swedish meters no codes either.

    1 element     P+
    9             id, meter, type, P+, P-, Q+, Q-, I1, U1
    13            id, meter, type, P+, P-, Q+, Q-, I1, I2, I3, U1, U2, U3
    14, 18        as 9, 13, then clock, A+, A-, R+, R-

Lists without codes run on legal time unless they state a deviation.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from hanlogger.decoding.meters.family import Body, Factors, Family, is_text, list_id
from hanlogger.decoding.rows import Row
from hanlogger.model import Civil, Obis

_NAMES = ("1-1:0.2.129", "0-0:96.1.0", "0-0:96.1.7")
_POWERS = ("1-0:1.7.0", "1-0:2.7.0", "1-0:3.7.0", "1-0:4.7.0")
_ONE_PHASE = ("1-0:31.7.0", "1-0:32.7.0")
_THREE_PHASES = ("1-0:31.7.0", "1-0:51.7.0", "1-0:71.7.0", "1-0:32.7.0", "1-0:52.7.0", "1-0:72.7.0")
_HOUR = ("0-0:1.0.0", "1-0:1.8.0", "1-0:2.8.0", "1-0:3.8.0", "1-0:4.8.0")
_LAYOUTS = {
    len(layout): tuple(map(Obis.parse, layout))
    for layout in (
        _POWERS[:1],
        _NAMES + _POWERS + _ONE_PHASE,
        _NAMES + _POWERS + _THREE_PHASES,
        _NAMES + _POWERS + _ONE_PHASE + _HOUR,
        _NAMES + _POWERS + _THREE_PHASES + _HOUR,
    )
}
_FACTORS: Factors = {"current": Decimal("0.001"), "voltage": Decimal("0.1")}
_HOURLY_LISTS = (14, 18)
_SECONDS_LATE = 10


def _is_positional(body: Body) -> bool:
    """By the number of elements and their kinds: three names, then numbers; or one number."""
    if len(body) == 1:
        return isinstance(body[0], int)
    return len(body) in _LAYOUTS and all(map(is_text, body[:3])) and isinstance(body[3], int)


def _positional(body: Body) -> list[Row]:
    return [Row(obis, value) for obis, value in zip(_LAYOUTS[len(body)], body, strict=True)]


def _hourly(rows: Sequence[Row], clock: Civil) -> bool:
    """Norway sends energies once, for the full hour; the same list comes every 15 seconds in Sweden."""
    local = clock.local
    return len(rows) in _HOURLY_LISTS and local.minute == 0 and local.second <= _SECONDS_LATE


POSITIONAL = Family("kaifa", _is_positional, _positional, lambda _: _FACTORS, clock_rule="local", hourly=_hourly)
WITH_CODES = Family("kaifa", lambda body: list_id(body).startswith("KFM"), factors=lambda _: _FACTORS)
