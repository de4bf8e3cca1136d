"""Turn numbers as they stand in a message into the text of a line: mostly the digits that were sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import repeat

from hanlogger.decoding import units
from hanlogger.decoding.plans.places import PRINTED, Number, Raw
from hanlogger.points.derived import Derivation
from hanlogger.points.lineprotocol import encode_number

_MOST = 8192  # texts under each factor

Print = Callable[[Sequence[Raw]], list[str]]


class Texts(dict[Raw, str]):
    """The texts of raw numbers under one factor: the same voltages come again and again.

    It is a memory: it forgets everything when it would become too large. Threads may share it.
    """

    def __init__(self, factor: Decimal) -> None:
        super().__init__()
        self._factor = factor

    def __missing__(self, raw: Raw) -> str:
        if len(self) >= _MOST:
            self.clear()
        text = self[raw] = encode_number(units.EXACT.multiply(Decimal(raw), self._factor))
        return text


texts_of = lru_cache(maxsize=64)(Texts)
"""Return the cache of texts of a factor."""


def make_printer(numbers: Sequence[Number], octets: bytes) -> Print:
    """Return a function that gives the texts of numbers of a shape, all printed or none, that were cut out.

    Those that need no more than to lose their leading zeros, or are integers in the base unit, are made at once.
    """
    printed = numbers[0].letter == PRINTED
    others = [
        (at, texts_of(number.factor_of_digits)) for at, number in enumerate(numbers) if not is_whole(number, octets)
    ]
    return _make_text_printer(others) if printed else _make_integer_printer(others)


def is_whole(number: Number, octets: bytes) -> bool:
    """Tell whether a number's digits are its value, without a sign where it is printed."""
    return number.factor_of_digits == 1 and (number.letter != PRINTED or octets[number.at : number.at + 1].isdigit())


def _make_text_printer(others: Sequence[tuple[int, Texts]]) -> Print:
    def texts(raw: Sequence[Raw]) -> list[str]:
        made = list(map(str.lstrip, raw, repeat("0")))  # type: ignore[arg-type]
        for at, known in others:
            made[at] = known[raw[at]]
        return [text or "0" for text in made] if "" in made else made

    return texts


def _make_integer_printer(others: Sequence[tuple[int, Texts]]) -> Print:
    def texts(raw: Sequence[Raw]) -> list[str]:
        made = list(map(str, raw))
        for at, known in others:
            made[at] = known[raw[at]]
        return made

    return texts


def make_deriver(
    derivation: Derivation, numbers: Mapping[int, int], constants: Mapping[int, Decimal], *, whole: bool
) -> Callable[[Sequence[str]], str]:
    """Return a function that gives the text of a derived register, from the texts of all numbers.

    `numbers`, `constants`: the indices of the numbers, and the values of other rows, that it needs, by the indices of
    the rows. `whole`: the texts of all numbers are integers.
    """
    if whole and not constants:
        added = [numbers[row] for row in (derivation.first, *derivation.added)]
        subtracted = [numbers[row] for row in derivation.subtracted]
        return lambda texts: str(sum([int(texts[at]) for at in added]) - sum([int(texts[at]) for at in subtracted]))

    def derive(texts: Sequence[str]) -> str:
        values = {row: Decimal(texts[at]) for row, at in numbers.items()}
        return encode_number(derivation.compute({**constants, **values}))

    return derive
