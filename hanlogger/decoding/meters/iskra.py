"""Iskraemeco AM550 in Slovenia and Austria (docs/protocol.md D.8): by position, no codes, no scalers, a true deviation.

Slovenian distributors choose one list for each second and one for each quarter of an hour, of one phase or three. All
begin with the name of the device and the number of the meter. Voltages are in 0.1 V, currents in 0.01 A.

Austria: name of the push object, number of the meter, time of day, date, four energies, two powers, two empty strings.
"""

from __future__ import annotations

from decimal import Decimal

from hanlogger.decoding.layouts import Layout
from hanlogger.decoding.meters.family import Body, Factors, Family, find_list_id
from hanlogger.decoding.rows import Row

_NAMES = ("0-0:42.0.0", "0-0:96.1.0")
_POWERS = ("1-0:1.7.0", "1-0:2.7.0", "1-0:3.7.0", "1-0:4.7.0")
_VOLTAGES = ("1-0:32.7.0", "1-0:52.7.0", "1-0:72.7.0")
_CURRENTS = ("1-0:31.7.0", "1-0:51.7.0", "1-0:71.7.0")
_OF_PHASES = ("1-0:21.7.0", "1-0:41.7.0", "1-0:61.7.0", "1-0:22.7.0", "1-0:42.7.0", "1-0:62.7.0")
_TARIFFS = tuple(f"1-0:{c}.8.{tariff}" for c in (1, 2, 3, 4) for tariff in (1, 2))
_QUARTER = (
    "0-0:96.3.10",
    "0-0:96.14.0",
    *(f"1-0:{c}.8.{e}" for c in (1, 2) for e in (0, 1, 2)),
    "1-0:3.8.0",
    "1-0:4.8.0",
)
_UNKNOWN = ("", "")  # zero in all messages seen

_THREE_PHASES = Layout.of("ssI{4}H{6}I{6}", *_NAMES, *_POWERS, *_VOLTAGES, *_CURRENTS, *_OF_PHASES)
_OF_ISKRA = (
    Layout.of("ssH{2}I{4}", *_NAMES, _VOLTAGES[0], _CURRENTS[0], *_POWERS),
    Layout.of("ssI{4}HI{2}", *_NAMES, *_POWERS, _VOLTAGES[0], *_UNKNOWN),
    Layout.of("ssI{4}H{2}I{2}", *_NAMES, *_POWERS, _VOLTAGES[0], _CURRENTS[0], "1-0:21.7.0", "1-0:22.7.0"),
    Layout.of("ssI{8}", *_NAMES, *_TARIFFS),
    Layout.of("ssH{6}I{4}", *_NAMES, *_VOLTAGES, *_CURRENTS, *_POWERS),
    Layout.of("ssbsI{8}", *_NAMES, *_QUARTER),
)
_FACTORS: Factors = {"voltage": Decimal("0.1"), "current": Decimal("0.01")}

_PUSH_OBJECT = b"\x00\x06\x19\x09\x00\xff"
_ENERGIES = ("1-0:1.8.0", "1-0:2.8.0", "1-0:3.8.0", "1-0:4.8.0")
_AUSTRIAN = Layout.of("ssssI{6}ss", "", _NAMES[1], "", "", *_ENERGIES, *_POWERS[:2], "", "")
_TIME_OCTETS, _DATE_OCTETS = 4, 5


def _make_layout(body: Body) -> Layout | None:
    known = (_THREE_PHASES, *_OF_ISKRA) if find_list_id(body).startswith("ISK") else (_THREE_PHASES,)
    return next((layout for layout in known if layout.fits(body)), None)


def _make_rows(body: Body) -> list[Row]:
    layout = _make_layout(body)
    return layout.make_rows(body) if layout else []


def _is_austrian(body: Body) -> bool:
    """Tell whether a list is the Austrian one: what is passed over, a time and two empty strings, must be just that."""
    match body:
        case [bytes(name), _, bytes(time), bytes(date), *_, b"", b""] if _AUSTRIAN.fits(body):
            return name == _PUSH_OBJECT and len(time) == _TIME_OCTETS and len(date) == _DATE_OCTETS
        case _:
            return False


FAMILY = Family("iskra", lambda body: _make_layout(body) is not None, _make_rows, lambda _: _FACTORS)
AUSTRIAN = Family("iskra", _is_austrian, _AUSTRIAN.make_rows)
