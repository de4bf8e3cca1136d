"""Installing and removing the service: the unit and the user where systemd looks for them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from hanlogger.errors import ConfigError
from hanlogger.service.unit import STATE, USER

SECONDS = 120.0  # that a command of systemd may take
SYSUSERS = f'u {USER} - "hanlogger, electricity meters" {STATE}\n'

Say = Callable[[str], None]


class SystemdPaths(NamedTuple):
    """The files of systemd that concern the service."""

    unit: Path = Path("/etc/systemd/system/hanlogger.service")
    user: Path = Path("/etc/sysusers.d/hanlogger.conf")
    running: Path = Path("/run/systemd/system")  # exists where systemd runs the machine


PATHS = SystemdPaths()


def install(text: str, paths: SystemdPaths, say: Say) -> None:
    """Write the unit, make the user, and start the service now and with the machine; ConfigError."""
    _need_systemd(paths)
    _write_file(paths.user, SYSUSERS)
    _run("systemd-sysusers", str(paths.user))
    _write_file(paths.unit, text)
    _run("systemctl", "daemon-reload")
    _run("systemctl", "enable", paths.unit.name)
    _run("systemctl", "restart", paths.unit.name)
    say(f"{paths.unit} is installed and started. See: systemctl status hanlogger, journalctl -u hanlogger")


def uninstall(paths: SystemdPaths, say: Say) -> None:
    """Stop the service and remove its unit; the journal, the settings and the user stay. ConfigError."""
    _need_systemd(paths)
    if not paths.unit.exists():
        raise ConfigError(f"there is no {paths.unit}: nothing to uninstall")
    _run("systemctl", "disable", "--now", paths.unit.name)
    _remove(paths.unit)
    _remove(paths.user)
    _run("systemctl", "daemon-reload")
    say(f"removed {paths.unit}; the journal in {STATE}, the settings in /etc/hanlogger and the user {USER} stay")


def _need_systemd(paths: SystemdPaths) -> None:
    if not paths.running.is_dir():
        raise ConfigError("systemd does not run this machine: see the unit by --print, or run hanlogger another way")


def _write_file(file: Path, text: str) -> None:
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


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603 ours
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigError(f"{' '.join(command)}: {error}") from error
    if done.returncode:
        raise ConfigError(f"{' '.join(command)}: {done.stderr.strip() or f'exit status {done.returncode}'}")
