"""InfluxDB: requests to it, and what its answers mean.

`make_writer` returns what writes lines to a database of either kind: it returns when all are in the database, and its
errors say who must act. Every request to any server goes through the room `http`, with one pool and one rule for TLS;
`answers.py` turns InfluxDB's answers into errors.
"""

from __future__ import annotations

from hanlogger.influxdb.destination import Destination, Secret
from hanlogger.influxdb.influx import Influx
from hanlogger.influxdb.masking import mask
from hanlogger.influxdb.writers import Writer, make_writer

__all__ = ["Destination", "Influx", "Secret", "Writer", "make_writer", "mask"]
