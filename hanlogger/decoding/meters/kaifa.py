"""Kaifa (docs/protocol.md D.4, D.5): no scalers, no units; in Norway and on some Swedish meters no codes either.

    1 element     P+
    9             id, meter, type, P+, P-, Q+, Q-, I1, U1
    13            id, meter, type, P+, P-, Q+, Q-, I1, I2, I3, U1, U2, U3
    14, 18        as 9, 13, then clock, A+, A-, R+, R-

Lists without codes run on legal time unless they state a deviation.
"""

from __future__ import annotations

from decimal import Decimal

from hanlogger.decoding.layouts import Layout
from hanlogger.decoding.meters.family import Body, Factors, Family, find_list_id
from hanlogger.decoding.rows import Row
from hanlogger.model import Civil

_LIST = "KFM"
_NAMES = ("1-1:0.2.129", "0-0:96.1.0", "0-0:96.1.7")
_POWERS = ("1-0:1.7.0", "1-0:2.7.0", "1-0:3.7.0", "1-0:4.7.0")
_ONE_PHASE = ("1-0:31.7.0", "1-0:32.7.0")
_THREE_PHASES = ("1-0:31.7.0", "1-0:51.7.0", "1-0:71.7.0", "1-0:32.7.0", "1-0:52.7.0", "1-0:72.7.0")
_HOUR = ("0-0:1.0.0", "1-0:1.8.0", "1-0:2.8.0", "1-0:3.8.0", "1-0:4.8.0")
_NUMBER = "[IHi0]"
_LAYOUTS = (
    Layout.of("[IHi]", _POWERS[0]),
    Layout.of(f"sss{_NUMBER}{{6}}", *_NAMES, *_POWERS, *_ONE_PHASE),
    Layout.of(f"sss{_NUMBER}{{10}}", *_NAMES, *_POWERS, *_THREE_PHASES),
    Layout.of(f"sss{_NUMBER}{{6}}s{_NUMBER}{{4}}", *_NAMES, *_POWERS, *_ONE_PHASE, *_HOUR),
    Layout.of(f"sss{_NUMBER}{{10}}s{_NUMBER}{{4}}", *_NAMES, *_POWERS, *_THREE_PHASES, *_HOUR),
)
_FACTORS: Factors = {"current": Decimal("0.001"), "voltage": Decimal("0.1")}
_HOURLY_LISTS = (14, 18)
_SECONDS_LATE = 10


def _make_layout(body: Body) -> Layout | None:
    known = _LAYOUTS if find_list_id(body).startswith(_LIST) else _LAYOUTS[:1]
    return next((layout for layout in known if layout.fits(body)), None)


def _read_positional(body: Body) -> list[Row]:
    layout = _make_layout(body)
    return layout.make_rows(body) if layout else []


def _is_at_full_hour(clock: Civil) -> bool:
    """Tell whether energies are those of the full hour: Norway sends them once an hour, Sweden every 15 seconds."""
    return clock.local.minute == 0 and clock.local.second <= _SECONDS_LATE


POSITIONAL = Family(
    "kaifa",
    lambda body: _make_layout(body) is not None,
    _read_positional,
    lambda _: _FACTORS,
    clock_rule="local",
    hourly=lambda rows: len(rows) in _HOURLY_LISTS,
    at_full_hour=_is_at_full_hour,
)
WITH_CODES = Family("kaifa", lambda body: find_list_id(body).startswith(_LIST), factors=lambda _: _FACTORS)
