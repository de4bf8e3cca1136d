"""What a meter costs by the tariffs of its settings: from the journal's intervals, and now from its newest telegram.

**A month** (`months.py`) is read from the journal: spans, prices, and of them the bill with its peaks. Pages, the
report, what runs and what is delivered all take it from here.

**Now** (`now.py`): the running hour or quarter is the register of the newest telegram less the one at its beginning,
which is the last at or before it, as at every border (docs/design.md section 7).

**Points** (`points.py`): what announced intervals cost, and what their months cost, is worked out when the lines are
made, as the energy is. So a correction, a redelivery and a backfill need nothing of their own.
"""

from hanlogger.costs.contracts import Contracts
from hanlogger.costs.months import read_month
from hanlogger.costs.now import NowCosts
from hanlogger.costs.points import CostPoints

__all__ = ["Contracts", "CostPoints", "NowCosts", "read_month"]
