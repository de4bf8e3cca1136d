"""Messages of Kamstrup meters: pairs of code and number in one structure, after the clock (docs/protocol.md D.6)."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from hanlogger.simulate import dlms
from hanlogger.simulate.house import HouseState
from hanlogger.simulate.quantities import (
    CURRENTS,
    ENERGIES,
    POWERS,
    VOLTAGES,
    compute_hour_energies,
    compute_quantities,
)

ZONE = ZoneInfo("Europe/Oslo")

_LINK = "2B 21 13"
_STANDARD_TIME = timedelta(hours=1)
_SUMMER = 0x80  # the bit is set, the hour is not moved (docs/protocol.md C.5)


def encode_list(state: HouseState) -> bytes:
    """Return the list of every 10 s: 25 elements with names, powers, currents and voltages."""
    return dlms.hdlc(_LINK, dlms.LLC + encode_notification(state, _encode_elements(state)))


def encode_hourly_list(state: HouseState) -> bytes:
    """Return the hourly list: 35 elements, with the clock and the energies of the full hour, in tens, added."""
    energies = compute_hour_energies(state)
    rows = [
        *_encode_elements(state),
        *(dlms.code("0-1:1.0.0"), dlms.octets(_encode_time(state))),
        *(part for code in ENERGIES for part in (dlms.code(f"1-1:{code}"), dlms.u32(energies[code] // 10))),
    ]
    return dlms.hdlc(_LINK, dlms.LLC + encode_notification(state, rows))


def encode_notification(state: HouseState, rows: list[bytes] | None = None) -> bytes:
    """Return the APDU without a frame; without `rows` it is the list of every 10 s."""
    return dlms.notification(dlms.structure(*(rows or _encode_elements(state))), b"\x0c" + _encode_time(state))


def _encode_elements(state: HouseState) -> list[bytes]:
    values = compute_quantities(state)
    codes = (*POWERS, *CURRENTS, *VOLTAGES)
    return [
        dlms.text("Kamstrup_V0001"),
        *(dlms.code("1-1:0.0.5"), dlms.text(f"57065670000{state.meter:05}")),
        *(dlms.code("1-1:96.1.1"), dlms.text("6841131BN243101040")),
        *(part for code in codes for part in (dlms.code(f"1-1:{code}"), _encode_value(code, values[code]))),
    ]


def _encode_value(code: str, value: int) -> bytes:
    """Return a value in the scale of the meter, which the message does not state: W, var, 10 mA or V."""
    if code in VOLTAGES:
        return dlms.u16(round(value / 10))
    return dlms.u32(round(value / 10) if code in CURRENTS else value)


def _encode_time(state: HouseState) -> bytes:
    summer = bool(state.clock.astimezone(ZONE).dst())
    return dlms.date_time(state.clock + _STANDARD_TIME, status=_SUMMER if summer else 0)
