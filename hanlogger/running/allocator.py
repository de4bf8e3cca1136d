"""How the C library keeps memory: many threads share what each of them needs for a short time only."""

from __future__ import annotations

import contextlib
import ctypes

M_TRIM_THRESHOLD, M_ARENA_MAX = -1, -8  # of mallopt(3)
SPARE = 128 * 1024  # octets, more than which are given back to the system


def share_memory() -> None:
    """Let all threads take memory from one place, of which nothing large is kept; call this before they start.

    With two hundred ports some MB less stay resident. A C library that cannot be told so goes on as it does.
    """
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_ARENA_MAX, 1)
        mallopt(M_TRIM_THRESHOLD, SPARE)
