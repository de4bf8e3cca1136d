"""Compare one telegram with the recommendation: identification, line ends, checksum, clock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from hanlogger.conformance.finding import Finding, note_deviation, note_fault
from hanlogger.conformance.rows import CLOCK, check_rows, read_rows
from hanlogger.language import Text
from hanlogger.wire.crc import calculate_arc

_IDENTIFICATION = re.compile(r"/[A-Za-z]{3}\d[^/!\r\n]*")
_CLOCK = re.compile(r"\d{12}[SW]")
NORMAL_TIME = timedelta(hours=1)
HOUR = timedelta(hours=1)

ASCII = Text("ASCII, IEC 62056-21 mode D", "ASCII, IEC 62056-21 mod D")
IDENTIFICATION = Text(
    "/, three letters of the maker, a digit, a name", "/, tre bokstäver för tillverkaren, en siffra, ett namn"
)
LINE_ENDS = Text("CR LF behind each line", "CR LF efter varje rad")
NO_EMPTY_LINE = Text("none behind the identification", "ingen efter identifikationen")
EMPTY_LINE = Text("an empty line behind the identification", "en tom rad efter identifikationen")
NO_END_LINE = Text("! stands behind the last row", "! står efter sista raden")
END_LINE = Text("! on a line of its own", "! på en egen rad")
CHECKSUM = Text(
    "four hex digits in capitals, CRC-16/ARC from / through !",
    "fyra hexadecimala siffror i versaler, CRC-16/ARC från / till och med !",
)
CLOCK_FORM = Text("YYMMDDhhmmss and W", "YYMMDDhhmmss och W")
ALWAYS_W = Text("W all year: standard time, S is not used", "W hela året: normaltid, S används inte")
STANDARD_TIME = Text("standard time, UTC+1, all year", "normaltid, UTC+1, hela året")
TIME_OF_DAY = Text("the time of day", "rätt klockslag")


def check_telegram(octets: bytes) -> Iterator[Finding]:
    """Yield where the octets of one telegram, through its checksum, differ from what is asked."""
    if not octets.startswith(b"/"):
        seen = Text("begins with {octets}", "börjar med {octets}").fill(octets=octets[:2].hex().upper())
        yield note_fault("format", seen, ASCII, "A.1")
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
        seen = Text("{hours} h against standard time", "{hours} h mot normaltid").fill(hours=f"{hours:+d}")
        yield note_fault("clock", seen, STANDARD_TIME, "A.7")
    elif abs(ahead) > timedelta(minutes=1):
        seen = Text("{seconds} s against the host's", "{seconds} s mot datorns klocka")
        yield note_deviation("clock", seen.fill(seconds=f"{ahead.total_seconds():+.0f}"), TIME_OF_DAY, "A.7")


def _check_identification(text: str) -> Iterator[Finding]:
    first = text.splitlines()[0]
    if not _IDENTIFICATION.fullmatch(first):
        yield note_fault("identification", first, IDENTIFICATION, "A.3")


def _check_line_ends(text: str) -> Iterator[Finding]:
    bare = len(re.findall(r"(?<!\r)\n|\r(?!\n)", text))
    if bare:
        seen = Text("{bare} lines without CR LF", "{bare} rader utan CR LF").fill(bare=bare)
        yield note_fault("line ends", seen, LINE_ENDS, "A.3")
    lines = re.split(r"\r\n|\r|\n", text)
    if lines[1:2] != [""]:
        yield note_fault("empty line", NO_EMPTY_LINE, EMPTY_LINE, "A.3")
    if lines[-1]:
        yield note_deviation("end", NO_END_LINE, END_LINE, "A.3")


def _check_checksum(octets: bytes, stated: str) -> Iterator[Finding]:
    right = f"{calculate_arc(octets[: octets.rindex(b'!') + 1]):04X}"
    if not stated:
        yield note_fault("checksum", Text("none", "ingen"), CHECKSUM, "A.5")
    elif stated.upper().zfill(4) != right:
        seen = Text("{stated}, where {right} is right", "{stated}, men {right} är rätt")
        yield note_fault("checksum", seen.fill(stated=stated, right=right), CHECKSUM, "A.5")
    elif stated != right:
        yield note_deviation("checksum", stated, CHECKSUM, "A.5")


def _check_clock(clock: str | None) -> Iterator[Finding]:
    if clock is None:
        return
    if not _CLOCK.fullmatch(clock):
        yield note_fault("clock", clock, CLOCK_FORM, "A.7")
        return
    try:
        datetime.strptime(clock[:12] + "+0100", "%y%m%d%H%M%S%z")
    except ValueError:
        seen = Text("{clock}, no time", "{clock}, ingen tid").fill(clock=clock)
        yield note_fault("clock", seen, CLOCK_FORM, "A.7")
    if clock.endswith("S"):
        yield note_deviation("clock flag", "S", ALWAYS_W, "A.7")
