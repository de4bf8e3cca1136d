"""HTTP: the one way in which hanlogger asks a server, with one connection pool and one rule for TLS.

Writing, deleting, `setup`, `doctor` and its look at Grafana all go through `Pool`. An answer has a whole head that
parses, and a whole body of which no more than `most` octets are read; nothing is decompressed, redirected or tried
twice. What an answer says is for `humanize.clean_text`.
"""

from __future__ import annotations

from hanlogger.http.no_answer import NoAnswer
from hanlogger.http.pool import MOST, Limits, Pool
from hanlogger.http.server import Server, by_password, by_token, read_json
from hanlogger.http.trust import read_fingerprint

__all__ = [
    "MOST",
    "Limits",
    "NoAnswer",
    "Pool",
    "Server",
    "by_password",
    "by_token",
    "read_fingerprint",
    "read_json",
]
