"""The loop from ports to the journal: one thread a port, so that no port disturbs another."""

from __future__ import annotations

from hanlogger.collect.broker_collector import BrokerCollector
from hanlogger.collect.collector import Collector
from hanlogger.collect.finite import FiniteCollector
from hanlogger.collect.intake import OnFrame
from hanlogger.collect.recorder import Recorder
from hanlogger.collect.roster import BrokerMeter

AnyCollector = Collector | FiniteCollector | BrokerCollector

__all__ = ["AnyCollector", "BrokerCollector", "BrokerMeter", "Collector", "FiniteCollector", "OnFrame", "Recorder"]
