"""Examining a meter's way from the plug to the database, to find the first thing that is wrong and what to do.

`examination` runs the checks in order. A check looks at one subject (the port, the telegrams, the journal, …) and
yields findings; `report` turns findings into text, in the language and with the words of `texts/`.
"""

from __future__ import annotations

from hanlogger.doctor.context import Host
from hanlogger.doctor.examination import examine
from hanlogger.doctor.finding import Finding, Level

__all__ = ["Finding", "Host", "Level", "examine"]
