"""What `hanlogger run` keeps going: the loops, and around them health, state, room on the disk, and systemd's word."""

from hanlogger.running.run import DONE, NOT_DELIVERED, REFUSED, Running, run

__all__ = ["DONE", "NOT_DELIVERED", "REFUSED", "Running", "run"]
