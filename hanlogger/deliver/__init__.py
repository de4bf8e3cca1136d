"""From the journal to a destination: decode, make points, write; the cursor moves when the database has said 204."""

from __future__ import annotations

from hanlogger.deliver.cap import Cap
from hanlogger.deliver.delivery import Delivery
from hanlogger.deliver.pace import Pace
from hanlogger.deliver.requests import WELL, Answer

__all__ = ["WELL", "Answer", "Cap", "Delivery", "Pace"]
