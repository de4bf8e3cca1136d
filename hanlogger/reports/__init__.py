"""One printable page of a month or a year: energy, peaks, cost and coverage, compared with earlier periods.

`facts.py` reads what the journal knows of a period, `view.py` turns it into words and shapes, `report.html` into a page
that needs nothing else: no script, no network, no file beside it.
"""

from hanlogger.reports.facts import Facts, Term, read_facts
from hanlogger.reports.page import write_page

__all__ = ["Facts", "Term", "read_facts", "write_page"]
