"""What is configured, and whether a logger runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from hanlogger.doctor.case import Host
from hanlogger.doctor.finding import Finding, note, warning, well
from hanlogger.humanize import span


def check_settings(host: Host) -> Iterator[Finding]:
    """The settings have been read; what is doubtful in them."""
    file = host.settings.file
    yield well("settings", file=file) if file else note("settings-none")
    for words in host.settings.warnings:
        yield warning("settings-warning", words=words)


def check_logger(host: Host) -> Iterator[Finding]:
    """A running logger has the ports, and knows more than a glance shows."""
    running = host.running
    if running is None:
        yield note("logger-none")
        return
    since = span((datetime.now(UTC) - running.started).total_seconds())
    yield well("logger", pid=running.pid, since=since, version=running.version)
