"""Checks of the settings, and of whether a logger is running."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from hanlogger.doctor.context import Host
from hanlogger.doctor.finding import Finding, note, note_warning, note_well
from hanlogger.humanize import format_span


def check_settings(host: Host) -> Iterator[Finding]:
    """Yield where the settings come from, and a warning for each that is doubtful."""
    file = host.settings.file
    yield note_well("settings", file=file) if file else note("settings-none")
    for words in host.settings.warnings:
        yield note_warning("settings-warning", words=words)


def check_logger(host: Host) -> Iterator[Finding]:
    """Yield whether a logger is running: it has the ports open, so it is asked about them."""
    running = host.running
    if running is None:
        yield note("logger-none")
        return
    since = format_span((datetime.now(UTC) - running.started).total_seconds())
    yield note_well("logger", pid=running.pid, since=since, version=running.version)
