"""Are the telegrams whole, can they be read, and is what they say believable?"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence

from hanlogger.decoding import decode
from hanlogger.doctor.case import Case
from hanlogger.doctor.finding import Finding, note, warning, well, wrong
from hanlogger.errors import DecodeError, KeyNeeded
from hanlogger.model import BadFrame, Frame, Reading

TOLERATED = 0.02  # of the telegrams: a disturbance now and then is nothing to mend
SEVERAL = 3  # damaged telegrams of one length are cut by something


def check_checksums(case: Case) -> Iterator[Finding]:
    """How many telegrams are damaged, and where."""
    bad, good = len(case.bad), len(case.frames)
    if bad > TOLERATED * (bad + good) and bad > 1:
        facts = {"bad": bad, "all": bad + good, "percent": round(100 * bad / (bad + good))}
        yield warning(_place(case.bad, case.frames), case.name, **facts, **_lengths(case))
    elif good and not any(frame.verified for frame in case.frames):
        yield note("checksums-none", case.name)
    elif good:
        yield well("checksums", case.name, all=bad + good, bad=bad)


def _lengths(case: Case) -> dict[str, object]:
    lengths = Counter(len(bad.data) for bad in case.bad)
    return {"length": lengths.most_common(1)[0][0], "whole": max((len(frame.data) for frame in case.frames), default=0)}


def _place(bad: Sequence[BadFrame], good: Sequence[Frame]) -> str:
    """Cut at one place, octets lost anywhere, or octets altered."""
    lengths = [len(frame.data) for frame in bad]
    whole = {len(frame.data) for frame in good}
    if not whole:
        return "checksums-bad"
    commonest, number = Counter(lengths).most_common(1)[0]
    if number >= SEVERAL and number > len(lengths) / 2 and commonest < min(whole):
        return "checksums-cut"
    return "checksums-lost" if statistics.median(lengths) < min(whole) else "checksums-altered"


def check_key(case: Case) -> Iterator[Finding]:
    """Whether they can be decoded."""
    outcomes = [_decoded(case, frame) for frame in case.frames[-20:]]
    readings = [outcome for outcome in outcomes if isinstance(outcome, Reading)]
    if readings:
        registers = max(len(reading.registers) for reading in readings)
        yield well("decoded", case.name, registers=registers, kind=readings[-1].family or case.frames[-1].format)
    elif outcomes:
        yield _not_decoded(case, outcomes[-1])


def _decoded(case: Case, frame: Frame) -> Reading | DecodeError:
    try:
        return decode(frame, case.port.meter, case.port.keys)
    except DecodeError as error:
        return error


def _not_decoded(case: Case, error: object) -> Finding:
    if not isinstance(error, KeyNeeded):
        return wrong("not-decoded", case.name, words=error)
    return wrong("key-wrong" if case.port.keys else "key-missing", case.name, words=error)
