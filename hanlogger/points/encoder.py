"""Encode a reading as lines: by its points, or quickly from line heads that were encoded before.

`make_points` and `encode_points` define what is written, for any reading. That takes longer than decoding, and meters
send the same registers all day. So the heads of the lines, such as
`active_power,direction=import,meter=home,obis=1-0:1.7.0,phase=total value=`, are encoded once for each meter and shape
of message, and a message of that shape only fills in its values. `tests/unit/points/test_encoder.py` holds the
quick way to the defining one, octet by octet, on any readings.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from hanlogger.decoding.plans.memory import Memory
from hanlogger.model import Meter, Obis, Reading, Register
from hanlogger.points.derived import Derivation, find_derivations
from hanlogger.points.lineprotocol import (
    encode_end,
    encode_field,
    encode_head,
    encode_points,
    shorten_digits,
)
from hanlogger.points.points import is_empty_memory, make_points, to_seconds, to_text
from hanlogger.points.series import assign_series, make_meter_tags, number_duplicates, states_medium
from hanlogger.points.timestamp import Timestamp

_MOST_ROWS = 8192  # of all forms together
_MOST_CHARACTERS = 300  # of all values: then no number among them is too large for a double

_Shape = tuple[tuple[Obis, ...], tuple[str, ...], tuple[type, ...]]
"""Codes, units and types of the values. Readings of one plan share them, so they are soon compared."""


class Encoded(NamedTuple):
    """The lines of a reading, and the registers that give none because their own time cannot be right."""

    lines: list[bytes]  # each with its line feed
    untimed: Sequence[Register] = ()  # to be counted


class _Form(NamedTuple):
    """What the lines of all messages of one shape have in common."""

    meter: Meter
    shape: _Shape
    derivations: Sequence[Derivation]
    texts: Sequence[int]  # indices of the registers that are stored as text
    heads: Sequence[str]  # through the `=`: registers, derived ones, clock offset; empty where the quick way is no way


_forms = Memory[tuple[str, int], _Form](size=lambda key: key[1], room=_MOST_ROWS)  # by meter and number of registers


def encode(reading: Reading, meter: Meter, timestamp: Timestamp) -> Encoded:
    """Return the lines of a reading in UTF-8; `timestamp`: the reading's, from `resolve_timestamp`."""
    lines = _fill_in(reading, meter, timestamp)
    if lines is not None:
        return Encoded(lines)
    points, untimed = make_points(reading, meter, timestamp)
    return Encoded(encode_points(points), untimed)


def _fill_in(reading: Reading, meter: Meter, timestamp: Timestamp) -> list[bytes] | None:
    """Return the lines; None where a register has its own time, or a value is not as plain as the form needs."""
    if reading.hourly or reading.unread or reading.objects or not reading.registers:
        return None
    obis, values, units, times = zip(*reading.registers, strict=True)
    form = _find_form(meter, (obis, units, tuple(map(type, values))))
    if not form.heads or any(times):
        return None
    printed = _print(values)
    for at in form.texts:
        printed[at] = "" if is_empty_memory(obis[at], values[at]) else encode_field(to_text(values[at]))
    if "" in printed or len("".join(printed)) > _MOST_CHARACTERS:
        return None
    more = [derivation.compute(values) for derivation in form.derivations]
    if timestamp.offset is not None:
        more.append(to_seconds(timestamp.offset))
    printed += _print(more)
    end = encode_end(timestamp.time)
    try:
        return [f"{head}{value}".encode() + end for head, value in zip(form.heads, printed, strict=False)]
    except UnicodeEncodeError:  # a lone surrogate
        return None


def _print(values: Sequence[Decimal | str]) -> list[str]:
    """Return the digits of each plain number, and "" for anything else."""
    return [digits if digits.isdigit() else shorten_digits(digits) for digits in map(str, values)]


def _find_form(meter: Meter, shape: _Shape) -> _Form:
    key = (meter.name, len(shape[0]))
    for form in _forms.get(key):
        if form.shape == shape and (form.meter is meter or form.meter == meter):
            return form
    form = _make_form(meter, *shape)
    _forms.keep(key, form)
    return form


def _make_form(meter: Meter, obis: tuple[Obis, ...], units: tuple[str, ...], types: tuple[type, ...]) -> _Form:
    shape = tuple(zip(obis, units, [kind is Decimal for kind in types], strict=True))
    derivations = find_derivations(shape)
    shape += tuple([(each.obis, each.unit, True) for each in derivations])
    tags = make_meter_tags(meter)
    series = assign_series(shape, number_duplicates([str(each) for each, _, _ in shape]), (), tags)
    stored = [each for each in series if each is not None]
    simple = len(stored) == len(series) and not any(map(states_medium, obis))
    heads = [f"{encode_head(each.measurement, each.tags)} {'text' if each.is_text else 'value'}=" for each in stored]
    heads.append(f"{encode_head('clock_offset', tags)} value=")
    texts = [at for at, each in enumerate(stored) if each.is_text]
    return _Form(meter, (obis, units, types), derivations, texts, heads if simple else ())
