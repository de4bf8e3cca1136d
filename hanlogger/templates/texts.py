"""Turn the digits of numbers, as integers, into the texts of lines, where they are scaled or derived."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from hanlogger.decoding import units
from hanlogger.decoding.plans.places import Number
from hanlogger.points.derived import Derivation
from hanlogger.points.lineprotocol import encode_number

_MOST = 8192  # texts under each factor


class Texts(dict[int, bytes]):
    """The texts of raw numbers under one factor: the same voltages come again and again.

    It is a memory: it forgets everything when it would become too large. Threads may share it.
    """

    def __init__(self, factor: Decimal) -> None:
        super().__init__()
        self._factor = factor

    def __missing__(self, raw: int) -> bytes:
        if len(self) >= _MOST:
            self.clear()
        text = self[raw] = encode_number(units.EXACT.multiply(raw, self._factor)).encode()
        return text


texts_of = lru_cache(maxsize=64)(Texts)
"""Return the cache of texts of a factor."""


def make_deriver(
    derivation: Derivation, numbers: Mapping[int, tuple[int, Number]], constants: Mapping[int, Decimal]
) -> Callable[[Sequence[int]], bytes]:
    """Return a function that gives the text of a derived register, from all raw numbers.

    `numbers`, `constants`: the numbers with their indices, and the values of other rows, that it needs, by the indices
    of the rows.
    """
    if not constants and all(number.is_whole for _, number in numbers.values()):
        signs = dict.fromkeys((derivation.first, *derivation.added), 1) | dict.fromkeys(derivation.subtracted, -1)
        terms = [(numbers[row][0], sign) for row, sign in signs.items()]
        return lambda raw: b"%d" % sum([sign * raw[at] for at, sign in terms])

    def derive(raw: Sequence[int]) -> bytes:
        values = {row: units.EXACT.multiply(raw[at], number.factor_of_digits) for row, (at, number) in numbers.items()}
        return encode_number(derivation.compute({**constants, **values})).encode()

    return derive
