"""Checks of the telegrams: whether their checksums are right, and whether they can be decoded."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from hanlogger.decoding import decode, describe_unread
from hanlogger.doctor.context import PortContext
from hanlogger.doctor.finding import Finding, note, note_warning, note_well, note_wrong
from hanlogger.errors import DecodeError, KeyNeeded, LinkCommand, PartMissing
from hanlogger.model import BadFrame, Frame, Reading

TOLERATED = 0.02  # share of damaged telegrams that needs no action
SEVERAL = 3  # damaged telegrams of equal length from which on they count as cut off at one place


def check_checksums(context: PortContext) -> Iterator[Finding]:
    """Yield how many telegrams are damaged, and in which way."""
    bad, good = len(context.bad_frames), len(context.frames)
    if bad > TOLERATED * (bad + good) and bad > 1:
        facts = {"bad": bad, "all": bad + good, "percent": round(100 * bad / (bad + good))}
        yield note_warning(
            _choose_damage_key(context.bad_frames, context.frames), context.name, **facts, **_describe_lengths(context)
        )
    elif good and not any(frame.verified for frame in context.frames):
        yield note("checksums-none", context.name)
    elif good:
        yield note_well("checksums", context.name, all=bad + good, bad=bad)


def _describe_lengths(context: PortContext) -> dict[str, object]:
    lengths = Counter(len(bad.data) for bad in context.bad_frames)
    return {
        "length": lengths.most_common(1)[0][0],
        "whole": max((len(frame.data) for frame in context.frames), default=0),
    }


def _choose_damage_key(bad: Sequence[BadFrame], good: Sequence[Frame]) -> str:
    """Return the key of the finding: cut off at one place, octets lost in any place, or octets altered."""
    lengths = [len(frame.data) for frame in bad]
    whole = {len(frame.data) for frame in good}
    if not whole:
        return "checksums-bad"
    commonest, number = Counter(lengths).most_common(1)[0]
    if number >= SEVERAL and number > len(lengths) / 2 and commonest < min(whole):
        return "checksums-cut"
    return "checksums-lost" if statistics.median(lengths) < min(whole) else "checksums-altered"


def check_key(context: PortContext) -> Iterator[Finding]:
    """Yield whether the telegrams can be decoded and how far, and if not, whether a key is missing or wrong."""
    outcomes = [_report_decoded(context, frame) for frame in context.frames[-20:]]
    readings = [outcome for outcome in outcomes if isinstance(outcome, Reading)]
    if readings:
        registers = max(len(reading.registers) for reading in readings)
        found = note_well if registers else note_warning
        kind = readings[-1].family or context.frames[-1].format
        yield found("decoded" if registers else "decoded-none", context.name, registers=registers, kind=kind)
        yield from _report_unread(context, readings)
    else:
        errors = [outcome for outcome in outcomes if isinstance(outcome, DecodeError)]
        yield from (_report_not_decoded(context, error) for error in errors[-1:])


def _report_unread(context: PortContext, readings: Sequence[Reading]) -> Iterator[Finding]:
    words = [describe_unread(reading) for reading in readings if reading.unread]
    if words:
        yield note_warning("unread", context.name, words=words[-1])


def _report_decoded(context: PortContext, frame: Frame) -> Reading | DecodeError:
    try:
        return decode(frame, context.port.meter, context.port.keys)
    except DecodeError as error:
        return error


_KEYS: Mapping[type[DecodeError], str] = {PartMissing: "part-missing", LinkCommand: "link-command"}


def _report_not_decoded(context: PortContext, error: DecodeError) -> Finding:
    if not isinstance(error, KeyNeeded):
        return note_wrong(_KEYS.get(type(error), "not-decoded"), context.name, words=error)
    return note_wrong("key-wrong" if context.port.keys else "key-missing", context.name, words=error)
