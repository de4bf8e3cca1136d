"""A port that is named on the command line, with its configuration and the options' changes to it."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hanlogger.cli.shared.demo import with_demo_meter
from hanlogger.cli.shared.terminal import tell
from hanlogger.config import Settings, checks, key_file
from hanlogger.config.ports import NO_PORT, check_port
from hanlogger.detect import recall_line
from hanlogger.errors import ConfigError, JournalUnavailable
from hanlogger.journal import Journal
from hanlogger.model import Key, Meter
from hanlogger.sources import LineSettings, Port, resolve_auto
from hanlogger.sources.line import SWEDISH

ALLOWED = "a device, socket://HOST:PORT, rfc2217://HOST:PORT, file:PATH, demo:, a configured meter's name"


def find_port(url: str, chosen: Settings, serial: str | None, key_file: Path | None, allowed: str = ALLOWED) -> Port:
    """Return the port of an address or of a meter's name; ConfigError for neither, SourceError without adapter."""
    found = next((port for port in chosen.ports if url in (port.url, port.meter.name)), None)
    names = [port.meter.name for port in chosen.ports]
    port = found or with_demo_meter(Port(check_port_argument(url, names, allowed), Meter()))
    line = port.line if serial is None else _read_line(serial)
    keys = port.keys if key_file is None else read_key_option(key_file)
    port = resolve_auto(replace(port, line=line, keys=keys))
    return replace(port, line=_recall_line(port, chosen.journal)) if port.has_line and line is None else port


def read_key_option(file: Path) -> tuple[Key, ...]:
    """Return the keys in the file of --key-file; ConfigError, which never shows what is in the file."""
    try:
        return key_file.read_key_file(file)
    except OSError as error:
        raise ConfigError(f"--key-file {file} cannot be read: {error.strerror}") from error
    except ValueError:
        raise ConfigError(f"--key-file {file}: found no key; allowed: {key_file.ALLOWED}") from None


def check_port_argument(url: str, names: Sequence[str], allowed: str = ALLOWED) -> str:
    """Return the address of a port; ConfigError, which says what was probably meant: a port or a meter's name."""
    try:
        return check_port(url)
    except ValueError as error:
        near = difflib.get_close_matches(url, names, 1)
        advice = f". Did you mean {near[0]}?" if near else str(error).removeprefix(NO_PORT)
        raise ConfigError(f"{url}: found no port; allowed: {allowed}{advice}") from None


def _read_line(serial: str) -> LineSettings | None:
    try:
        return checks.check_line(serial)
    except ValueError:
        raise ConfigError(f"--serial {serial}: allowed are 115200 8N1, 2400 8E1, 2400 8N1, 9600 7E1 and kin") from None


def _recall_line(port: Port, journal: Path) -> LineSettings:
    """Return the line settings that have worked for the device before, else the most likely ones."""
    with contextlib.suppress(JournalUnavailable), Journal.open(journal, read_only=True) as opened:
        if line := recall_line(opened, port.url):
            return line
    tell(f"the line is taken to be {SWEDISH}: give another by --serial; hanlogger detect finds it")
    return SWEDISH
