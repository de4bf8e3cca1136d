"""InfluxDB: requests to it, and what its answers mean.

`Influx` writes lines, and returns when all are in the database; its errors say who must act. Every request to any
server goes through `http.py`, with one pool and one rule for TLS; `answers.py` turns answers into errors.
"""

from __future__ import annotations

from hanlogger.influxdb.destination import Destination, Secret
from hanlogger.influxdb.influx import Influx
from hanlogger.influxdb.masking import masked

__all__ = ["Destination", "Influx", "Secret", "masked"]
