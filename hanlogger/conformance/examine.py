"""Examine telegrams together: what was found, in how many of them, and at which intervals they came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from hanlogger.conformance.finding import Finding, Level, note_deviation, note_fault
from hanlogger.conformance.telegram import check_telegram, check_time
from hanlogger.model import Frame

LONGEST = 10.0  # seconds between two telegrams
JITTER = 0.5  # of the middle interval: more than this is said
ENOUGH = 3  # intervals from which anything is said of them
CITED = "A.1, A.2"


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
    return sorted(findings, key=lambda finding: (list(Level).index(finding.level), finding.rule))


def _tell_damaged(number: int) -> Finding:
    found = note_fault(
        "damaged telegrams", f"{number} with a wrong checksum or an end missing", "none on a good line", "A.5"
    )
    return found._replace(telegrams=number)


def _check_intervals(times: Sequence[datetime]) -> Iterator[Finding]:
    """Yield whether telegrams come at least each ten seconds, and regularly."""
    gaps = sorted((later - earlier).total_seconds() for earlier, later in pairwise(times))
    if len(gaps) < ENOUGH:
        return
    middle = gaps[len(gaps) // 2]
    if middle > LONGEST * 1.05:
        yield note_fault("interval", f"{middle:.1f} s", "at least every 10 s", CITED)
    elif gaps[-1] > LONGEST * 1.5:
        yield note_deviation("interval", f"once {gaps[-1]:.1f} s, else {middle:.1f} s", "at least every 10 s", CITED)
    if gaps[-1] - gaps[0] > JITTER * middle:
        yield note_deviation("jitter", f"{gaps[0]:.1f} to {gaps[-1]:.1f} s", "regular telegrams", CITED)
