r"""Measuring telegrams: DSMR P1, its Swedish kin, plain IEC 62056-21 (docs/protocol.md A.3, A.5, B, E.2).

    /ELL5\253833635_A CR LF  CR LF  rows CR LF …  !7945        CRC-16/ARC (Holley: X.25) from "/" through "!", in hex
    /ISk5\2MT382-1004 CR LF  CR LF  rows CR LF …  !            nothing: taken by its form alone, counted as unverified
    [/KAM… CR LF]  STX  rows CR LF …  ! CR LF  ETX  BCC         exclusive or of all octets behind STX, through ETX
    /ELG… CR LF  CR LF  00 82 LL LL 30 …  [CR LF]  !CRC         ciphered inside, as in Poland

A telegram begins anywhere, also in mid-line, and ends at a "!" that begins a line or follows a ")". Each form exists a
second time with even parity in bit 7: seven data bits, read through a port of eight.
"""

from __future__ import annotations

import re

from hanlogger.framing.ciphered import find_secured_end
from hanlogger.framing.formats import GOOD, NOTHING, Extent, Format, Verdict, judge_unfinished
from hanlogger.wire import ciphering
from hanlogger.wire.crc import calculate_arc, calculate_x25
from hanlogger.wire.parity import is_even, strip_parity
from hanlogger.wire.telegram import ETX, STX, calculate_block_check, has_block_check

LONGEST = 16 * 1024
_WINDOW = 1024  # seven bits: how much is unmasked at the first look
_IDENTIFICATION = rb'/(?:[A-Za-z]{3}|\\\d)[ "-\'*-~]{0,124}[\r\n]'  # no "!", "(" and ")": no row looks like it
_LONGEST_IDENTIFICATION = 129

_BEGIN = re.compile(rb"%b|\x02\d{1,3}[.-]" % _IDENTIFICATION)
_PERHAPS = re.compile(rb'(?:/[A-Za-z]{0,3}|/\\|/(?:[A-Za-z]{3}|\\\d)[ "-\'*-~]{0,124}|\x02\d{0,3})\Z')
_NEVER = rb"[\0\1\3-\x08\x0b\x0c\x0e-\x1f]|(?<![\r\n])\x02"
_EVENT = re.compile(rb"(?P<end>(?<=[\r\n)])!)|(?P<begin>%b)|%b" % (_IDENTIFICATION, _NEVER))
_NO_TEXT = b"\0\xdb"
_DIGITS = re.compile(rb"[0-9A-Fa-f]{0,4}")
_CIPHERED = {b"\r\n\r\n" + ciphering.IN_TELEGRAM: 5, b"\r\n\r\n" + ciphering.BEGINNING: 4 + ciphering.LENGTH_AT}
"""What stands behind the identification of a telegram that is ciphered inside, and where its length field stands."""


_GROUP = rb"\([^()\r\n]*+(?:\([^()\r\n]*+\)[^()\r\n]*+)*\)"
_CODE = rb"(?:\d{1,3}-\d{1,3}:)?[0-9A-Z]{1,3}\.[0-9A-Z]{1,3}(?:\.\d{1,3})?(?:[*&]\d{1,3})?"
_ROW = rb"%b(?:%b)+(?:[ \t]*\r?\n(?:%b)+)*[ \t]*(?:\r?\n)*" % (_CODE, _GROUP, _GROUP)
_ROWS = re.compile(rb"[^\r\n]*(?:\r?\n)*\x02?(?:%b)+!" % _ROW)
_VERSION_4 = re.compile(rb"(?:1-3:0\.2\.8|0-0:96\.1\.4)\((?:[4-9]|\d{3})")

_TEXT = bytes(octet for octet in range(0x20, 0x100)) + b"\t\r\n"
_LINE_ENDS = (b"", b"\r", b"\n", b"\0")


def measure(buffer: bytearray, searched: int, quiet: bool) -> Extent | None:
    """Measure a telegram: its start is a whole identification line, or STX and the beginning of a row."""
    begin = _BEGIN.match(buffer)
    if not begin:
        return NOTHING if quiet or not _PERHAPS.match(buffer) else None
    at = begin.end() - 1
    if len(buffer) < at + 6:
        return judge_unfinished(buffer, quiet)
    if buffer[at + 4] in _NO_TEXT and (field := _CIPHERED.get(bytes(buffer[at : at + 6]))):
        return _measure_ciphered(buffer, at + field, quiet)
    end = _end_of_text(buffer, at)
    if end:
        return _measure_end(buffer, end, quiet)
    event = _EVENT.search(buffer, max(at, searched - _LONGEST_IDENTIFICATION), LONGEST)
    if not event:
        return judge_unfinished(buffer, quiet) if len(buffer) < LONGEST else Extent(LONGEST, "length")
    if event["end"]:
        return _measure_end(buffer, event.end(), quiet)
    return Extent(event.start(), "cut off" if event["begin"] else "octets")


def _end_of_text(buffer: bytearray, at: int) -> int:
    """Return where the "!" that ends the text ends; 0 where there is none, or something before it must be looked at."""
    end = buffer.find(b"!", at, LONGEST)
    while end > 0 and buffer[end - 1] not in b"\r\n)":
        end = buffer.find(b"!", end + 1, LONGEST)
    suspect = end < 0 or buffer.find(b"/", at, end) >= 0 or buffer[at:end].translate(None, _TEXT)
    return 0 if suspect else end + 1


def _measure_end(buffer: bytearray, at: int, quiet: bool) -> Extent | None:
    """Measure what stands behind the "!", which ends at `at`: a block check character, or digits."""
    if buffer.find(STX, 0, at) >= 0:
        etx = buffer.find(ETX, at, at + 3)
        if etx >= 0 and etx + 2 <= len(buffer):
            return Extent(etx + 2)
        return judge_unfinished(buffer, quiet) if etx >= 0 or len(buffer) < at + 3 else Extent(at, "checksum")
    return _measure_digits(buffer, at, quiet)


def _measure_digits(buffer: bytearray, at: int, quiet: bool) -> Extent | None:
    """Measure the digits behind the "!", which ends at `at`."""
    digits = _DIGITS.match(buffer, at)
    end = digits.end() if digits else at
    if end == len(buffer) and end < at + 4 and not quiet:
        return None
    if end == at and buffer[end : end + 1] not in _LINE_ENDS:
        return Extent(end, "checksum")  # digits stood here, and are damaged
    return Extent(end)


def _measure_ciphered(buffer: bytearray, at: int, quiet: bool) -> Extent | None:
    """Measure a telegram that is ciphered inside, from its length field at `at`. The octets behind that may be any."""
    end = find_secured_end(buffer, at)
    if end is None or (end >= 0 and len(buffer) < end + 3):
        return judge_unfinished(buffer, quiet)
    mark = buffer.find(b"!", end, end + 3) if end >= 0 else -1
    return _measure_digits(buffer, mark + 1, quiet) if mark >= 0 else Extent(at, "form")


def check(frame: bytes, checksummed: bool) -> Verdict:
    """Judge a telegram by its checksum.

    One that is stated and wrong never passes; one that is missing passes only where nothing speaks against it.
    """
    if has_block_check(frame):
        return GOOD if calculate_block_check(frame) == frame[-1] else Verdict("checksum")
    end = frame.rindex(b"!") + 1
    if end < len(frame):
        sent, text = int(frame[end:], 16), frame[:end]
        return GOOD if sent == calculate_arc(text) or sent == calculate_x25(text) else Verdict("checksum")
    if checksummed:
        return Verdict("checksum")
    return Verdict(verified=False) if _ROWS.fullmatch(frame) and not _VERSION_4.search(frame) else Verdict("form")


def measure_7_bits(buffer: bytearray, searched: int, quiet: bool) -> Extent | None:
    """Measure a telegram with parity bits.

    It looks twice, so that many false starts in a long buffer cost no more than one long telegram.
    """
    for size in (_WINDOW, LONGEST + _WINDOW):
        whole = len(buffer) <= size
        extent = measure(strip_parity(buffer[:size]), searched if whole else 0, quiet and whole)
        if extent is not None or whole:
            return extent
    return Extent(LONGEST, "length")


def check_7_bits(frame: bytes, checksummed: bool) -> Verdict:
    """Judge the parity of each octet, then the telegram without parity bits."""
    if not is_even(frame):
        return Verdict("parity")
    return check(strip_parity(frame), checksummed)


FORMATS = (
    Format("p1", 0x2F, measure, check, fill=b"\r\n"),
    Format("p1", 0x02, measure, check, fill=b"\r\n"),
    Format("p1", 0xAF, measure_7_bits, check_7_bits, fill=b"\x8d\n"),
    Format("p1", 0x82, measure_7_bits, check_7_bits, fill=b"\x8d\n"),
)
