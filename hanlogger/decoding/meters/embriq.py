"""Embriq / Landis+Gyr E350 in Norway (docs/protocol.md D.3): Aidon's shapes, another scaler of current, no clock."""

from __future__ import annotations

from hanlogger.decoding.meters.family import Family, full_hour, named

FAMILY = Family("embriq", named("EMBRIQ"), hourly=full_hour)
