"""What is deleted from the journal, when and why: by age, at its largest size, and to make space on a full disk."""

from __future__ import annotations

from hanlogger.journal.retention.cleaning import Retention
from hanlogger.journal.retention.space import Freed, Space

__all__ = ["Freed", "Retention", "Space"]
