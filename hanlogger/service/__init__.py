"""hanlogger as a service of systemd: its unit, its user, and how both are installed and removed."""

from __future__ import annotations

from hanlogger.service.binary import binary_path, installed_binary
from hanlogger.service.installation import PATHS, SystemdPaths, install, uninstall
from hanlogger.service.unit import STATE, unit

__all__ = ["PATHS", "STATE", "SystemdPaths", "binary_path", "install", "installed_binary", "uninstall", "unit"]
