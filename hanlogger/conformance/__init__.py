"""Compare what a meter sends with the Swedish industry recommendation for the customer port (docs/protocol.md A).

Pure: given whole telegrams and the times at which they came, it says what was seen, what is asked and where that
stands, and how much it matters. It judges what is sent, not whether the values are true.
"""

from __future__ import annotations

from hanlogger.conformance.examine import examine
from hanlogger.conformance.finding import Finding, Level
from hanlogger.conformance.report import FORMS

__all__ = ["FORMS", "Finding", "Level", "examine"]
