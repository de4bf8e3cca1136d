"""Changing what recorded messages say, so that they are still good messages: lengths stay, checksums are made anew."""

from hanlogger.recordings.amend.frame import amend, content, in_plain
from hanlogger.recordings.amend.stream import Edit, Found, edits, find, replace

__all__ = ["Edit", "Found", "amend", "content", "edits", "find", "in_plain", "replace"]
