"""What a month costs so far, as a running logger tells it: an hour that will raise the fee."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hanlogger.status.costs import CostState, FeeState, PeakState, RunningState

HOUR_START = datetime(2026, 1, 1, 12, tzinfo=UTC)

RUNNING = RunningState(
    start=HOUR_START,
    end=HOUR_START + timedelta(hours=1),
    so_far=Decimal("1.250"),
    least=Decimal("1.250"),
    forecast=Decimal("5.100"),
    limit=Decimal("4.200"),
    allowed=Decimal("3.933"),
    extra=Decimal("13.50"),
)
FEE = FeeState(
    line="Power fee",
    kw=Decimal("4.200"),
    fee=Decimal("189.00"),
    quality="measured",
    peaks=(PeakState(HOUR_START - timedelta(days=1), Decimal("4.200")),),
    next_kw=Decimal("15.00"),
    running=RUNNING,
)
COSTS = CostState("2026-01", "SEK", Decimal("1842.10"), "measured", (FEE,))
