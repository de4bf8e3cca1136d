"""Compare a meter's values with each other, since some meters do not state a scale, and a wrong one looks right.

Energy is compared with power over time, U · I with P and Q, voltage with the mains, and the meter's clock with the
arrival time (docs/design.md section 4, "Scale" and "Meter time"). What is found is reported, and never applied. The
room is pure, and its memory has a constant size.
"""

from __future__ import annotations

from hanlogger.plausibility.clock import ClockWatch
from hanlogger.plausibility.doubt import Doubt, Setting
from hanlogger.plausibility.watch import ScaleWatch

__all__ = ["ClockWatch", "Doubt", "ScaleWatch", "Setting"]
