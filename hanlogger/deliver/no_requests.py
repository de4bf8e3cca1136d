"""Stand in for the requests where no database is set: telegrams are decoded and listed, and not sent."""

from __future__ import annotations

from hanlogger.deliver.lines import Lines
from hanlogger.deliver.request_size import RequestSize
from hanlogger.deliver.requests import Answer
from hanlogger.heartbeat import Heartbeat

NO_DATABASE = "no database"
"""The journal's name for this destination; the blank keeps it apart from every name that a user can give."""

LINES = 5000  # of the records that are decoded at once


class NoRequests:
    """Accepts all lines and sends none."""

    def __init__(self) -> None:
        self.answer = Answer(None, True, "no database is set")
        self.retries = 0
        self.heartbeat = Heartbeat()
        self.size = RequestSize(LINES)

    def write(self, lines: Lines) -> None:
        """Drop the lines: a database that is set later gets them, made anew from the journal."""

    def check(self) -> None:
        """Do nothing: there is no database to ask."""

    def close(self) -> None:
        """Do nothing: there is no connection."""
