"""The report about a scale."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NamedTuple

Setting = Literal["scale.energy", "scale.current", "scale.voltage"]


class Doubt(NamedTuple):
    """A scale that is probably wrong."""

    setting: Setting
    factor: Decimal  # to multiply all values by: 0.1 where they are ten times too large
    seen: int  # number of comparisons that say so
