"""Keep in the journal our client id at a broker, and whether the broker has a session of ours."""

from __future__ import annotations

from hanlogger.errors import JournalUnavailable
from hanlogger.journal import Journal

_CLIENT, _SESSION = "client", "session"


def recall_client_id(journal: Journal, url: str, otherwise: str) -> str:
    """Return the client id that was used for a port before, else the given one, which is kept from now on.

    So it stays the same when the host, or a container, gets another name: the session at the broker belongs to it.
    """
    try:
        known = journal.learnt.get(url)
        if _CLIENT not in known:
            journal.learnt.put(url, {**known, _CLIENT: otherwise})
        return known.get(_CLIENT, otherwise)
    except JournalUnavailable:
        return otherwise


def note_session(journal: Journal, url: str, client_id: str) -> bool:
    """Note that the broker has a session of this client now; return whether it had one before. Never raises."""
    try:
        known = journal.learnt.get(url)
        if known.get(_SESSION) == client_id:
            return True
        journal.learnt.put(url, {**known, _SESSION: client_id})
    except JournalUnavailable:
        pass
    return False
