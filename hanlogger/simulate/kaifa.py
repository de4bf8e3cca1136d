"""Messages of Kaifa meters: numbers known by position, or pairs of code and number (docs/protocol.md D.4 and D.5).

Their scale, which a message does not state, is that of `compute_quantities`: W, var, mA, tenths of a volt.
"""

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

OSLO = ZoneInfo("Europe/Oslo")

_NORWEGIAN = "01 0201 10"
_SWEDISH = "01 0001 10"
_INVOKE_ID = 0x40000000
_STANDARD_TIME = timedelta(hours=1)
_AN_HOUR_AHEAD = (-60).to_bytes(2, signed=True)
_TAGGED = (
    b"\x09\x0c"  # tag and length before the date-time of the notification, where the standard has the length alone
)

_NUMBERS = {"MA304H3E": "6970630", "MA304H4": "7340150", "MA304H4D": "7340150"}
"""The first digits of the meter numbers of each model, in Norway and in Sweden."""


def encode_list_1(state: HouseState) -> bytes:
    """Return the Norwegian list of every 2 s: only the active power imported."""
    return _encode_positional(state, _NORWEGIAN, [dlms.u32(compute_quantities(state)["1.7.0"])])


def encode_list_2(state: HouseState) -> bytes:
    """Return the Norwegian list of every 10 s."""
    return _encode_positional(state, _NORWEGIAN, _encode_elements(state, "MA304H3E"))


def encode_list_3(state: HouseState) -> bytes:
    """Return the Norwegian hourly list, with the energies of the full hour."""
    return _encode_positional(
        state,
        _NORWEGIAN,
        [*_encode_elements(state, "MA304H3E"), _encode_clock(state), *_encode_energies(compute_hour_energies(state))],
    )


def encode_swedish_positional(state: HouseState) -> bytes:
    """Return the list of the Swedish MA304H4D, every 15 s: the Norwegian hourly list with the present energies."""
    return _encode_positional(
        state,
        _SWEDISH,
        [*_encode_elements(state, "MA304H4D"), _encode_clock(state), *_encode_energies(compute_quantities(state))],
    )


def encode_swedish(state: HouseState) -> bytes:
    """Return the list of the Swedish MA304H4: codes before the numbers, and a clock with a true deviation."""
    values = compute_quantities(state)
    clock = dlms.date_time(state.clock + _STANDARD_TIME, deviation=_AN_HOUR_AHEAD)
    names = ("1-0:0.2.129", "0-0:96.1.0", "0-0:96.1.7")
    rows = [
        *zip(names, _encode_names(state, "MA304H4"), strict=True),
        *((f"1-0:{code}", dlms.u32(values[code])) for code in (*POWERS, *CURRENTS, *VOLTAGES)),
        ("0-0:1.0.0", dlms.octets(clock)),
        *((f"1-0:{code}", dlms.u32(values[code])) for code in ENERGIES),
    ]
    body = dlms.structure(*(part for code, value in rows for part in (dlms.code(code), value)))
    return dlms.hdlc(_SWEDISH, dlms.LLC + dlms.notification(body, invoke_id=_INVOKE_ID))


def _encode_elements(state: HouseState, model: str) -> list[bytes]:
    values = compute_quantities(state)
    return [*_encode_names(state, model), *(dlms.u32(values[code]) for code in (*POWERS, *CURRENTS, *VOLTAGES))]


def _encode_names(state: HouseState, model: str) -> list[bytes]:
    number = f"{_NUMBERS[model]}0000{state.meter:05}"
    return [dlms.octets(name.encode("ascii")) for name in ("KFM_001", number, model)]


def _encode_positional(state: HouseState, link: str, elements: list[bytes]) -> bytes:
    time = _TAGGED + dlms.date_time(state.clock.astimezone(OSLO))
    body = dlms.structure(*elements)
    return dlms.hdlc(link, dlms.LLC + dlms.notification(body, time, _INVOKE_ID))


def _encode_clock(state: HouseState) -> bytes:
    return dlms.octets(dlms.date_time(state.clock.astimezone(OSLO)))


def _encode_energies(values: dict[str, int]) -> list[bytes]:
    return [dlms.u32(values[code]) for code in ENERGIES]
