"""Messages of Aidon meters: arrays of self-describing structures (docs/protocol.md D.1 and D.2)."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from hanlogger.simulate import dlms
from hanlogger.simulate.house import HouseState
from hanlogger.simulate.quantities import (
    CURRENTS,
    ENERGIES,
    POWERS,
    POWERS_OF_PHASES,
    VOLTAGES,
    compute_hour_energies,
    compute_quantities,
)

_LINK = "41 0883 13"
_INVOKE_ID = 0x40000000
_STANDARD_TIME = timedelta(hours=1)
_TENTHS = -1
_TENS = 1
_MILLIAMPERES = 100  # in a tenth of an ampere


def encode_list_1(state: HouseState) -> bytes:
    """Return the Norwegian list of every 2.5 s: only the active power imported."""
    return _encode_frame([_encode_power("1.7.0", compute_quantities(state)["1.7.0"])])


def encode_list_2(state: HouseState) -> bytes:
    """Return the Norwegian list of every 10 s, for three phases and neutral."""
    return _encode_frame(_encode_rows(state))


def encode_list_3(state: HouseState) -> bytes:
    """Return the Norwegian hourly list: the values of the full hour, its clock, and the energies in tens.

    The clock states a deviation of 0, as Aidon's does, although it is standard time.
    """
    of_hour = state._replace(phases=state.hour_phases, counters=state.hour_counters)
    energies = compute_hour_energies(state)
    hour = (state.clock + _STANDARD_TIME).replace(minute=0, second=0, microsecond=0)
    clock = dlms.date_time(hour, deviation=b"\x00\x00", sunday=0)
    return _encode_frame(
        [
            *_encode_rows(of_hour),
            _encode_clock(clock),
            *(_encode_energy(code, energies[code], _TENS) for code in ENERGIES),
        ]
    )


def encode_swedish(state: HouseState) -> bytes:
    """Return the list of profile EFS on a Swedish RJ12 port, every 10 s: 27 rows, no names, energies in watt-hours."""
    values = compute_quantities(state)
    clock = dlms.date_time(state.clock + _STANDARD_TIME, status=0xFF, sunday=0)
    energies = [_encode_energy(code, values[code], 0) for code in ENERGIES]
    of_phases = [_encode_power(code, values[code]) for code in POWERS_OF_PHASES]
    return _encode_frame(
        [
            _encode_clock(clock),
            *_encode_totals(values),
            *_encode_currents(state, values),
            *_encode_voltages(values),
            *of_phases,
            *energies,
        ]
    )


def _encode_rows(state: HouseState) -> list[bytes]:
    values = compute_quantities(state)
    names = [
        _encode_text("1-1:0.2.129", "AIDON_V0001"),
        _encode_text("0-0:96.1.0", f"73599900000{state.meter:05}"),
        _encode_text("0-0:96.1.7", "6534"),
    ]
    return [*names, *_encode_totals(values), *_encode_currents(state, values), *_encode_voltages(values)]


def _encode_frame(items: list[bytes]) -> bytes:
    return dlms.hdlc(_LINK, dlms.LLC + dlms.notification(dlms.array(items), invoke_id=_INVOKE_ID))


def _encode_text(code: str, value: str) -> bytes:
    return dlms.structure(dlms.code(code), dlms.text(value))


def _encode_clock(time: bytes) -> bytes:
    return dlms.structure(dlms.code("0-0:1.0.0"), dlms.octets(time))


def _encode_value(code: str, number: bytes, scaler: int, unit: int) -> bytes:
    return dlms.structure(dlms.code(f"1-0:{code}"), number, dlms.scaler_unit(scaler, unit))


def _encode_power(code: str, value: int) -> bytes:
    return _encode_value(code, dlms.u32(value), 0, _find_unit_of_power(code))


@lru_cache
def _find_unit_of_power(code: str) -> int:
    active = int(code.partition(".")[0]) % 20 in (1, 2)
    return 27 if active else 29


def _encode_energy(code: str, value: int, scaler: int) -> bytes:
    return _encode_value(code, dlms.u32(value // 10**scaler), scaler, 30 if code < "3" else 32)


def _encode_totals(values: dict[str, int]) -> list[bytes]:
    return [_encode_power(code, values[code]) for code in POWERS]


def _encode_currents(state: HouseState, values: dict[str, int]) -> list[bytes]:
    """Return the rows of the currents, with the signs of the powers, as only Aidon's (docs/protocol.md D.1)."""
    signs = [-1 if phase.active < 0 else 1 for phase in state.phases]
    return [
        _encode_value(code, dlms.i16(sign * round(values[code] / _MILLIAMPERES)), _TENTHS, 33)
        for code, sign in zip(CURRENTS, signs, strict=True)
    ]


def _encode_voltages(values: dict[str, int]) -> list[bytes]:
    return [_encode_value(code, dlms.u16(values[code]), _TENTHS, 35) for code in VOLTAGES]
