"""Putting the unit and the user where systemd looks for them, and taking the unit away again."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from hanlogger.errors import ConfigError
from hanlogger.service.unit import STATE, USER

SECONDS = 120.0  # a command of systemd may take
SYSUSERS = f'u {USER} - "hanlogger, electricity meters" {STATE}\n'

Say = Callable[[str], None]


class Places(NamedTuple):
    """Files of systemd."""

    unit: Path = Path("/etc/systemd/system/hanlogger.service")
    user: Path = Path("/etc/sysusers.d/hanlogger.conf")
    running: Path = Path("/run/systemd/system")  # is there where systemd runs the machine


PLACES = Places()


def install(text: str, places: Places, say: Say) -> None:
    """Write the unit, make the user, start the service now and at each start of the machine. ConfigError."""
    _need_systemd(places)
    _write(places.user, SYSUSERS)
    _call("systemd-sysusers", str(places.user))
    _write(places.unit, text)
    _call("systemctl", "daemon-reload")
    _call("systemctl", "enable", places.unit.name)
    _call("systemctl", "restart", places.unit.name)
    say(f"{places.unit} is installed and started. See: systemctl status hanlogger, journalctl -u hanlogger")


def uninstall(places: Places, say: Say) -> None:
    """Stop the service and remove its unit; the journal, the settings and the user stay. ConfigError."""
    _need_systemd(places)
    if not places.unit.exists():
        raise ConfigError(f"there is no {places.unit}: nothing to uninstall")
    _call("systemctl", "disable", "--now", places.unit.name)
    _remove(places.unit)
    _remove(places.user)
    _call("systemctl", "daemon-reload")
    say(f"removed {places.unit}; the journal in {STATE}, the settings in /etc/hanlogger and the user {USER} stay")


def _need_systemd(places: Places) -> None:
    if not places.running.is_dir():
        raise ConfigError("systemd does not run this machine: see the unit by --print, or run hanlogger another way")


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(0o644)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written ({error.strerror}): call it with sudo") from error


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(f"{file} cannot be removed ({error.strerror}): call it with sudo") from error


def _call(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603 ours
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigError(f"{' '.join(command)}: {error}") from error
    if done.returncode:
        raise ConfigError(f"{' '.join(command)}: {done.stderr.strip() or f'exit status {done.returncode}'}")
