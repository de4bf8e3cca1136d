"""The file of a running logger's state: JSON with a checksum, for other processes, who look for it beside the journal.

It is written again with each telegram, which wears a memory card out. So a logger that has a runtime folder, which is
in memory, keeps the file there, and beside the journal only a link to it: whoever reads follows that.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from hanlogger.status.state import State

BLOCK = 4096  # octets
SPARE = 1024  # octets, and up to a block more, so that a state can grow while the disk is full
TRIES, PAUSE = 20, 0.01  # s, while a state is being written over

_CHECKED = re.compile(rb'(\{.*),"crc32":"([0-9a-f]{8})"\}\s*', re.DOTALL)

_ADAPTER = TypeAdapter(State)


class StateFile:
    """The state of a journal's logger, as its logger writes it. runtime: its folder for that; None where it has none.

    Where the folder, or the link to the file in it, does not work, the state is written beside the journal.
    """

    def __init__(self, journal: Path, runtime: Path | None) -> None:
        self.path = find_state_path(journal)
        self._in_memory = runtime / quote(bytes(self.path.absolute()), safe="") if runtime else None

    def write(self, state: State) -> None:
        """Write the state, in place of whatever is there from before. OSError when no disk takes it."""
        if not self._write_in_memory(state):
            write_state(state, self.path)

    def _write_in_memory(self, state: State) -> bool:
        if self._in_memory is None:
            return False
        try:
            write_state(state, self._in_memory)
            _link(self.path, self._in_memory)
        except OSError:
            return False
        return True

    def remove(self) -> None:
        """Remove the state, as a logger that has ended has none."""
        for path in (self.path, self._in_memory):
            with contextlib.suppress(OSError):
                if path is not None:
                    path.unlink(missing_ok=True)


def _link(path: Path, file: Path) -> None:
    """Make the path a link to the file, in place of whatever is there, unless it is that already. OSError."""
    if path.is_symlink() and path.readlink() == file:
        return
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    new.symlink_to(file)
    new.replace(path)


def find_state_path(journal: Path) -> Path:
    """Return the path of a journal's state: `home.state.json` beside `home.sqlite3`.

    Beside a journal of any other name it is `home.db.journal.state.json`: each journal of a folder has its own.
    """
    stem = journal.stem if journal.suffix == ".sqlite3" else f"{journal.name}.journal"
    return journal.with_name(f"{stem}.state.json")


def write_state(state: State, path: Path) -> None:
    """Write a state that everybody may read, as a new file, or on a full disk over the old one if that has room.

    OSError when the disk does not take it.
    """
    data = _ADAPTER.dump_json(state).removesuffix(b"}")
    data += b',"crc32":"%08x"}\n' % zlib.crc32(data)
    new = path.with_suffix(".new")
    try:
        new.unlink(missing_ok=True)
        with new.open("xb") as file:  # never through a link, which others may have put into a folder that all may use
            file.write(data.ljust(((len(data) + SPARE) // BLOCK + 1) * BLOCK))
        new.chmod(0o644)
        new.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        if not _write_over(path, data):
            raise


def _write_over(path: Path, data: bytes) -> bool:
    """Write in place, which takes no room on the disk; a reader sees by the checksum that a state is not whole."""
    try:
        with open(path, "r+b", buffering=0, opener=_open_itself) as file:
            room = os.fstat(file.fileno()).st_size
            return len(data) <= room and file.write(data.ljust(room)) == room
    except OSError:
        return False


def _open_itself(path: str, flags: int) -> int:
    """Open a file, and never what a link leads to: others may have put one where the state was. OSError."""
    return os.open(path, flags | os.O_NOFOLLOW)


def read_state(path: Path) -> State | None:
    """Return the state that was written last; None where there is none, or none of this version."""
    for _ in range(TRIES):
        try:
            found = _CHECKED.fullmatch(path.read_bytes())
        except OSError:
            return None
        if found and zlib.crc32(found[1]) == int(found[2], 16):
            with contextlib.suppress(ValidationError):
                return _ADAPTER.validate_json(found[1] + b"}")
            return None
        time.sleep(PAUSE)
    return None


def as_json(state: State) -> dict[str, Any]:
    """Return a state as values that JSON has."""
    plain: dict[str, Any] = _ADAPTER.dump_python(state, mode="json")
    return plain
