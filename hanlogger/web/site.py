"""The sources that all pages share: the settings, the newest state, and the journal."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hanlogger.archive.history import History
from hanlogger.config import Settings
from hanlogger.model import Meter
from hanlogger.status.state import MeterState, State


class Site:
    """The sources of all pages, for any number of threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.state: State | None = None  # None: nothing has been reported yet
        self.ending = False
        self.listeners = 0  # browsers that are sent events
        self.history = History(settings.journal, settings.keys)
        self._set = {port.meter.name: port.meter for port in settings.ports}

    @property
    def now(self) -> datetime:
        """The time by the host's clock, in UTC."""
        return datetime.now(UTC)

    def close(self) -> None:
        """Close the journal; the pages have ended."""
        self.history.close()

    def list_meter_names(self) -> list[str]:
        """Return the names of all meters that are read, in the settings' order, then of others in the journal."""
        read = [meter.name for meter in self.state.meters] if self.state else self._set
        return list(dict.fromkeys((*read, *self.history.list_meters())))

    def get_meter_state(self, name: str) -> MeterState | None:
        """Return what is reported about a meter; None for one that is not read now."""
        return next((meter for meter in self.state.meters if meter.name == name), None) if self.state else None

    def get_settings(self, name: str) -> Meter:
        """Return a meter's settings: those in force, else those of its last frame."""
        return self._set.get(name) or self.history.get_settings(name) or Meter(name)

    def get_zone(self, name: str) -> ZoneInfo:
        """Return the time zone by whose days a meter's energy is divided."""
        return ZoneInfo(self.get_settings(name).zone)
