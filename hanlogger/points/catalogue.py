"""The OBIS catalogue: what each code means, and under which name, tags and unit its value is stored.

The codes are those of docs/protocol.md G, the names of measurements and tags those of docs/design.md section 4. A meter
may send any other code too: what is not listed here is kept as measurement `register`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from hanlogger.model import PHASES, Obis

CURRENT_VALUE = (None, 255)
"""Group F of a present value; 0 to 99 are closed billing periods (IEC 62056-61, clause 5.6)."""

CLOCK = "clock"
REGISTER = "register"
TEXT = "meter_text"


class Entry(NamedTuple):
    """What one code means. An empty string stands for none; the `unit` of a `register` is what the meter sends."""

    measurement: str  # of InfluxDB; CLOCK is not stored: it is the timestamp of the other points
    phase: str  # total L1 L2 L3
    direction: str  # import export net
    tariff: str  # 1 2 3 4
    unit: str  # the one unit of the measurement
    english: str
    swedish: str


class Medium(NamedTuple):
    """What a sub-meter measures, and the one unit in which that measurement is stored."""

    measurement: str
    unit: str
    english: str
    swedish: str


MEDIA: Mapping[int, Medium] = MappingProxyType(
    {
        1: Medium("oil", "m3", "oil", "olja"),
        2: Medium("electricity", "Wh", "electricity", "el"),
        3: Medium("gas", "m3", "gas", "gas"),
        4: Medium("heat", "Wh", "heat (outlet)", "värme (utlopp)"),
        5: Medium("steam", "Wh", "steam", "ånga"),
        6: Medium("hot_water", "m3", "hot water", "varmvatten"),
        7: Medium("water", "m3", "water", "vatten"),
        9: Medium("compressed_air", "m3", "compressed air", "tryckluft"),
        10: Medium("cooling", "Wh", "cooling (outlet)", "kyla (utlopp)"),
        11: Medium("cooling", "Wh", "cooling (inlet)", "kyla (inlopp)"),
        12: Medium("heat", "Wh", "heat (inlet)", "värme (inlopp)"),
        13: Medium("heat", "Wh", "heat or cooling", "värme eller kyla"),
        21: Medium("hot_water", "m3", "hot water above 90 °C", "varmvatten över 90 °C"),
        22: Medium("cold_water", "m3", "cold water", "kallvatten"),
        23: Medium("dual_water", "m3", "dual water", "dubbelvatten"),
        40: Medium("waste_water", "m3", "waste water", "avloppsvatten"),
    }
)
"""EN 13757-3 medium codes of metered quantities, as register 0-n:24.1.0 states them (docs/protocol.md A.8)."""

UNKNOWN_MEDIUM = 15
"""The code of EN 13757-3 for a medium that is not known."""

# C of the total -> measurement, direction, unit, names. L1, L2, L3 are C + 20, 40, 60 (Blue Book, table 6).
_INSTANTANEOUS = {
    1: ("active_power", "import", "W", "active power import", "aktiv effekt uttag"),
    2: ("active_power", "export", "W", "active power export", "aktiv effekt inmatning"),
    3: ("reactive_power", "import", "var", "reactive power import", "reaktiv effekt uttag"),
    4: ("reactive_power", "export", "var", "reactive power export", "reaktiv effekt inmatning"),
    9: ("apparent_power", "import", "VA", "apparent power import", "skenbar effekt uttag"),
    10: ("apparent_power", "export", "VA", "apparent power export", "skenbar effekt inmatning"),
    13: ("power_factor", "", "1", "power factor", "effektfaktor"),
    16: ("active_power", "net", "W", "active power net", "aktiv effekt netto"),
}
_OF_A_PHASE = {
    11: ("current", "", "A", "current", "fasström"),
    12: ("voltage", "", "V", "voltage", "fasspänning"),
}
_ENERGY = {
    1: ("active_energy", "import", "Wh", "active energy import", "mätarställning aktiv energi uttag"),
    2: ("active_energy", "export", "Wh", "active energy export", "mätarställning aktiv energi inmatning"),
    3: ("reactive_energy", "import", "varh", "reactive energy import", "mätarställning reaktiv energi uttag"),
    4: ("reactive_energy", "export", "varh", "reactive energy export", "mätarställning reaktiv energi inmatning"),
}
_PHASES = {"total": 0, **PHASES}

_NUMBERS = {
    **{f"1-0:{4 + q}.7.0": (f"reactive power Q{q}", f"reaktiv effekt kvadrant {q}") for q in (1, 2, 3, 4)},
    **{f"1-0:{4 + q}.8.0": (f"reactive energy Q{q}", f"reaktiv energi kvadrant {q}") for q in (1, 2, 3, 4)},
    "1-0:9.8.0": ("apparent energy import", "skenbar energi uttag"),
    "1-0:10.8.0": ("apparent energy export", "skenbar energi inmatning"),
    "1-0:15.7.0": ("active power, absolute sum", "aktiv effekt, summa"),
    "1-0:15.8.0": ("active energy, absolute sum", "aktiv energi, summa"),
    "1-0:16.8.0": ("active energy net", "aktiv energi netto"),
    "1-0:1.4.0": ("running average power import", "löpande medeleffekt uttag"),
    "1-0:2.4.0": ("running average power export", "löpande medeleffekt inmatning"),
    "1-0:1.5.0": ("last average power import", "senaste medeleffekt uttag"),
    "1-0:2.5.0": ("last average power export", "senaste medeleffekt inmatning"),
    "1-0:1.6.0": ("month's highest average power import", "månadens högsta medeleffekt uttag"),
    "1-0:2.6.0": ("month's highest average power export", "månadens högsta medeleffekt inmatning"),
    **{f"1-0:{11 + c}.4.0": (f"current limit {p}", f"strömgräns {p}") for p, c in _PHASES.items() if c},
    **{f"1-0:{12 + c}.32.0": (f"voltage sags {p}", f"spänningsdippar {p}") for p, c in _PHASES.items() if c},
    **{f"1-0:{12 + c}.36.0": (f"voltage swells {p}", f"spänningshöjningar {p}") for p, c in _PHASES.items() if c},
    "1-0:0.4.2": ("current transformer ratio", "strömtransformatorns omsättning"),
    "1-0:0.4.3": ("voltage transformer ratio", "spänningstransformatorns omsättning"),
    "1-0:1.4.2": ("current transformer ratio", "strömtransformatorns omsättning"),
    "1-0:1.4.3": ("voltage transformer ratio", "spänningstransformatorns omsättning"),
    "0-0:17.0.0": ("power threshold", "effektgräns"),
    "0-0:96.7.21": ("power failures", "strömavbrott"),
    "0-0:96.7.9": ("long power failures", "långa strömavbrott"),
    "0-0:96.14.0": ("tariff indicator", "tariffindikator"),
    "0-0:96.3.10": ("breaker state", "brytarläge"),
    "0-1:24.1.0": ("sub-meter device type", "undermätarens typ"),
    "0-1:24.2.1": ("sub-meter reading", "undermätarställning"),
    "0-1:24.2.3": ("sub-meter reading", "undermätarställning"),
    "0-1:24.3.0": ("sub-meter reading", "undermätarställning"),
    "0-1:24.4.0": ("sub-meter valve", "undermätarens ventil"),
    "0-1:96.3.10": ("relay state", "reläläge"),
}
_TEXTS = {
    "0-0:42.0.0": ("logical device name", "logiskt enhetsnamn"),
    "0-0:96.1.0": ("meter id", "mätarnummer"),
    "0-0:96.1.1": ("meter id", "mätarnummer"),
    "0-0:96.1.255": ("meter id", "mätarnummer"),
    "1-0:0.0.0": ("meter id", "mätarnummer"),
    "1-0:0.0.5": ("meter id", "mätarnummer"),
    "0-0:96.1.4": ("P1 version", "P1-version"),
    "1-0:0.2.8": ("P1 version", "P1-version"),
    "0-0:96.1.7": ("meter type", "mätartyp"),
    "1-0:96.1.1": ("meter type", "mätartyp"),
    "1-0:0.2.129": ("OBIS list version", "listversion"),
    "0-0:96.13.0": ("text message", "textmeddelande"),
    "0-0:96.13.1": ("text message code", "textmeddelandets kod"),
    **{f"0-0:96.13.{n}": (f"text message {n}", f"textmeddelande {n}") for n in (2, 3, 4, 5)},
    "0-0:98.1.0": ("peak history", "effekttoppar per månad"),
    "1-0:99.97.0": ("power failure log", "avbrottslogg"),
    "0-1:96.1.0": ("sub-meter id", "undermätarens id"),
    "0-1:96.1.1": ("sub-meter id", "undermätarens id"),
}
_CLOCKS = {
    "0-0:1.0.0": ("clock", "datum och tid"),
    "1-0:0.9.1": ("clock, time of day", "klockslag"),
    "1-0:0.9.2": ("clock, date", "datum"),
}


def _list_by_phase() -> Iterator[tuple[Obis, Entry]]:
    for phase, added in _PHASES.items():
        suffix = f" {phase}" if added else ""
        rows = {7: _INSTANTANEOUS | (_OF_A_PHASE if added else {}), 8: _ENERGY}
        for d, quantities in rows.items():
            for c, (measurement, direction, unit, english, swedish) in quantities.items():
                names = (english + suffix, swedish + suffix)
                yield Obis(1, 0, c + added, d, 0), Entry(measurement, phase, direction, "", unit, *names)


def _list_by_tariff() -> Iterator[tuple[Obis, Entry]]:
    for c, (measurement, direction, unit, english, swedish) in _ENERGY.items():
        for tariff in "1234":
            names = (f"{english}, tariff {tariff}", f"{swedish}, tariff {tariff}")
            yield Obis(1, 0, c, 8, int(tariff)), Entry(f"{measurement}_tariff", "", direction, tariff, unit, *names)


def _list_others() -> Iterator[tuple[Obis, Entry]]:
    yield Obis(1, 0, 14, 7, 0), Entry("frequency", "", "", "", "Hz", "frequency", "frekvens")
    for measurement, rows in ((REGISTER, _NUMBERS), (TEXT, _TEXTS), (CLOCK, _CLOCKS)):
        for code, names in rows.items():
            yield Obis.parse(code), Entry(measurement, "", "", "", "", *names)


CATALOGUE: Mapping[Obis, Entry] = MappingProxyType(dict([*_list_by_phase(), *_list_by_tariff(), *_list_others()]))
"""Every known code, `1-0:…` for electricity, `0-0:…` for the meter itself, `0-1:…` for any of its sub-meters."""


def look_up(obis: Obis, device_type: int | None = None) -> Entry | None:
    """Return what `obis` means, or None. Group B is ignored, and F too unless it names a closed billing period.

    A code without A-B is the electricity meter's. `device_type` is register 0-n:24.1.0 of the same sub-meter, if known.
    """
    if obis.f not in CURRENT_VALUE:
        return None
    if is_submeter_reading(obis):
        return _look_up_submeter(obis, device_type)
    last = (obis.c, obis.d, obis.e or 0)
    if obis.a == 0 and obis.b:
        of_submeter = CATALOGUE.get(Obis(0, 1, *last))
        return of_submeter or CATALOGUE.get(Obis(0, 0, *last))
    return CATALOGUE.get(Obis(1 if obis.is_electricity else obis.a, 0, *last))


def is_submeter_reading(obis: Obis) -> bool:
    """Return whether the code is the counter of a sub-meter: 0-n:24.2.1, 24.2.3 or, up to DSMR 3, 24.3.0."""
    return obis.a == 0 and bool(obis.b) and obis[2:5] in _SUBMETER_READINGS


_SUBMETER_READINGS = ((24, 2, 1), (24, 2, 3), (24, 3, 0))
_GAS_READING = (24, 2, 3)
_GAS = 3


def _look_up_submeter(obis: Obis, device_type: int | None) -> Entry:
    """Return the meaning by the device type alone; without one 24.2.3 is gas, which that code was made for (e-MUCS)."""
    if device_type is None and obis[2:5] == _GAS_READING:
        device_type = _GAS
    medium = MEDIA.get(device_type) if device_type is not None else None
    known = CATALOGUE[Obis(0, 1, *obis[2:5])]
    return known if medium is None else known._replace(**medium._asdict())
