"""Swiss meters after the paper of the VSE (docs/protocol.md C.7, D.9): a list of captured objects, then their values.

Scalers are mostly not captured. Then currents are in 0.01 A and voltages in whole volts or, on other makes, 0.1 V.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from hanlogger.decoding.meters.family import Factors, Family, Limit, exceeds
from hanlogger.decoding.rows import Row, has_captured_objects

_PHASE_VOLTAGES = (32, 52, 72)
_WHOLE_VOLTS = Limit(_PHASE_VOLTAGES, 7, 1000)


def _find_factors(rows: Sequence[Row]) -> Factors:
    return {"current": Decimal("0.01"), "voltage": Decimal("0.1") if exceeds(rows, _WHOLE_VOLTS) else Decimal(1)}


FAMILY = Family("vse", has_captured_objects, factors=_find_factors, limits=(_WHOLE_VOLTS,))
