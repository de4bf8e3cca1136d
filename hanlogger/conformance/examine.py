"""Examine telegrams together: what was found, in how many of them, and at which intervals they came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from hanlogger.conformance.finding import Finding, Level, note_deviation, note_fault
from hanlogger.conformance.telegram import check_telegram, check_time
from hanlogger.language import Text, to_both
from hanlogger.model import Frame

LONGEST = 10.0  # seconds between two telegrams
JITTER = 0.5  # of the middle interval: more than this is said
ENOUGH = 3  # intervals from which anything is said of them
CITED = "A.1, A.2"
EVERY_TEN = Text("at least every 10 s", "minst var 10:e sekund")


def examine(frames: Sequence[Frame], *, damaged: int = 0, live: bool = False) -> list[Finding]:
    """Return the findings of whole telegrams, the worst first, each once with the number of telegrams that have it.

    damaged: telegrams whose checksums were wrong. live: the arrival times are those at which the meter sent.
    """
    found: Counter[Finding] = Counter()
    for frame in frames:
        found.update(set(check_telegram(frame.data)))
        if live:
            found.update(set(check_time(frame.data, frame.received_at)))
    findings = [finding._replace(telegrams=number) for finding, number in found.items()]
    if damaged:
        findings.append(_tell_damaged(damaged))
    if live:
        findings += _check_intervals([frame.received_at for frame in frames])
    return sorted(findings, key=lambda finding: (list(Level).index(finding.level), finding.rule, finding.seen))


def _tell_damaged(number: int) -> Finding:
    seen = Text(
        "{number} with a wrong checksum or an end missing", "{number} med fel kontrollsumma eller utan slut"
    ).fill(number=number)
    asked = Text("none on a good line", "inga på en bra ledning")
    return note_fault("damaged telegrams", seen, asked, "A.5")._replace(telegrams=number)


def _check_intervals(times: Sequence[datetime]) -> Iterator[Finding]:
    """Yield whether telegrams come at least each ten seconds, and regularly."""
    gaps = sorted((later - earlier).total_seconds() for earlier, later in pairwise(times))
    if len(gaps) < ENOUGH:
        return
    middle = gaps[len(gaps) // 2]
    shortest, usual, longest = (Decimal(f"{gap:.1f}") for gap in (gaps[0], middle, gaps[-1]))
    if middle > LONGEST * 1.05:
        yield note_fault("interval", to_both("{usual} s").fill(usual=usual), EVERY_TEN, CITED)
    elif gaps[-1] > LONGEST * 1.5:
        once = Text("once {longest} s, else {usual} s", "en gång {longest} s, annars {usual} s")
        yield note_deviation("interval", once.fill(longest=longest, usual=usual), EVERY_TEN, CITED)
    if gaps[-1] - gaps[0] > JITTER * middle:
        span = Text("{shortest} to {longest} s", "{shortest} till {longest} s")
        asked = Text("regular telegrams", "jämna mellanrum")
        yield note_deviation("jitter", span.fill(shortest=shortest, longest=longest), asked, CITED)
