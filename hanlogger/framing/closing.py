"""Turn frames back into the octets on a wire."""

from __future__ import annotations

from hanlogger.framing.framer import FORMATS
from hanlogger.model import Frame


def close_frame(frame: Frame) -> bytes:
    """Return a frame as the meter sent it, with what closes it on the wire: a flag, a line end, or nothing.

    That is no part of a frame, because it may be missing; other programs wait for it.
    """
    row = FORMATS.get(frame.data[0]) if frame.data else None
    return frame.data + (row.fill if row else b"")
