"""Whether a journal can be kept where the user wants it, before anything is said or opened."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from hanlogger.journal.file import beside, located, open_private
from hanlogger.journal.identity import refuse_foreign

PASSING = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
"""What is no fault of the path, and may be better at the next start."""


def check(path: Path) -> None:
    """OSError where no journal can ever be kept, NotAJournal where something else is.

    Makes the folder, and the file beside the journal that is its lock.
    """
    try:
        _check(located(path))
    except OSError as error:
        if error.errno not in PASSING:
            raise


def _check(path: Path) -> None:
    if path.is_dir():
        raise _fault(errno.EISDIR)
    if path.is_symlink():  # still, after they have been followed
        raise _fault(errno.ELOOP)
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is no file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise _fault(errno.ENOTDIR) from None
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        raise _fault(errno.EACCES)
    refuse_foreign(path)
    os.close(open_private(beside(path, ".lock"), os.O_RDWR))


def _fault(number: int) -> OSError:
    return OSError(number, os.strerror(number))
