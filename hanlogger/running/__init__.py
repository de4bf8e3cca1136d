"""A running logger: the two loops, and around them state, health, retention and systemd's notifications."""

from hanlogger.running.logger import Running
from hanlogger.running.run import DONE, NOT_DELIVERED, REFUSED, run

__all__ = ["DONE", "NOT_DELIVERED", "REFUSED", "Running", "run"]
