"""From the ports to the journal: a thread a port. What happens to one of them never disturbs another."""

from __future__ import annotations

from hanlogger.collect.collector import Collector
from hanlogger.collect.finite import FiniteCollector
from hanlogger.collect.intake import OnFrame

__all__ = ["Collector", "FiniteCollector", "OnFrame"]
