r"""Decoding the rows of a telegram (docs/protocol.md A.3, A.6 to A.8).

1-0:1.7.0(0001.234*kW)                     a number in its unit
0-1:24.2.1(101209112500W)(12785.123*m3)    a value at its own time
1-0:1.6.0(08.796*kW)(260102010000)         the same, the value first; a list of such pairs gives a register for each
0-1:24.3.0(090212160000)(00)(60)(1)(0-1:24.2.1)(m3)     gas up to DSMR 3: the value is on a line of its own
(00001.001)
1-1:31.4.0(100*A)(-063*A)                  anything else: text, its groups as sent
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from hanlogger.decoding import clock, closed_period, units
from hanlogger.model import Civil, ClockRule, Obis, Reading, Register

_CONTINUED = re.compile(r"\n[\n \t]*+\(")  # a group on a line of its own
_END = re.compile(r"(?<=[\n)])!")
_ROW = re.compile(
    r"^[ \t]*(?:(?!0-\d+:1\.0\.0)([^(\n]+)\((-?(?:\d+\.?\d*|\.\d+))(?:\*([^()*\n]{0,32}))?\)|(\S[^\n]*?))[ \t]*$",
    re.MULTILINE | re.ASCII,
)
_NESTED = r"\([^()]*(?:\([^()]*\)[^()]*)*\)"
_CODE_AND_GROUPS = re.compile(rf"([^(]*)((?:{_NESTED}[ \t]*)+)")
_GROUP = re.compile(_NESTED)
_NUMBER = re.compile(r"(-?(?:\d+\.?\d*|\.\d+))(?:[ \t]*\*(.{0,32}))?", re.ASCII)  # nothing longer is a unit
_VERSIONS = frozenset({Obis(1, 3, 0, 2, 8), Obis(0, 0, 96, 1, 4)})
_TEXTS = frozenset({(0, 0), (0, 2), (0, 9), (42, 0), (96, 1), (96, 5), (96, 13)})  # C, D of names, versions, messages
_TIME_OF_DAY, _DATE = (0, 9, 1), (0, 9, 2)
_TIME_AND_VALUE = 2  # groups
_GAS_OF_DSMR_2 = 7  # groups: time, status, period, count, code, unit, value
_MOST_DIGITS = 15  # a longer number without a unit is a name in digits, or in hex


class Column(NamedTuple):
    """The meaning that a code and a printed unit give to the numbers after them."""

    obis: Obis
    unit: str
    power: int
    text: bool  # digits that are no number


@lru_cache(maxsize=4096)
def get_column(code: str, unit: str) -> Column:
    """Return the meaning that a code and a unit give to the numbers after them; ValueError for no code."""
    obis = Obis.parse(code.strip())
    base, power = units.look_up_printed(unit.strip())
    return Column(obis, base, power, (obis.c, obis.d) in _TEXTS and not base)


def decode_telegram(text: str) -> Reading:
    """Decode the rows of a telegram up to the "!" that ends it.

    A malformed row costs itself and is listed in `unread`, as sent. Rows of a closed billing period are listed in
    `closed`, as sent.
    """
    body, closed = closed_period.split(_extract_body(text))
    found = _Found(closed)
    for code, number, unit, other in _ROW.findall(body):
        sent = other or f"{code}({number}{'*' * bool(unit)}{unit})"
        try:
            found.add([_read_plain_number(get_column(code, unit), number)] if code else _read_groups(other), sent)
        except ValueError:
            found.add_malformed(sent)
    return found.make_reading()


class _Found:
    """The rows of a telegram so far.

    The first clock row is the telegram's clock. A later one, a row that states only when a billing period ended, or a
    bracket that is never closed, begins the values of a closed period. After it, a code that has occurred before, and
    any counter, belongs to the closed period; where no counter came before, it is unknown which are live: none is read.
    """

    def __init__(self, closed: list[str]) -> None:
        self._registers: list[Register] = []
        self._unread: list[str] = []
        self._closed = closed
        self._clock: Register | None = None
        self._live: set[Obis] | None = None  # the codes before the closed period, once it has begun

    def add(self, rows: Sequence[Register], sent: str) -> None:
        """Add what a row says: a clock row, or one or more registers of one code."""
        obis = rows[0].obis
        if clock.is_clock(obis):
            if self._clock is None and self._live is None:
                self._clock = rows[0]
            else:
                self._begin_closed_period(sent)
        elif closed_period.ends(obis, rows[0].value):
            self._begin_closed_period(sent)
        elif self._live is not None and (obis in self._live or closed_period.may_hold(obis)):
            known = obis in self._live or any(map(closed_period.may_hold, self._live))
            (self._closed if known else self._unread).append(sent)
        else:
            self._registers += rows

    def add_malformed(self, sent: str) -> None:
        """Add a row that could not be read."""
        if closed_period.opens_block(sent):
            self._begin_closed_period(sent)
        else:
            self._unread.append(sent)

    def _begin_closed_period(self, sent: str) -> None:
        self._closed.append(sent)
        self._live = {row.obis for row in self._registers}

    def make_reading(self) -> Reading:
        """Make the reading of all rows."""
        rows = self._registers
        civil = (self._clock.time if self._clock else None) or _read_clock_of_two_rows(rows)
        rule: ClockRule = "flag" if any(row.obis in _VERSIONS for row in rows) else "normal-time"
        return Reading(tuple(rows), civil, rule, unread=tuple(self._unread), closed=tuple(self._closed))


def _extract_body(text: str) -> str:
    """Give the rows alone, each on one line."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\x02")
    if text.startswith("/"):
        text = text.partition("\n")[2]
    end = _END.search(text)
    return _CONTINUED.sub("(", text[: end.start()] if end else text).lstrip("\x02\n")


def _read_plain_number(under: Column, digits: str) -> Register:
    is_name = under.text or (len(digits) > _MOST_DIGITS and digits.isdigit() and not under.unit)
    return Register(under.obis, digits if is_name else units.scale_by_ten(Decimal(digits), under.power), under.unit)


def _read_groups(row: str) -> list[Register]:
    """Read a row that is no plain number; ValueError where it is malformed. A clock row carries its time."""
    match = _CODE_AND_GROUPS.fullmatch(row)
    if not match:
        raise ValueError(row)
    code, sent = match.groups()
    groups = [group[1:-1] for group in _GROUP.findall(sent)]
    obis = Obis.parse(code.strip())
    if clock.is_clock(obis):
        return [Register(obis, sent, time=clock.read_printed(groups[0]) if sent != "()" else None)]
    if len(groups) == 1:
        return [_read_one_group(code, groups[0])]
    if len(groups) == _GAS_OF_DSMR_2 and _is_unit_of_submeter(obis, groups[5]) and _NUMBER.fullmatch(groups[6]):
        return [_read_plain_number(get_column(code, groups[5]), groups[6])._replace(time=clock.read_printed(groups[0]))]
    pairs = _pair_times_and_values(groups)
    if not pairs:
        return [_read_text(obis, sent)]
    return [_read_one_group(code, value)._replace(time=clock.read_printed(time)) for time, value in pairs]


def _is_unit_of_submeter(obis: Obis, unit: str) -> bool:
    return unit == "m3" or (units.is_measured(obis) and unit.isalnum() and not unit.isdecimal())


def _read_text(obis: Obis, sent: str) -> Register:
    """Return a text; ValueError under a code that only a number can have.

    A last group that is empty, or of dashes, says that there is no number.
    """
    if units.is_measured(obis) and any(map(str.isalnum, sent.rpartition("(")[2])):
        raise ValueError(sent)
    return Register(obis, sent)


def _pair_times_and_values(groups: Sequence[str]) -> list[tuple[str, str]]:
    """Pair the groups of a row that are times and measures in turn, either first; no pairs for any other row."""
    if len(groups) == _TIME_AND_VALUE and clock.is_stamp(groups[0]):
        return [(groups[0], groups[1])]  # also a text
    for times, values in ((groups[::2], groups[1::2]), (groups[1::2], groups[::2])):
        if len(times) == len(values) and all(map(clock.is_stamp, times)) and all(map(_is_measure, values)):
            return list(zip(times, values, strict=True))
    return []


def _is_measure(group: str) -> bool:
    return not clock.is_stamp(group) and bool(_NUMBER.fullmatch(group.strip()))


def _read_one_group(code: str, content: str) -> Register:
    """Read a number, perhaps with blanks about it, or a text."""
    number = _NUMBER.fullmatch(content.strip())
    if not number:
        return _read_text(Obis.parse(code.strip()), content)
    return _read_plain_number(get_column(code, number[2] or ""), number[1])


def _read_clock_of_two_rows(registers: list[Register]) -> Civil | None:
    """Read rows 0.9.1 and 0.9.2 together, the first of each, where there is no other clock."""
    found = {row.obis[2:5]: str(row.value) for row in reversed(registers) if row.obis.c == 0}
    if _TIME_OF_DAY not in found or _DATE not in found:
        return None
    return clock.read_two_rows(found[_TIME_OF_DAY], found[_DATE])
