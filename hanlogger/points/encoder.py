"""Reading -> line protocol at once, for what meters send all day: rows of a known shape, all at the message's time.

`points` and `lines` say what is written. Here the same is put together from heads that were printed once for each shape
of message and meter, as in `active_power,direction=import,meter=home,obis=1-0:1.7.0,phase=total value=`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from hanlogger.model import Meter, Obis, Reading
from hanlogger.points.derived import Derivation, derivations
from hanlogger.points.lineprotocol import encoded, field, head, line_end, lines, plain
from hanlogger.points.points import is_empty_memory, points, seconds, text
from hanlogger.points.series import layout, numbered, own_tags, tells_its_kind
from hanlogger.points.timestamp import Moment, moment

_MOST_LENGTHS, _MOST_OF_A_LENGTH = 64, 8
_MOST_ROWS = 8192  # of all forms together
_MOST_CHARACTERS = 300  # of all rows: then no number among them is too large for a double

_Shape = tuple[tuple[Obis, ...], tuple[str, ...], tuple[type, ...]]
"""Codes, units and types of the values. Readings of one plan share them, so they are soon compared."""


class _Form(NamedTuple):
    """The lines of messages of one shape."""

    meter: Meter
    shape: _Shape
    derivations: Sequence[Derivation]
    texts: Sequence[int]  # rows that are stored as text
    heads: Sequence[str]  # up to the value: rows, derived rows, clock offset; none where the form is not so simple


_forms: dict[tuple[str, int], tuple[_Form, ...]] = {}  # a memory, not a state: by meter and number of rows


def written(
    reading: Reading,
    meter: Meter,
    received_at: datetime | None,
    *,
    judge: bool = True,
    after: datetime | None = None,
) -> bytes:
    """The octets of `lines(points(…))`."""
    when = moment(reading, meter, received_at, judge=judge, after=after)
    return _filled_in(reading, meter, when) or lines(points(reading, meter, received_at, judge=judge, after=after))


def _filled_in(reading: Reading, meter: Meter, when: Moment) -> bytes | None:
    """None where a row has its own time, or a value is no plain number where the form wants one."""
    if reading.hourly or reading.unread or reading.objects or not reading.registers:
        return None
    obis, values, units, times = zip(*reading.registers, strict=True)
    form = _form_of(meter, (obis, units, tuple(map(type, values))))
    if not form.heads or any(times):
        return None
    printed = _printed(values)
    for at in form.texts:
        printed[at] = "" if is_empty_memory(obis[at], values[at]) else field(text(values[at]))
    if "" in printed or len("".join(printed)) > _MOST_CHARACTERS:
        return None
    more = [derivation.value(values) for derivation in form.derivations]
    if when.offset is not None:
        more.append(seconds(when.offset))
    printed += _printed(more)
    return _put_together(form.heads, printed, line_end(when.time))


def _printed(values: Sequence[Decimal | str]) -> list[str]:
    """Nothing for what is no plain number."""
    return [digits if digits.isdigit() else plain(digits) for digits in map(str, values)]


def _put_together(heads: Sequence[str], printed: Sequence[str], end: str) -> bytes:
    """Of each line: head, value, end."""
    pieces = [end] * (3 * len(printed))
    pieces[::3] = heads[: len(printed)]
    pieces[1::3] = printed
    return encoded(pieces)


def _form_of(meter: Meter, shape: _Shape) -> _Form:
    key = (meter.name, len(shape[0]))
    known = _forms.get(key, ())
    for form in known:
        if form.shape == shape and (form.meter is meter or form.meter == meter):
            return form
    row_count = sum(rows * len(forms) for (_, rows), forms in _forms.items())
    if len(_forms) >= _MOST_LENGTHS or row_count + len(shape[0]) > _MOST_ROWS:
        _forms.clear()
    form = _form(meter, *shape)
    _forms[key] = (form, *known[: _MOST_OF_A_LENGTH - 1])
    return form


def _form(meter: Meter, obis: tuple[Obis, ...], units: tuple[str, ...], types: tuple[type, ...]) -> _Form:
    shape = tuple(zip(obis, units, [kind is Decimal for kind in types], strict=True))
    derived = derivations(shape)
    shape += tuple([(each.obis, each.unit, True) for each in derived])
    series = layout(shape, numbered([str(each) for each, _, _ in shape]), (), own_tags(meter))
    told = [each for each in series if each is not None]
    simple = len(told) == len(series) and not any(map(tells_its_kind, obis))
    heads = [f"{head(each.measurement, each.tags)} {'text' if each.text else 'value'}=" for each in told]
    heads.append(f"{head('clock_offset', own_tags(meter))} value=")
    texts = [at for at, each in enumerate(told) if each.text]
    return _Form(meter, (obis, units, types), derived, texts, heads if simple else ())
