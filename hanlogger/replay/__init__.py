"""Playing recorded or simulated octets back as a meter would send them: to a pseudo-terminal, or over TCP."""

from hanlogger.replay.now import Moved, at_play_time
from hanlogger.replay.outputs import Output
from hanlogger.replay.play import Played, play
from hanlogger.replay.recording import Recording, load
from hanlogger.replay.server import TcpServer
from hanlogger.replay.terminal import PseudoTerminal

__all__ = [
    "Moved",
    "Output",
    "Played",
    "PseudoTerminal",
    "Recording",
    "TcpServer",
    "at_play_time",
    "load",
    "play",
]
