"""P1 telegrams, Swedish ones by maker and Dutch ones of DSMR 5 (docs/protocol.md A.3 to A.8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hanlogger.simulate.house import HouseState
from hanlogger.simulate.quantities import BY_TARIFF, CURRENTS, ENERGIES, POWERS, VOLTAGES, compute_quantities
from hanlogger.wire.crc import calculate_arc

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
STANDARD_TIME = timedelta(hours=1)

_VOLTAGE = 12  # group C of the total
_COUNTER = 8  # group D
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
    flags_summer: bool = False  # with S, in daylight saving time; the hour is UTC+1 in any case


SAGEMCOM = Maker(r"ELL5\200000000_A", _BY_DIRECTION, reactive="kvar")
KAMSTRUP = Maker("KAM5", _BY_DIRECTION, flags_summer=True)
LANDIS_GYR = Maker("LGF5E360", _BY_PHASE)
KAIFA = Maker("KFM5KAIFA-METER", _BY_PHASE)
AIDON = Maker("ADN9 6534", _BY_PHASE)
AIDON_CT = Maker("ADN9 6560", _BY_PHASE, "W", "VAr", ("1-0:0.4.2(100)", "1-0:0.4.3(001.00)"), ratio=100)


class Column(NamedTuple):
    """How the values of a code are printed."""

    form: str
    unit: str
    divisor: int  # by which they are divided first


def make_swedish_encoder(maker: Maker) -> Callable[[HouseState], bytes]:
    """Return a function from the state to the telegram of the Swedish recommendation, version 2.0, by a maker."""
    columns = {code: _choose_column(code, maker) for code in (*ENERGIES, *POWERS, *maker.powers, *VOLTAGES)}
    columns |= dict.fromkeys(CURRENTS, Column("05.1f", "A", 10))
    rows = [f"1-0:{code}(%{column.form}*{column.unit})" for code, column in columns.items()]
    form = _join(maker.identification, ["0-0:1.0.0(%s)", *rows, *maker.more])
    divisors = [(code, column.divisor) for code, column in columns.items()]

    def encode(state: HouseState) -> bytes:
        summer = maker.flags_summer and state.clock.astimezone(AMSTERDAM).dst()
        values = _round_currents(compute_quantities(state), 100 * maker.ratio)
        time = _print_time(state.clock + STANDARD_TIME, summer=bool(summer))
        return _seal(form % (time, *[values[code] / divisor for code, divisor in divisors]))

    return encode


def make_telegram(identification: str, rows: Iterable[str]) -> bytes:
    """Return a telegram with its checksum after the exclamation mark."""
    return _seal(_join(identification, rows))


def _join(identification: str, rows: Iterable[str]) -> str:
    return "\r\n".join([f"/{identification}", "", *rows, "!"])


def _seal(text: str) -> bytes:
    octets = text.encode("ascii")
    return octets + b"%04X\r\n" % calculate_arc(octets)


def _choose_column(code: str, maker: Maker) -> Column:
    """Return the column of a code: 8.3 digits of kWh, 4.3 of kW, 3.1 of V."""
    c, d, _ = map(int, code.split("."))
    if c % 20 == _VOLTAGE:
        return Column("05.1f", "V", 10)
    power = maker.active if c % 20 in (1, 2) else maker.reactive
    divisor = maker.ratio * (1000 if power.startswith("k") else 1)
    return Column("012.3f", f"{power}h", divisor) if d == _COUNTER else Column("08.3f", power, divisor)


def _round_currents(values: dict[str, int], milliamperes: int) -> dict[str, int]:
    """Return the values with the currents as whole numbers of so many milliamperes."""
    return values | {code: round(values[code] / milliamperes) for code in CURRENTS}


def _print_time(local: datetime, *, summer: bool) -> str:
    return local.strftime("%y%m%d%H%M%S") + ("S" if summer else "W")


# --- DSMR 5


_DUTCH = _join(
    r"XMX5\200000000",
    [
        "1-3:0.2.8(50)",
        "0-0:1.0.0(%(clock)s)",
        "0-0:96.1.1(%(meter)s)",
        *(f"1-0:{code}(%({code})010.3f*kWh)" for code in BY_TARIFF),
        "0-0:96.14.0(%(tariff)04d)",
        *(f"1-0:{code}(%({code})06.3f*kW)" for code in ("1.7.0", "2.7.0")),
        "0-0:96.7.21(00004)",
        "0-0:96.7.9(00002)",
        "1-0:99.97.0(1)(0-0:96.7.19)(240318104512W)(0000002014*s)",
        *(f"1-0:{c}.{d}.0(00000)" for d in (32, 36) for c in (32, 52, 72)),
        "0-0:96.13.0()",
        *(f"1-0:{code}(%({code})05.1f*V)" for code in VOLTAGES),
        *(f"1-0:{code}(%({code})03.0f*A)" for code in CURRENTS),
        *(f"1-0:{c}.7.0(%({c}.7.0)06.3f*kW)" for c in (21, 41, 61, 22, 42, 62)),
        "0-1:24.1.0(003)",
        "0-1:96.1.0(%(gas meter)s)",
        "0-1:24.2.1(%(gas time)s)(%(24.2.1)09.3f*m3)",
    ],
)
_DIVISORS = dict.fromkeys(VOLTAGES, 10) | dict.fromkeys(CURRENTS, 1)
_KILO = 1000  # by which all other values are divided


def encode_dsmr5(state: HouseState) -> bytes:
    """Return a Dutch telegram: tariffs instead of totals, whole amperes, legal time, and gas with its own time."""
    local = state.clock.astimezone(AMSTERDAM)
    five_minutes = local - timedelta(minutes=local.minute % 5, seconds=local.second, microseconds=local.microsecond)
    values = _round_currents(compute_quantities(state), 1000)
    others = {
        "clock": _print_time(local, summer=bool(local.dst())),
        "meter": _to_hex(f"E00000000000{state.meter:05}"),
        "tariff": state.tariff,
        "gas meter": _to_hex(f"G00000000000{state.meter:05}"),
        "gas time": _print_time(five_minutes, summer=bool(five_minutes.dst())),
    }
    return _seal(_DUTCH % {**{code: value / _DIVISORS.get(code, _KILO) for code, value in values.items()}, **others})


def _to_hex(text: str) -> str:
    return text.encode("ascii").hex().upper()
