r"""Hiding the meters' numbers in telegrams (docs/protocol.md A.4, A.8).

/ELL5\253833635_A                                       -> /ELL5\000000000_A
0-0:96.1.1(4530303033303030303030303030303030)          -> 0-0:96.1.1(5830303030303030303030303030303030)
1-0:1.8.0(00001234.567*kWh), 0-0:1.0.0(250114150410W)   stay
"""

from __future__ import annotations

import re

from hanlogger.recordings.redact.mask import Mask

_SERIAL = re.compile(rb"\d{6,}|\d(?:[ -]?\d){7,}")
"""A number of six digits, or of eight that are printed in groups."""
_IDENTIFICATION = re.compile(rb"(?<=\A/[^\r\n]{4})[^\r\n]+")
"""What follows the maker's letters and the speed, which stay."""
_BARE = re.compile(rb"^(?!/)[^()\r\n]+(?=[\r\n]|\Z)", re.MULTILINE)
"""A line without a group: no row."""
_ROW = re.compile(
    rb"(?P<code>[0-9A-Z.:*&-]*)(?P<groups>(?:[ \t]*(?:\r?\n)?\([^()\r\n]*(?:\([^()\r\n]*\)[^()\r\n]*)*\))+)"
)
_GROUP = re.compile(rb"(?<=\()[^()\r\n]+(?=\))")
_NAMES = re.compile(
    rb"(?:\d+-\d+:)?(?:96\.1\.(?!4\b|7\b)\d+|96\.13\.\d+|42\.0\.\d+|0\.0(?:\.\d+)?|C\.1(?:\.\d+)?)(?:[*&]\d+)?"
)
"""Codes of rows with the number of a meter or customer, or with a message, which may name people."""

TIME = rb"\d{12}[SW]|\d\d(?:0\d|1[0-2])(?:[0-2]\d|3[01])(?:[01]\d|2[0-3])(?:[0-5]\d){2}"
_SUSPECT = re.compile(rb"(?!(?:%b)\Z)(?:[0-9A-Za-z]{10,}|\d(?:[ -]?\d){9,})" % TIME)
"""A value of another row that may be a meter's number: not a measured value (it has a point or a unit), nor a time."""

_ABSTRACT = re.compile(rb"0-\d+:.*")
_SUSPECT_IN_ABSTRACT = re.compile(rb"(?!(?:%b)\Z)(?:[0-9A-Za-z]{10,}|\d(?:[ -]?\d){7,})" % TIME)
"""Rows about no measured quantity (A = 0, IEC 62056-61) have no counters, so a shorter number is suspect there."""


def hide(text: bytes, mask: Mask) -> bytes:
    """Return a telegram with the meters' numbers masked. Its length stays; its checksum is neither read nor changed.

    text: the whole telegram in ASCII, without parity bits.
    """
    body, end, checksum = text.rpartition(b"!")
    for lines in (_IDENTIFICATION, _BARE):
        body = lines.sub(lambda line: _SERIAL.sub(lambda serial: mask(serial[0]), line[0]), body)
    return _ROW.sub(lambda row: _hide_row(row, mask), body) + end + checksum


def _hide_row(row: re.Match[bytes], mask: Mask) -> bytes:
    is_abstract = _ABSTRACT.fullmatch(row["code"])
    suspect = _SUSPECT_IN_ABSTRACT if is_abstract else _SUSPECT
    wanted = re.compile(rb".+") if _NAMES.fullmatch(row["code"]) else suspect

    def masked(group: re.Match[bytes]) -> bytes:
        return mask.mask_printed(group[0]) if wanted.fullmatch(group[0]) else group[0]

    return row["code"] + _GROUP.sub(masked, row["groups"])
