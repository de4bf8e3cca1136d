"""The places of numbers and times in messages of a shape, and the conditions that the next message must meet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from operator import itemgetter
from struct import Struct
from typing import NamedTuple, TypeAlias

from hanlogger.decoding import clock
from hanlogger.decoding.plans.memory import Varying
from hanlogger.model import Civil, Scale
from hanlogger.wire import date_time

PRINTED = ""
"""Stands for a letter of `struct` where the number is printed."""

STAMP = 12
"""Digits of a printed time."""

_LETTERS = {1: "B", 2: "H", 4: "I", 8: "Q"}
_TEN = Decimal(10)

Raw: TypeAlias = "str | int"
"""A number as it stands in a message: printed, or an integer."""

Cut = Callable[[bytes], Sequence[Raw]]


class Number(NamedTuple):
    """A number that gives the value of a row: what stands at its place, times the factor."""

    row: int  # the index of its register among `Reading.rows`
    at: int
    size: int  # octets
    letter: str  # of `struct`, or PRINTED
    factor: Decimal
    decimals: int = 0  # of a printed number
    digits: Sequence[Varying] = ()  # where the digits of a printed number are

    @property
    def varying(self) -> Sequence[Varying]:
        """What of the number may differ in the next message."""
        return self.digits or (Varying(self.at, self.size),)

    @property
    def bare(self) -> bool:
        """Whether its digits, without the point, are the value: thousandths of a kilowatt are watts."""
        return self.factor == _TEN**self.decimals

    @property
    def rest(self) -> Decimal | None:
        """The factor of what `make_cutter` cuts out; None where that is the value."""
        return None if self.bare or self.factor == 1 else self.factor

    @property
    def factor_of_digits(self) -> Decimal:
        """What the number without its point is to be multiplied with."""
        return self.factor.scaleb(-self.decimals)

    @property
    def is_whole(self) -> bool:
        """Whether its digits, without the point, are the value."""
        return self.factor_of_digits == 1

    @property
    def largest(self) -> Decimal:
        """No number that can stand in this place has more digits."""
        return _TEN ** (3 * self.size) * self.factor


class Time(NamedTuple):
    """The place of a row's own printed time, such as a gas meter's."""

    row: int
    at: int
    size: int  # with the letter of the season, if there is one


class Bound(NamedTuple):
    """A number, by its index, that must stay on its side of a limit: on the other side its scale differs."""

    number: int
    limit: int
    above: bool


class Places(NamedTuple):
    """The places in messages of one shape, and the conditions on which their meaning depends beside the shape."""

    numbers: Sequence[Number]  # in the order of their places, which is that of their rows
    times: Sequence[Time] = ()
    clock: tuple[int, int] | None = None  # where the time of the message stands, and how many octets it has
    rows: slice | None = None  # of a telegram: from the end of the identification, in which anything may stand
    others: Sequence[Varying] = ()  # what differs too, and says nothing
    bounds: Sequence[Bound] = ()
    hourly_at: Callable[[Civil], bool] | None = None  # whether energies belong to the full hour, where the clock tells
    scale: Scale | None = None  # the user's, where it counts

    @property
    def varying(self) -> list[Varying]:
        """All that may differ between messages of this shape."""
        times = [Varying(time.at, STAMP, digits=True) for time in self.times]
        return [*self.others, *times, *[each for number in self.numbers for each in number.varying]]

    def shift(self, by: int) -> Places:
        """Return the same places in octets that begin so many octets earlier."""
        return self._replace(
            numbers=[each._replace(at=each.at + by, digits=_shift(each.digits, by)) for each in self.numbers],
            times=[each._replace(at=each.at + by) for each in self.times],
            clock=self.clock and (self.clock[0] + by, self.clock[1]),
            others=_shift(self.others, by),
            rows=self.rows and slice(self.rows.start + by, self.rows.stop + by),
        )

    def read_clock(self, octets: bytes) -> Civil | None:
        """Return the time of a message, which must have a place; None where it is not certain."""
        at, size = self.clock or (0, 0)
        if self.rows:
            return clock.read_stamp(octets[at : at + size].decode("latin-1"))
        civil = clock.read_packed(octets[at : at + size])
        return None if civil is clock.IMPOSSIBLE else civil

    def read_time(self, time: Time, octets: bytes) -> Civil:
        """Return the time of a row's own."""
        return clock.read_stamp(octets[time.at : time.at + time.size].decode("latin-1"))

    def fit(self, octets: bytes, raw: Sequence[Raw], civil: Civil | None, *, hourly: bool) -> bool:
        """Tell whether a message of this shape means what the first one meant, which was hourly or not."""
        if self.rows:
            return _has_one_line(octets, self.rows.start)
        if self.clock and civil is None:
            return False
        if self.hourly_at and civil and self.hourly_at(civil) != hourly:
            return False
        return not self.bounds or all((int(raw[number]) > limit) == above for number, limit, above in self.bounds)


def _has_one_line(octets: bytes, end: int) -> bool:
    return octets.find(b"\n") == end and octets.find(b"\r", 0, end - 1) < 0


def _shift(varying: Iterable[Varying], by: int) -> list[Varying]:
    return [each._replace(at=each.at + by) for each in varying]


def make_cutter(places: Places, octets: bytes) -> Cut:
    """Return a function that cuts the numbers out of messages of the shape of `octets`.

    Bare ones are without their points.
    """
    if places.rows is None:
        return _make_struct(places.numbers, len(octets)).unpack
    rows, body = places.rows, octets[places.rows]
    slices = [_slice(number, body, rows.start) for number in places.numbers]
    pick = itemgetter(*slices) if len(slices) > 1 else lambda body: (body[slices[0]],)

    def cut(octets: bytes) -> Sequence[Raw]:
        body = octets[rows]
        return pick((body + body.translate(None, b".")).decode("latin-1"))

    return cut


def make_digit_cutter(places: Places, octets: bytes) -> Callable[[bytes], Sequence[int]]:
    """Return a function that cuts the numbers out of messages of the shape of `octets`: their digits, as integers."""
    if places.rows is None:
        return _make_struct(places.numbers, len(octets)).unpack
    rows, body = places.rows, octets[places.rows]
    starts = [number.at - rows.start for number in places.numbers]
    sizes = [number.size - (number.decimals > 0) for number in places.numbers]
    bare = [
        number._replace(at=start - body.count(b".", 0, start), size=size, letter=f"{size}s")
        for number, start, size in zip(places.numbers, starts, sizes, strict=True)
    ]
    unpack = _make_struct(bare, len(body) - body.count(b".")).unpack
    return lambda octets: tuple(map(int, unpack(octets[rows].translate(None, b"."))))


def _slice(number: Number, body: bytes, start: int) -> slice:
    """Return where a number stands in a body with the same body behind it, without points."""
    at = number.at - start
    if not (number.bare and number.decimals):
        return slice(at, at + number.size)
    bare = len(body) + at - body.count(b".", 0, at)
    return slice(bare, bare + number.size - 1)


def _make_struct(numbers: Sequence[Number], size: int) -> Struct:
    code, end = ">", 0
    for number in numbers:
        code += f"{number.at - end}x{number.letter}"
        end = number.at + number.size
    return Struct(f"{code}{size - end}x")


def choose_letter(size: int, *, signed: bool) -> str:
    """Return the letter of `struct` for an integer."""
    return _LETTERS[size].lower() if signed else _LETTERS[size]


def make_ticking(at: int) -> Varying:
    """Return the octets of a date-time that differ from one message to the next."""
    return Varying(at, date_time.TICKING_OCTETS)
