"""P1 telegrams, Swedish ones by maker and Dutch ones of DSMR 5 (docs/protocol.md A.3 to A.8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hanlogger.simulate.checksums import arc
from hanlogger.simulate.house import HouseState
from hanlogger.simulate.quantities import quantities

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
STANDARD_TIME = timedelta(hours=1)

_CURRENT, _VOLTAGE = 11, 12  # group C of the total
_COUNTER = 8  # group D
_TOTALS = ("1.8.0", "2.8.0", "3.8.0", "4.8.0", "1.7.0", "2.7.0", "3.7.0", "4.7.0")
_VOLTAGES_AND_CURRENTS = ("32.7.0", "52.7.0", "72.7.0", "31.7.0", "51.7.0", "71.7.0")
_BY_DIRECTION = tuple(f"{c}.7.0" for c in (21, 41, 61, 22, 42, 62, 23, 43, 63, 24, 44, 64))
_BY_PHASE = tuple(f"{c}.7.0" for c in (21, 22, 41, 42, 61, 62, 23, 24, 43, 44, 63, 64))


class Maker(NamedTuple):
    """The way in which one make writes the 27 Swedish rows (docs/protocol.md A.4 and A.6)."""

    identification: str
    powers: tuple[str, ...]  # codes of the powers of the phases, in the order of the telegram
    active: str = "kW"  # spelling of the units; an h is added for those of energy
    reactive: str = "kVAr"
    more: tuple[str, ...] = ()  # further rows
    ratio: int = 1  # of its transformers, by which the values it sends are too small
    letter: Callable[[bool], str] = lambda _summer: "W"  # flag of daylight saving time; the hour is UTC+1 in any case


SAGEMCOM = Maker(r"ELL5\200000000_A", _BY_DIRECTION, reactive="kvar")
KAMSTRUP = Maker("KAM5", _BY_DIRECTION, letter=lambda summer: "S" if summer else "W")
LANDIS_GYR = Maker("LGF5E360", _BY_PHASE)
KAIFA = Maker("KFM5KAIFA-METER", _BY_PHASE)
AIDON = Maker("ADN9 6534", _BY_PHASE)
AIDON_CT = Maker("ADN9 6560", _BY_PHASE, "W", "VAr", ("1-0:0.4.2(100)", "1-0:0.4.3(001.00)"), ratio=100)


def swedish(maker: Maker) -> Callable[[HouseState], bytes]:
    """Return a function from the state to the telegram of the Swedish recommendation, version 2.0, by a maker."""
    codes = (*_TOTALS, *maker.powers, *_VOLTAGES_AND_CURRENTS)
    written = {code: _format(code, maker) for code in codes}

    def encode(state: HouseState) -> bytes:
        values = quantities(state)
        summer = bool(state.clock.astimezone(AMSTERDAM).dst())
        clock = (state.clock + STANDARD_TIME).strftime("%y%m%d%H%M%S") + maker.letter(summer)
        rows = [f"1-0:{code}({written[code](values[code])})" for code in codes]
        return telegram(maker.identification, [f"0-0:1.0.0({clock})", *rows, *maker.more])

    return encode


def telegram(identification: str, rows: Iterable[str]) -> bytes:
    """Return a telegram with its checksum after the exclamation mark."""
    text = "\r\n".join([f"/{identification}", "", *rows, "!"]).encode("ascii")
    return text + b"%04X\r\n" % arc(text)


def _format(code: str, maker: Maker) -> Callable[[Decimal], str]:
    """Return the function that writes the value of a code: 8.3 digits of kWh, 4.3 of kW, 3.1 of V or A."""
    c, d, _ = map(int, code.split("."))
    if c % 20 == _VOLTAGE:
        return lambda value: f"{value:05.1f}*V"
    if c % 20 == _CURRENT:
        return lambda value: f"{value / maker.ratio:05.1f}*A"
    power = maker.active if c % 20 in (1, 2) else maker.reactive
    width, unit = (12, f"{power}h") if d == _COUNTER else (8, power)
    divisor = maker.ratio * (1000 if power.startswith("k") else 1)
    return lambda value: f"{value / divisor:0{width}.3f}*{unit}"


# --- DSMR 5


def dsmr5(state: HouseState) -> bytes:
    """Return a Dutch telegram: tariffs instead of totals, whole amperes, legal time, and gas with its own time."""
    v = quantities(state)
    local = state.clock.astimezone(AMSTERDAM)
    five_minutes = local - timedelta(minutes=local.minute % 5, seconds=local.second, microseconds=local.microsecond)
    rows = [
        "1-3:0.2.8(50)",
        f"0-0:1.0.0({_stamp(local)})",
        f"0-0:96.1.1({_hex(f'E00000000000{state.meter:05}')})",
        *(f"1-0:{code}({v[code].scaleb(-3):010.3f}*kWh)" for code in ("1.8.1", "1.8.2", "2.8.1", "2.8.2")),
        f"0-0:96.14.0({state.tariff:04})",
        *(f"1-0:{code}({v[code].scaleb(-3):06.3f}*kW)" for code in ("1.7.0", "2.7.0")),
        "0-0:96.7.21(00004)",
        "0-0:96.7.9(00002)",
        "1-0:99.97.0(1)(0-0:96.7.19)(240318104512W)(0000002014*s)",
        *(f"1-0:{c}.{d}.0(00000)" for d in (32, 36) for c in (32, 52, 72)),
        "0-0:96.13.0()",
        *(f"1-0:{c}.7.0({v[f'{c}.7.0']:05.1f}*V)" for c in (32, 52, 72)),
        *(f"1-0:{c}.7.0({v[f'{c}.7.0']:03.0f}*A)" for c in (31, 51, 71)),
        *(f"1-0:{c}.7.0({v[f'{c}.7.0'].scaleb(-3):06.3f}*kW)" for c in (21, 41, 61, 22, 42, 62)),
        "0-1:24.1.0(003)",
        f"0-1:96.1.0({_hex(f'G00000000000{state.meter:05}')})",
        f"0-1:24.2.1({_stamp(five_minutes)})({v['24.2.1']:09.3f}*m3)",
    ]
    return telegram(r"XMX5\200000000", rows)


def _stamp(local: datetime) -> str:
    return local.strftime("%y%m%d%H%M%S") + ("S" if local.dst() else "W")


def _hex(text: str) -> str:
    return text.encode("ascii").hex().upper()
