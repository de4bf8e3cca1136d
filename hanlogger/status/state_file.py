"""The file of a running logger's state: JSON with a checksum, beside the journal, for other processes."""

from __future__ import annotations

import contextlib
import re
import time
import zlib
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from hanlogger.status.state import State

BLOCK = 4096  # octets
SPARE = 1024  # octets, and up to a block more, so that a state can grow while the disk is full
TRIES, PAUSE = 20, 0.01  # s, while a state is being written over

_CHECKED = re.compile(rb'(\{.*),"crc32":"([0-9a-f]{8})"\}\s*', re.DOTALL)

_ADAPTER = TypeAdapter(State)


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
        new.write_bytes(data.ljust(((len(data) + SPARE) // BLOCK + 1) * BLOCK))
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
        with path.open("r+b", buffering=0) as file:
            room = path.stat().st_size
            return len(data) <= room and file.write(data.ljust(room)) == room
    except OSError:
        return False


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
