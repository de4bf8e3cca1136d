"""Errors, named by who must act."""

from __future__ import annotations


class HanloggerError(Exception):
    """The base of hanlogger's errors. The text of each is one sentence for the user."""


class ConfigError(HanloggerError):
    """The user must change a setting: which file, which key, what was found, what is allowed. Exit status 2."""


class SourceError(HanloggerError):
    """The port failed: reopen it."""


class PortSilent(SourceError):
    """The port is open and nothing that can be read comes from it: open it again."""


class DecodeError(HanloggerError):
    """The frame is whole and cannot be read: it is kept and listed."""


class KeyNeeded(DecodeError):
    """The frame is encrypted and no key of the meter opens it."""


class PartMissing(DecodeError):
    """The frame is a part of a message whose other parts have not come."""


class LinkCommand(DecodeError):
    """The frame is a command of the link and carries no message: most likely the meter waits to be asked."""


class CaptureError(ConfigError):
    """A capture, or what is to be made of one, that cannot be used: which, where, what to do."""


class CaptureCut(CaptureError):
    """A capture ends within a read: what stands before it is whole."""


class JournalUnavailable(HanloggerError):
    """The journal cannot be used now: hold in memory, free space, say so."""

    def __init__(self, message: str, *, full: bool = False) -> None:
        super().__init__(message)
        self.full = full  # for want of room on the disk


class NotAJournal(JournalUnavailable, ConfigError):
    """The journal cannot be kept at this path, now or later: the user must name another. Exit status 2."""


class JournalLocked(HanloggerError):
    """Another `run` has this journal. Exit status 2."""


class WriteUnavailable(HanloggerError):
    """The database did not take the batch and may take the same bytes later."""

    def __init__(self, message: str, *, retry_after: float | None = None, needs_user: bool = False) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds, as the server asked
        self.needs_user = needs_user  # token, permission, bucket, wrong address: retry slowly, say loudly


class TooLarge(WriteUnavailable):
    """The request is too large for the database, or for a proxy before it: send less at a time."""

    def __init__(self, message: str, *, by_database: bool) -> None:
        super().__init__(message)
        self.by_database = by_database  # False: a proxy says so, which is never a refusal of a line


class Failing(WriteUnavailable):
    """InfluxDB itself answers 500: it has trouble of its own, or cannot cope with something in the batch."""


class WriteRejected(HanloggerError):
    """The database refuses something in the batch: bisect, set aside with the server's words."""
