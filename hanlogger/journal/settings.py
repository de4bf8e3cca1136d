"""A meter's settings as the journal keeps them: JSON, always the same bytes for the same settings."""

from __future__ import annotations

import json
from dataclasses import asdict
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from hanlogger.model import Meter, Scale
from hanlogger.points.timestamp import read_fixed_offset


def to_json(meter: Meter) -> str:
    """With sorted keys, decimals as texts."""
    return json.dumps(asdict(meter), default=str, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=256)
def from_json(text: str) -> Meter:
    """What `to_json` was given; ValueError for anything that is no settings of a meter."""
    try:
        fields = json.loads(text)
        scale: dict[str, Any] = {key: value and Decimal(value) for key, value in fields.pop("scale").items()}
        meter = Meter(scale=Scale(**scale), **fields)
        ZoneInfo(meter.zone)
        read_fixed_offset(meter.clock)
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, OSError) as error:
        raise ValueError(f"not the settings of a meter: {error!r}") from error
    return meter
