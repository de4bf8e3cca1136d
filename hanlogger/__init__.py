"""hanlogger: from the local port of a Nordic electricity meter to InfluxDB, losing nothing."""

__version__ = "0.2.0"
