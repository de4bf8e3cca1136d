"""From plug to database: what is wrong first, what it most likely means, what to do."""

from __future__ import annotations

from hanlogger.doctor.case import Host
from hanlogger.doctor.finding import Finding, Level
from hanlogger.doctor.walk import examine

__all__ = ["Finding", "Host", "Level", "examine"]
