"""Check of the line: whether octets come and hold telegrams. The frames are kept for the checks that follow."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from dataclasses import replace

from hanlogger.detect import Hearing, find, hear, recall_line
from hanlogger.doctor.context import PortContext
from hanlogger.doctor.device import find_holders
from hanlogger.doctor.diagnosis import TCP, diagnose_octets, diagnose_silence
from hanlogger.doctor.finding import Finding, note_well, note_wrong
from hanlogger.doctor.line_by_logger import judge_by_logger
from hanlogger.errors import SourceError
from hanlogger.sources import LineSettings, find_device_path

ENOUGH = 2  # telegrams after which there is no need to listen longer
HELD = (errno.EAGAIN, errno.EBUSY, errno.EACCES)  # errors of a device that another process has locked


def check_line(context: PortContext) -> Iterator[Finding]:
    """Yield what the running logger hears on the port; without a logger, what is heard by listening to it."""
    if context.reported is not None and context.reported.state in ("open", "silent"):
        yield judge_by_logger(context, context.reported)
        return
    try:
        hearings = list(_listen(context))
    except SourceError as error:
        yield _report_not_opened(context, error)
    else:
        yield from _judge_hearing(context, hearings)


def find_line_settings(hearing: Hearing) -> LineSettings | None:
    """Return the line settings with which the telegrams came; 7E1 where the port was opened as 8N1 and reads 7E1."""
    if hearing.line and hearing.seven_bits:
        return LineSettings(hearing.line.baud, 7, "E")
    return hearing.line


def _listen(context: PortContext) -> Iterator[Hearing]:
    """Yield a hearing with the settings that are given or learnt, then, if they give no telegram, one with each other.

    When the given or learnt settings give no octet at all, others would not either, and are not tried.
    """
    host, port = context.host, context.port
    line = port.line or _recall_learnt(context)
    if line or not port.has_line:
        host.tell("listening", {"port": port.url, "line": line or TCP, "seconds": f"{host.wait:g}"})
        hearing = hear(replace(port, line=line), host.wait, lambda h: len(h.frames) >= ENOUGH)
        yield hearing
        if hearing.frames or not hearing.octets or not port.has_line:
            return
    yield from find(
        port,
        host.listen,
        trying=lambda line: host.tell("trying", {"port": port.url, "line": line, "seconds": f"{host.listen:g}"}),
    ).hearings


def _recall_learnt(context: PortContext) -> LineSettings | None:
    """Return the line settings that have worked for this device before; None if none is known."""
    with context.host.open_journal() as journal:
        return recall_line(journal, context.port.url) if journal else None


def _judge_hearing(context: PortContext, hearings: Sequence[Hearing]) -> Iterator[Finding]:
    best = max(hearings, key=lambda hearing: hearing.score)
    if best.frames:
        context.frames, context.bad_frames = best.frames, [bad for bad in best.bad if bad.reason != "unfinished"]
        yield _report_heard(context, best)
        if context.reported is not None:
            yield note_wrong("logger-waits", context.name, words=context.reported.words)
    elif any(hearing.octets for hearing in hearings):
        yield diagnose_octets(context.port, context.name, hearings)
    else:
        yield diagnose_silence(context, sum(hearing.lasted for hearing in hearings))


def _report_heard(context: PortContext, hearing: Hearing) -> Finding:
    line, given = find_line_settings(hearing), context.port.line
    if given and hearing.line and given.opened != hearing.line:
        return note_wrong("line-settings", context.name, port=context.port.url, given=given, right=line)
    return note_well("telegrams", context.name, port=context.port.url, line=line or TCP, number=len(hearing.frames))


def _report_not_opened(context: PortContext, error: SourceError) -> Finding:
    facts = {"port": context.port.url, "words": str(error)}
    if context.port.scheme:
        return note_wrong("bridge-unreachable", context.name, **facts)
    if getattr(error.__cause__, "errno", None) not in HELD:
        return note_wrong("device-fails", context.name, **facts)
    holders = ", ".join(map(str, find_holders(find_device_path(context.port.url))))
    return note_wrong("device-held" if holders else "device-held-by-unknown", context.name, **facts, holders=holders)
