"""Playing recorded or simulated octets back as a meter would send them: to a pseudo-terminal, or over TCP."""

from hanlogger.recordings.replay.now import Moved, at_play_time
from hanlogger.recordings.replay.outputs import Output
from hanlogger.recordings.replay.play import Played, play
from hanlogger.recordings.replay.recording import Recording, load
from hanlogger.recordings.replay.server import TcpServer
from hanlogger.recordings.replay.terminal import PseudoTerminal

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
