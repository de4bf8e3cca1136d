"""Find frames in octets. This room knows nothing of what a frame says."""

from hanlogger.framing.closing import close_frame
from hanlogger.framing.contents import KINDS, Contents, read_contents
from hanlogger.framing.files import begins_as_hex, find_all, find_in, read_octets
from hanlogger.framing.formats import REASONS
from hanlogger.framing.framer import Framer

__all__ = [
    "KINDS",
    "REASONS",
    "Contents",
    "Framer",
    "begins_as_hex",
    "close_frame",
    "find_all",
    "find_in",
    "read_contents",
    "read_octets",
]
