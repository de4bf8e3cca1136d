"""hanlogger as a service of systemd: its unit, its user, and how both are installed and removed."""

from __future__ import annotations

from hanlogger.service.binary import find_binary, find_installed_binary
from hanlogger.service.installation import PATHS, SystemdPaths, install, uninstall
from hanlogger.service.unit import STATE, make_unit

__all__ = [
    "PATHS",
    "STATE",
    "SystemdPaths",
    "find_binary",
    "find_installed_binary",
    "install",
    "make_unit",
    "uninstall",
]
