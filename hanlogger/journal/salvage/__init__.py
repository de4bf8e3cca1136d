"""Salvage a corrupt journal: its log, its first page, the order of its ids, and the rows that can be read.

The log is corrected before the first connection (log_check.py). A file that SQLite calls corrupt all the same is set
aside (replacement.py): what can be read of it (carrying.py, first_page.py, tables.py, reading.py) fills a new file, and
the two are exchanged in a way that can be cut off anywhere (exchange.py).
"""

from __future__ import annotations

from hanlogger.journal.salvage.exchange import is_there, refuse_left_over
from hanlogger.journal.salvage.log_check import correct_log
from hanlogger.journal.salvage.replacement import finish_salvage, salvage

__all__ = ["correct_log", "finish_salvage", "is_there", "refuse_left_over", "salvage"]
