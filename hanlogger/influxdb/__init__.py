"""InfluxDB: one synchronous write, answered by nothing (it is in the database) or by an error that says who must act."""

from __future__ import annotations

from hanlogger.influxdb.destination import Destination, Secret
from hanlogger.influxdb.influx import Influx

__all__ = ["Destination", "Influx", "Secret"]
