"""Make a template of the first message of a shape, by way of points, which define all lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from operator import itemgetter

from hanlogger.decoding import units
from hanlogger.decoding.plans.places import Number, Places, Time, make_digit_cutter
from hanlogger.model import Meter, Reading, Register
from hanlogger.points.derived import derive_registers, find_derivations
from hanlogger.points.lineprotocol import encode_field, encode_head, is_number, to_octets
from hanlogger.points.points import find_media, is_empty_memory, to_text
from hanlogger.points.series import Series, assign_series, make_meter_tags, states_medium
from hanlogger.templates.template import Template
from hanlogger.templates.texts import is_whole, make_deriver, make_printer


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
    lines = _Lines(rows, series, {number.row: at for at, number in enumerate(numbers)}, len(reading.rows))
    try:
        return lines.make_template(octets, places, reading, meter)
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
    """The lines of a message: which value each of them has."""

    def __init__(
        self,
        rows: Sequence[Register],
        series: Sequence[Series | None],
        numbers_of: Mapping[int, int],
        sent: int,
    ) -> None:
        """`numbers_of`: the indices of numbers by those of rows. `sent`: how many rows are not derived."""
        self._rows, self._numbers_of, self._sent = rows, numbers_of, sent
        self._stored = [
            (at, row, each)
            for at, (row, each) in enumerate(zip(rows, series, strict=True))
            if each is not None and (at in numbers_of or not is_empty_memory(row.obis, row.value))
        ]
        constant = [at for at, _, _ in self._stored if at not in numbers_of and at < sent]
        self._constant_of = {at: len(numbers_of) + index for index, at in enumerate(constant)}

    def make_template(self, octets: bytes, places: Places, reading: Reading, meter: Meter) -> Template:
        """Make the template; raise UnicodeEncodeError where UTF-8 does not have a character of it."""
        series = [each for _, _, each in self._stored]
        named = [encode_head(each.measurement, each.tags) for each in series]
        offset = encode_head("clock_offset", make_meter_tags(meter))
        heads = [f"{name} {'text' if each.is_text else 'value'}=" for name, each in zip(named, series, strict=True)]
        constants = [
            encode_field(to_text(row.value) if each.is_text else row.value)
            for at, row, each in self._stored
            if at in self._constant_of
        ]
        "".join([*heads, *constants, offset]).encode()
        sources = [self._find_source(at) for at, _, _ in self._stored]
        return Template(
            meter=meter,
            places=places,
            cut=make_digit_cutter(places, octets),
            texts=make_printer(places.numbers, octets),
            constants=constants,
            derived=list(self._list_derivers(octets, places, reading)),
            pick=itemgetter(*sources) if len(sources) > 1 else lambda values: (values[sources[0]],),
            heads=[*heads, f"{offset} value="],
            series=frozenset(map(to_octets, named)),
            series_and_offset=frozenset(map(to_octets, [*named, offset])),
            counters=[at for at, each in enumerate(series) if each.is_counter],
            times=self._list_times(places),
            reading=reading._replace(registers=(), objects=()),
        )

    def _find_source(self, row: int) -> int:
        """Return where the value of a row stands among those of numbers, constants and derived ones."""
        if row in self._numbers_of:
            return self._numbers_of[row]
        derived = len(self._numbers_of) + len(self._constant_of) + row - self._sent
        return self._constant_of.get(row, derived)

    def _list_derivers(
        self, octets: bytes, places: Places, reading: Reading
    ) -> Iterator[Callable[[Sequence[str]], str]]:
        """Yield what makes each derived register of the numbers."""
        shape = tuple([(row.obis, row.unit, is_number(row.value)) for row in reading.registers])
        for derivation in find_derivations(shape, reading.unread):
            needed = (derivation.first, *derivation.added, *derivation.subtracted)
            numbers = {row: self._numbers_of[row] for row in needed if row in self._numbers_of}
            constants = {row: Decimal(self._rows[row].value) for row in needed if row not in numbers}
            whole = all(is_whole(places.numbers[at], octets) for at in numbers.values())
            yield make_deriver(derivation, numbers, constants, whole=whole)

    def _list_times(self, places: Places) -> list[tuple[int, Time, Register]]:
        lines = {row: at for at, (row, _, _) in enumerate(self._stored)}
        return [(lines[time.row], time, self._rows[time.row]) for time in places.times if time.row in lines]
