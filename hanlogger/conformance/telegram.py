"""Compare one telegram with the recommendation: identification, line ends, checksum, clock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from hanlogger.conformance.finding import Finding, note_deviation, note_fault
from hanlogger.conformance.rows import CLOCK, check_rows, read_rows
from hanlogger.wire.crc import calculate_arc

_IDENTIFICATION = re.compile(r"/[A-Za-z]{3}\d[^/!\r\n]*")
_CLOCK = re.compile(r"\d{12}[SW]")
NORMAL_TIME = timedelta(hours=1)
HOUR = timedelta(hours=1)


def check_telegram(octets: bytes) -> Iterator[Finding]:
    """Yield where the octets of one telegram, through its checksum, differ from what is asked."""
    if not octets.startswith(b"/"):
        yield note_fault("format", f"begins with {octets[:2].hex().upper()}", "ASCII, IEC 62056-21 mode D", "A.1")
        return
    text, _, checksum = octets.decode("latin-1").rpartition("!")
    yield from _check_identification(text)
    yield from _check_line_ends(text)
    yield from _check_checksum(octets, checksum.strip())
    rows = read_rows(text)
    yield from check_rows(rows)
    yield from _check_clock(dict(rows).get(CLOCK))


def check_time(octets: bytes, received_at: datetime) -> Iterator[Finding]:
    """Yield by how many whole hours the clock of a telegram that has just come is not standard time, UTC+1."""
    clock = dict(read_rows(octets.decode("latin-1"))).get(CLOCK, "")
    if not _CLOCK.fullmatch(clock):
        return
    try:
        stated = datetime.strptime(clock[:12] + "+0100", "%y%m%d%H%M%S%z")
    except ValueError:
        return
    ahead = stated - received_at
    if hours := round(ahead / HOUR):
        yield note_fault("clock", f"{hours:+d} h against standard time", "standard time, UTC+1, all year", "A.7")
    elif abs(ahead) > timedelta(minutes=1):
        yield note_deviation("clock", f"{ahead.total_seconds():+.0f} s against the host's", "the time of day", "A.7")


def _check_identification(text: str) -> Iterator[Finding]:
    first = text.splitlines()[0]
    if not _IDENTIFICATION.fullmatch(first):
        yield note_fault("identification", first, "/, three letters of the maker, a digit, a name", "A.3")


def _check_line_ends(text: str) -> Iterator[Finding]:
    bare = len(re.findall(r"(?<!\r)\n|\r(?!\n)", text))
    if bare:
        yield note_fault("line ends", f"{bare} lines without CR LF", "CR LF behind each line", "A.3")
    lines = re.split(r"\r\n|\r|\n", text)
    if lines[1:2] != [""]:
        yield note_fault(
            "empty line", "none behind the identification", "an empty line behind the identification", "A.3"
        )
    if lines[-1]:
        yield note_deviation("end", "! stands behind the last row", "! on a line of its own", "A.3")


def _check_checksum(octets: bytes, stated: str) -> Iterator[Finding]:
    asked, cited = "four hex digits in capitals, CRC-16/ARC from / through !", "A.5"
    right = f"{calculate_arc(octets[: octets.rindex(b'!') + 1]):04X}"
    if not stated:
        yield note_fault("checksum", "none", asked, cited)
    elif stated.upper().zfill(4) != right:
        yield note_fault("checksum", f"{stated}, where {right} is right", asked, cited)
    elif stated != right:
        yield note_deviation("checksum", stated, asked, cited)


def _check_clock(clock: str | None) -> Iterator[Finding]:
    if clock is None:
        return
    if not _CLOCK.fullmatch(clock):
        yield note_fault("clock", clock, "YYMMDDhhmmss and W", "A.7")
        return
    try:
        datetime.strptime(clock[:12] + "+0100", "%y%m%d%H%M%S%z")
    except ValueError:
        yield note_fault("clock", f"{clock}, no time", "YYMMDDhhmmss and W", "A.7")
    if clock.endswith("S"):
        yield note_deviation("clock flag", "S", "W all year: standard time, S is not used", "A.7")
