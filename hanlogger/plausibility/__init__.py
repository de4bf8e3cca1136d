"""Whether a meter's values agree with each other: some meters do not state a scale, and a wrong one looks right.
Energy is compared with the power over time, U · I with P and Q, voltage with the mains (corpus quirks S1 to S7), and
the meter's clock with the time of receipt.

Pure, and of constant size. What it finds is told, never applied.
"""

from __future__ import annotations

from hanlogger.plausibility.clock import ClockWatch
from hanlogger.plausibility.doubt import Doubt, Setting
from hanlogger.plausibility.watch import ScaleWatch

__all__ = ["ClockWatch", "Doubt", "ScaleWatch", "Setting"]
