"""The paths of the journal's file and of those beside it, which only their owner may read.

Nothing may open the journal's file but SQLite. Closing any descriptor of a file drops every POSIX lock that the process
has on it, and with SQLite's locks gone the next program that closes the journal deletes its write-ahead log.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def resolve_path(path: Path) -> Path:
    """Return the path without symbolic links and `..`, so that one journal has one lock, whatever it is called."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # links in a ring: opening it says so
        return path.absolute()


def name_beside(path: Path, suffix: str) -> Path:
    """Return the path of a file that belongs to the journal, by what stands after the journal's name."""
    return path.with_name(path.name + suffix)


def measure(path: Path) -> int:
    """Return the size of a file in octets; 0 where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def open_private(path: Path, flags: int) -> int:
    """Return a descriptor of a file that its owner alone can read, whatever the umask; makes the file. OSError."""
    descriptor = os.open(path, flags | os.O_CREAT, 0o600)
    with contextlib.suppress(OSError):  # another user's
        os.fchmod(descriptor, 0o600)
    return descriptor


def make(path: Path) -> None:
    """Make an empty journal file for its owner alone, unless there is one; SQLite makes those beside it likewise."""
    with contextlib.suppress(OSError):  # it is there; or SQLite says what is wrong
        os.close(open_private(path, os.O_EXCL | os.O_WRONLY))  # a new file: no connection can have locks on it
