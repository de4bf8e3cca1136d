"""InfluxDB: one synchronous write. It returns when all is in the database; its errors say who must act."""

from __future__ import annotations

from hanlogger.influxdb.destination import Destination, Secret
from hanlogger.influxdb.influx import Influx
from hanlogger.influxdb.masking import masked

__all__ = ["Destination", "Influx", "Secret", "masked"]
