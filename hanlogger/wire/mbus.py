"""The M-Bus long frame (EN 13757-2; docs/protocol.md E.1)."""

from __future__ import annotations

from hanlogger.errors import DecodeError


def mbus_end(data: bytes, at: int) -> int:
    """Where the M-Bus long frame that begins at `at` ends, its length as stated or wrapped; DecodeError without one."""
    stated = at + data[at + 1] + 6
    end = next((end for end in (stated, stated + 256) if _ends_mbus(data, at, end)), None)
    if end is None:
        raise DecodeError("an M-Bus frame that is cut short")
    return end


def _ends_mbus(data: bytes, at: int, end: int) -> bool:
    whole = at + 9 <= end <= len(data)
    return whole and data[end - 1] == 0x16 and sum(data[at + 4 : end - 2]) & 0xFF == data[end - 2]
