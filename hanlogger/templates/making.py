"""Make a template of the first message of a shape, by way of points, which define all lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from hanlogger.decoding import units
from hanlogger.decoding.plans.places import Number, Places, make_digit_cutter
from hanlogger.model import Meter, Reading, Register
from hanlogger.points.derived import derive_registers, find_derivations
from hanlogger.points.lineprotocol import encode_field, encode_head, is_number
from hanlogger.points.points import find_media, is_empty_memory, to_text
from hanlogger.points.series import Series, assign_series, make_meter_tags, states_medium
from hanlogger.templates.template import END, END_OF_HOUR, OWN_ENDS, Template
from hanlogger.templates.texts import make_deriver, texts_of


def make_template(octets: bytes, places: Places, reading: Reading, meter: Meter) -> Template | None:
    """Return a template for messages like this one; None where one could not be relied on.

    `places`: in `octets`. `reading`: what they say, before the meter's ratio. There is no template where a code stands
    twice, because then times decide which of its values is which series.
    """
    places, reading = _apply_ratio(places, reading, meter)
    rows = (*reading.rows, *derive_registers(reading))
    series = _assign(rows, reading, meter)
    numbers = [number for number in places.numbers if _may_vary(number, rows[number.row], series[number.row])]
    is_sure = len(numbers) == len(places.numbers) or not places.bounds
    if not numbers or not is_sure or len({str(row.obis) for row in rows}) < len(rows):
        return None
    places = places._replace(numbers=numbers)
    try:
        return _Lines(rows, series, places, reading).make_template(octets, meter)
    except UnicodeEncodeError:  # a lone surrogate
        return None


def _apply_ratio(places: Places, reading: Reading, meter: Meter) -> tuple[Places, Reading]:
    """Return places and reading with the ratio of a transformer meter: of a number its factor is multiplied."""
    ratio = meter.scale.ratio
    if ratio == 1:
        return places, reading
    rows, measured = reading.rows, len(reading.registers)

    def times_ratio(number: Number) -> Number:
        if number.row >= measured:
            return number
        [row] = units.apply_ratio(Reading((rows[number.row]._replace(value=number.factor),)), ratio).registers
        return number._replace(factor=Decimal(row.value))

    numbers = [times_ratio(number) for number in places.numbers]
    return places._replace(numbers=numbers), units.apply_ratio(reading, ratio)


def _assign(rows: Sequence[Register], reading: Reading, meter: Meter) -> Sequence[Series | None]:
    shape = tuple([(row.obis, row.unit, is_number(row.value)) for row in rows])
    return assign_series(shape, (0,) * len(rows), find_media(reading), make_meter_tags(meter))


def _may_vary(number: Number, row: Register, series: Series | None) -> bool:
    """Tell whether a number may be another in the next message without a change of its series, or of others."""
    is_text = series is not None and series.is_text
    return not is_text and not states_medium(row.obis) and is_number(number.largest)


class _Lines:
    """The lines of a message: what each of them begins with, its value, and how it ends."""

    def __init__(
        self, rows: Sequence[Register], series: Sequence[Series | None], places: Places, reading: Reading
    ) -> None:
        self._rows, self._places, self._reading = rows, places, reading
        self._numbers = {number.row: (at, number) for at, number in enumerate(places.numbers)}
        self._own_ends = dict(zip([time.row for time in places.times], OWN_ENDS, strict=False))
        self._stored = [
            (at, row, each)
            for at, (row, each) in enumerate(zip(rows, series, strict=True))
            if each is not None and (at in self._numbers or not is_empty_memory(row.obis, row.value))
        ]

    def make_template(self, octets: bytes, meter: Meter) -> Template | None:
        """Make the template; None where a number or a time has no line of its own.

        Raise UnicodeEncodeError where UTF-8 does not have a character of it.
        """
        places = self._places
        if not self._has_line_for_all():
            return None
        heads = [encode_head(each.measurement, each.tags).encode() for _, _, each in self._stored]
        offset = encode_head("clock_offset", make_meter_tags(meter)).encode()
        return Template(
            meter=meter,
            places=places,
            cut=make_digit_cutter(places, octets),
            scaled=[(at, texts_of(each.factor_of_digits)) for at, each in self._numbers.values() if not each.is_whole],
            derived=list(self._list_derivers()),
            form=b"".join([self._make_form(head, *line) for head, line in zip(heads, self._stored, strict=True)]),
            offset=_escape(offset) + b" value=%b" + END,
            series=frozenset(heads),
            series_and_offset=frozenset([*heads, offset]),
            times=[(self._own_ends[time.row], time, self._rows[time.row]) for time in places.times],
            reading=self._reading._replace(registers=(), objects=()),
        )

    def _has_line_for_all(self) -> bool:
        stored = {at for at, _, _ in self._stored}
        return stored.issuperset(self._numbers) and all(
            time.row in stored and time.row in self._own_ends for time in self._places.times
        )

    def _make_form(self, head: bytes, at: int, row: Register, series: Series) -> bytes:
        """Return a line with marks in the places of its number and its end."""
        field = b"text" if series.is_text else b"value"
        end = END_OF_HOUR if series.is_counter and self._reading.hourly else END
        return b"%b %b=%b%b" % (_escape(head), field, self._make_value(at, row, series), self._own_ends.get(at, end))

    def _make_value(self, at: int, row: Register, series: Series) -> bytes:
        if at in self._numbers:
            return b"%d" if self._numbers[at][1].is_whole else b"%b"
        if at >= len(self._reading.rows):
            return b"%b"
        return _escape(encode_field(to_text(row.value) if series.is_text else row.value).encode())

    def _list_derivers(self) -> Iterator[Callable[[Sequence[int]], bytes]]:
        """Yield what makes each derived register of the numbers."""
        shape = tuple([(row.obis, row.unit, is_number(row.value)) for row in self._reading.registers])
        for derivation in find_derivations(shape, self._reading.unread):
            needed = (derivation.first, *derivation.added, *derivation.subtracted)
            constants = {row: Decimal(self._rows[row].value) for row in needed if row not in self._numbers}
            yield make_deriver(
                derivation, {row: self._numbers[row] for row in needed if row in self._numbers}, constants
            )


def _escape(octets: bytes) -> bytes:
    """Return octets as they stand in a form of numbers to be filled in."""
    return octets.replace(b"%", b"%%")
