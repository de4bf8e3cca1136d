"""The file that holds the keys of an encrypted meter."""

from __future__ import annotations

from pathlib import Path

from hanlogger.config.checks import check_key
from hanlogger.model import Key

ALLOWED = "a key a line, each 32 hex digits, an authentication key after a colon"


def read_keys(text: str) -> tuple[Key, ...]:
    """Return the keys in the text of a key file: one a line, empty lines and # comments left out; ValueError."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return tuple(check_key(line) for line in lines if line)


def read_key_file(file: Path) -> tuple[Key, ...]:
    """Return the keys in a file; OSError where it cannot be read, ValueError for what is no key."""
    return read_keys(file.read_text("utf-8"))
