"""Playing recorded or simulated octets as a meter would send them: to a pseudo-terminal, or over TCP."""

from hanlogger.recordings.replay.outputs import Output
from hanlogger.recordings.replay.play import Played, play
from hanlogger.recordings.replay.recording import Recording, load
from hanlogger.recordings.replay.server import TcpServer
from hanlogger.recordings.replay.shift import Shifted, shift_clocks
from hanlogger.recordings.replay.terminal import PseudoTerminal

__all__ = [
    "Output",
    "Played",
    "PseudoTerminal",
    "Recording",
    "Shifted",
    "TcpServer",
    "load",
    "play",
    "shift_clocks",
]
