"""Embriq / Landis+Gyr E350 in Norway (docs/protocol.md D.3): Aidon's shapes, another scaler of current, no clock."""

from __future__ import annotations

from hanlogger.decoding.meters.family import Family, is_hourly_list, match_names

FAMILY = Family("embriq", match_names("EMBRIQ"), hourly=is_hourly_list)
