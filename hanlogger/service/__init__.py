"""hanlogger as a service of systemd: its unit, its user, and how they come and go."""

from __future__ import annotations

from hanlogger.service.binary import binary_path, installed_binary
from hanlogger.service.places import PLACES, Places, install, uninstall
from hanlogger.service.unit import STATE, unit

__all__ = ["PLACES", "STATE", "Places", "binary_path", "install", "installed_binary", "uninstall", "unit"]
