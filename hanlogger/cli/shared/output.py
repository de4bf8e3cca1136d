"""Standard output, on a disk that may be full."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from hanlogger.errors import HanloggerError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""The errors of writing to a file that is open already, whose name they do not tell."""


@contextmanager
def write_all() -> Iterator[None]:
    """Flush standard output at the end of the context; HanloggerError where what was printed cannot be written.

    A reader that has closed its end of a pipe needs no more output, which is no error.
    """
    try:
        try:
            yield
        finally:
            _flush()
    except OSError as error:
        if error.filename is not None or error.errno not in FULL:
            raise
        _discard()
        raise HanloggerError(f"the output cannot be written: {error.strerror}") from error


def _flush() -> None:
    if sys.stdout is not None:  # as it is where it was closed before the start
        sys.stdout.flush()


def _discard() -> None:
    """Discard what standard output holds, so that the end of the program does not try to write it once more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
