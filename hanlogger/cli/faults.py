"""The faults of `hanlogger simulate --fault`, by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from hanlogger.errors import ConfigError
from hanlogger.simulate import Change, House, HouseState, faults
from hanlogger.simulate.faults import Read

_VALUES = {
    "": re.compile(r""),
    "=RATE": re.compile(r"(0?\.\d+|0|1|\d+(?:\.\d+)?e-\d+)"),
    "=AT": re.compile(r"(\d+(?:\.\d+)?)"),
    "=AT+SECONDS": re.compile(r"(\d+(?:\.\d+)?)([+-]\d+(?:\.\d+)?)"),
}
"""What may stand behind a name: a part of all octets, seconds after the start, and a span of seconds."""

LineFault = Callable[[Iterable[Read], Random, datetime, Sequence[float]], Iterator[Read]]
MeterFault = Callable[[Callable[[datetime], HouseState], datetime, Sequence[float]], Change]


class Fault(NamedTuple):
    """A fault of the line or of the meter: its description, the form of its value, and the function that makes it."""

    title: str
    takes: str

    line: LineFault | None = None
    meter: MeterFault | None = None


def _add_seconds(begin: datetime, seconds: float) -> datetime:
    return begin + timedelta(seconds=seconds)


FAULTS = {
    "bit-errors": Fault(
        "one bit of an octet turned", "=RATE", lambda reads, random, _, v: faults.invert_bits(reads, random, v[0])
    ),
    "lost-octets": Fault(
        "octets that never come", "=RATE", lambda reads, random, _, v: faults.lose_octets(reads, random, v[0])
    ),
    "doubled-octets": Fault(
        "octets that come twice", "=RATE", lambda reads, random, _, v: faults.double_octets(reads, random, v[0])
    ),
    "cut-reads": Fault("messages in small pieces", "", lambda reads, random, _, __: faults.cut_reads(reads, random)),
    "joined-reads": Fault(
        "several messages at once", "", lambda reads, random, _, __: faults.join_reads(reads, random)
    ),
    "mid-message": Fault(
        "begins within a message", "", lambda reads, random, _, __: faults.begin_mid_message(reads, random)
    ),
    "7e1": Fault("seven bits with even parity", "", lambda reads, _, __, ___: faults.read_7e1_as_8n1(reads)),
    "silence": Fault(
        "nothing from then on, so long",
        "=AT+SECONDS",
        lambda reads, _, begin, v: faults.silence(reads, _add_seconds(begin, v[0]), _add_seconds(begin, v[0] + v[1])),
    ),
    "clock-jump": Fault(
        "its clock is wrong from then on",
        "=AT+SECONDS",
        meter=lambda _, begin, v: faults.shift_clock(_add_seconds(begin, v[0]), timedelta(seconds=v[1])),
    ),
    "summer-time": Fault(
        "its clock follows legal time, though it should not",
        "",
        meter=lambda _, __, ___: faults.follow_summer_time(),
    ),
    "counter-reset": Fault(
        "its counters begin at nought",
        "=AT",
        meter=lambda house, begin, v: faults.reset_counters(house(_add_seconds(begin, v[0]))),
    ),
    "meter-exchange": Fault(
        "another meter, with another number",
        "=AT",
        meter=lambda house, begin, v: faults.exchange_meter(house(_add_seconds(begin, v[0]))),
    ),
}


class ChosenFaults:
    """The faults that a command line names."""

    def __init__(self, asked: Sequence[str], seed: int, begin: datetime) -> None:
        """Read names with their values; ConfigError for an unknown name or a wrong value."""
        self._asked = [_read_fault(one) for one in asked]
        self._random, self._begin = Random(seed), begin  # noqa: S311 nothing secret

    def list_meter_changes(self, seed: int) -> list[Change]:
        """Return what happens to the meter of the house with this seed."""
        house = House(seed, self._begin)
        return [fault.meter(house.compute_state, self._begin, values) for fault, values in self._asked if fault.meter]

    def apply_to_line(self, reads: Iterable[Read]) -> Iterator[Read]:
        """Return the reads of the line with one fault after the other applied to them."""
        for fault, values in self._asked:
            if fault.line:
                reads = fault.line(reads, self._random, self._begin, values)
        return iter(reads)


def _read_fault(text: str) -> tuple[Fault, list[float]]:
    name, equals, value = text.partition("=")
    if name not in FAULTS:
        raise ConfigError(f"--fault {text}: found no such fault; allowed: {', '.join(FAULTS)}")
    fault = FAULTS[name]
    match = _VALUES[fault.takes].fullmatch(value)
    if match is None or bool(equals) != bool(fault.takes):
        example = {"": "", "=RATE": "=0.001", "=AT": "=60", "=AT+SECONDS": "=60+3600"}[fault.takes]
        raise ConfigError(f"--fault {text}: allowed: {name}{fault.takes}, such as {name}{example}")
    return fault, [float(number) for number in match.groups()]
