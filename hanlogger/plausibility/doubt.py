"""What is told about a scale."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NamedTuple

Setting = Literal["scale.energy", "scale.current", "scale.voltage"]


class Doubt(NamedTuple):
    """A scale that is probably wrong."""

    setting: Setting
    factor: Decimal  # by which all its values should probably be multiplied: 0.1 of those that are ten times too large
    seen: int  # how many comparisons say so
