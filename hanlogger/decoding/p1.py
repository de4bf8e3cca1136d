r"""The rows of a telegram (protocol.md A.3, A.6 to A.8).

1-0:1.7.0(0001.234*kW)                     a number in its unit
0-1:24.2.1(101209112500W)(12785.123*m3)    a value at its own time
0-1:24.3.0(090212160000)(00)(60)(1)(0-1:24.2.1)(m3)     gas up to DSMR 3: the value is on a line of its own
(00001.001)
1-1:31.4.0(100*A)(-063*A)                  anything else: text, its groups as sent
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from hanlogger.decoding import clock, units
from hanlogger.model import Civil, ClockRule, Obis, Reading, Register

_END = re.compile(r"(?<=[\n)])!")
_ROW = re.compile(
    r"^[ \t]*(?:(?!0-\d+:1\.0\.0)([^(\n]+)\((-?(?:\d+\.?\d*|\.\d+))(?:\*([^()*\n]*))?\)|(\S[^\n]*?))[ \t]*$",
    re.MULTILINE | re.ASCII,
)
_NESTED = r"\([^()]*(?:\([^()]*\)[^()]*)*\)"
_CODE_AND_GROUPS = re.compile(rf"([^(]*)((?:{_NESTED})+)")
_GROUP = re.compile(_NESTED)
_NUMBER = re.compile(r"(-?(?:\d+\.?\d*|\.\d+))(?:\*(.*))?", re.ASCII)
_STAMP = re.compile(r"\d{12}[SW]?", re.ASCII)

_VERSIONS = frozenset({Obis(1, 3, 0, 2, 8), Obis(0, 0, 96, 1, 4)})
_TEXTS = frozenset({(0, 0), (0, 2), (0, 9), (42, 0), (96, 1), (96, 5), (96, 13)})  # C, D of names, versions, messages
_TIME_OF_DAY, _DATE = (0, 9, 1), (0, 9, 2)
_TIME_AND_VALUE = 2  # groups
_GAS_OF_DSMR_2 = 7  # groups: time, status, period, count, code, unit, value
_MOST_DIGITS = 15  # a longer number without a unit is a name in digits, or in hex


class Column(NamedTuple):
    """What a code and a printed unit say of the numbers behind them."""

    obis: Obis
    unit: str
    power: int
    text: bool  # digits that are no number


@lru_cache(maxsize=4096)
def column(code: str, unit: str) -> Column:
    """ValueError where the code is none."""
    obis = Obis.parse(code.strip())
    base, power = units.printed(unit.strip())
    return Column(obis, base, power, (obis.c, obis.d) in _TEXTS and not base)


def read(text: str) -> Reading:
    """The rows up to the "!". A malformed row costs itself and is listed in `unread`, as sent."""
    registers: list[Register] = []
    unread: list[str] = []
    civil: Civil | None = None
    for code, number, unit, other in _ROW.findall(_body(text)):
        try:
            row = _of_number(column(code, unit), number) if code else _of_groups(other)
        except ValueError:
            unread.append(other or f"{code}({number}{'*' * bool(unit)}{unit})")
            continue
        if isinstance(row, Register):
            registers.append(row)
        else:
            civil = row or civil
    rule: ClockRule = "flag" if any(row.obis in _VERSIONS for row in registers) else "normal-time"
    return Reading(tuple(registers), civil or _clock_of_two_rows(registers), rule, unread=tuple(unread))


def _body(text: str) -> str:
    """The rows alone, each on one line."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\x02")
    if text.startswith("/"):
        text = text.partition("\n")[2]
    end = _END.search(text)
    return (text[: end.start()] if end else text).lstrip("\x02\n").replace("\n(", "(")


def _of_number(under: Column, digits: str) -> Register:
    if under.text or (len(digits) > _MOST_DIGITS and not under.unit):
        return Register(under.obis, digits)
    return Register(under.obis, units.scaled(Decimal(digits), under.power), under.unit)


def _of_groups(row: str) -> Register | Civil | None:
    match = _CODE_AND_GROUPS.fullmatch(row)
    if not match:
        raise ValueError(row)
    code, sent = match.groups()
    groups = [group[1:-1] for group in _GROUP.findall(sent)]
    obis = Obis.parse(code.strip())
    if clock.is_clock(obis):
        return clock.printed(groups[0]) if sent != "()" else None
    if len(groups) == 1:
        return _of_one_group(code, groups[0])
    if len(groups) == _TIME_AND_VALUE and _STAMP.fullmatch(groups[0]):
        return _of_one_group(code, groups[1])._replace(time=clock.printed(groups[0]))
    if len(groups) == _GAS_OF_DSMR_2 and groups[5] == "m3" and _NUMBER.fullmatch(groups[6]):
        return Register(obis, Decimal(groups[6]), "m3", clock.printed(groups[0]))
    return Register(obis, sent)


def _of_one_group(code: str, content: str) -> Register:
    """A number, perhaps with blanks about it, or a text."""
    number = _NUMBER.fullmatch(content.strip())
    if not number:
        return Register(Obis.parse(code.strip()), content)
    return _of_number(column(code, number[2] or ""), number[1])


def _clock_of_two_rows(registers: list[Register]) -> Civil | None:
    """Rows 0.9.1 and 0.9.2 together, where there is no other clock."""
    found = {row.obis[2:5]: str(row.value) for row in registers if row.obis.c == 0}
    if _TIME_OF_DAY not in found or _DATE not in found:
        return None
    return clock.two_rows(found[_TIME_OF_DAY], found[_DATE])
