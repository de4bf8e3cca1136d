"""Lists in which the position of a value says what it is; a list is recognised by the types of all its values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from hanlogger.decoding import clock
from hanlogger.decoding.axdr import Elements, Value
from hanlogger.decoding.rows import Row
from hanlogger.model import Obis
from hanlogger.wire import date_time

_LETTERS = {0x03: "b", 0x06: "I", 0x09: "s", 0x0A: "s", 0x0C: "s", 0x12: "H", 0x00: "0"}
_OTHER_INTEGERS = dict.fromkeys((0x05, 0x0F, 0x10, 0x11, 0x14, 0x15, 0x16), "i")
_LETTER = {**_OTHER_INTEGERS, **_LETTERS}


class Layout(NamedTuple):
    """The types of the values in order, as a regular expression over their letters, and what each value is.

    s: a string; I, H: unsigned, four and two octets; b: a boolean; i: another integer; 0: null. Where the code is None
    the meaning of the value is unknown: it is skipped.
    """

    kinds: re.Pattern[str]
    codes: Sequence[Obis | None]

    @classmethod
    def of(cls, kinds: str, *codes: str) -> Layout:
        """Make a layout of a regular expression and of codes as text; "" is no code."""
        return cls(re.compile(kinds), [Obis.parse(code) if code else None for code in codes])

    def fits(self, body: Sequence[Value]) -> bool:
        """Tell whether every value has its type, and a clock is a date-time."""
        return (
            len(body) == len(self.codes)
            and bool(self.kinds.fullmatch(list_kinds(body)))
            and all(map(_is, self.codes, body))
        )

    def make_rows(self, body: Sequence[Value]) -> list[Row]:
        """Return the values of a body with their codes."""
        return [Row(code, value) for code, value in zip(self.codes, body, strict=True) if code]


def _is(code: Obis | None, value: object) -> bool:
    return code != clock.OBIS or (isinstance(value, bytes) and len(value) == date_time.OCTETS)


def list_kinds(body: Sequence[Value]) -> str:
    """Return a letter for the type of each value; "-" for what is neither a string nor an integer."""
    tags = body.tags if isinstance(body, Elements) else b""
    return "".join([_LETTER.get(tag, "-") for tag in tags])
