"""A process that has loaded hanlogger, and forks the real program from itself: each costs a tenth of a start.

`tests.support.programs` asks it, by messages over the socket that is its standard input. It ends when nobody can ask.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from importlib import import_module
from typing import Any

from hanlogger import __main__
from hanlogger.cli import COMMANDS

LONGEST = 1 << 20
"""Octets of a message."""


def serve(requests: socket.socket) -> dict[str, Any] | None:
    """Start programs and say how they have ended until nobody can ask; in each program return what it is to do."""
    while True:
        message, streams, _, _ = socket.recv_fds(requests, LONGEST, 3)
        if not message:
            return None
        request: dict[str, Any] = json.loads(message)
        if "ended" in request:
            answer = os.waitstatus_to_exitcode(os.waitpid(request["ended"], 0)[1])
        elif not (answer := os.fork()):
            requests.detach()  # its number is that of the standard input
            take_streams(streams)
            return request
        for stream in streams:
            os.close(stream)
        requests.send(str(answer).encode())


def take_streams(streams: list[int]) -> None:
    """Make these the standard streams, as at the start of Python, and have nothing else open."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, max(streams) + 1)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 until the end
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115


def become_program(request: dict[str, Any]) -> None:
    """Run hanlogger with the arguments, folder and environment of the request, as `python -m hanlogger` does."""
    sys.argv = [__main__.__file__, *request["arguments"]]
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environ"])
    time.tzset()
    __main__.main()


def main() -> None:
    """Load every command, and serve."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for place in COMMANDS.values():
        import_module(f"hanlogger.cli.{place.partition(':')[0]}")
    try:
        request = serve(socket.socket(fileno=0))
    except KeyboardInterrupt:  # Ctrl-C ends the tests
        return
    if request:
        become_program(request)


if __name__ == "__main__":
    main()
