"""The real program in processes of their own, forked from one that has loaded it (`tests.support.fork_server`).

What a program gets at its start by `exec`, or does while it loads, is for tests that run COMMAND by subprocess.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import IO

COMMAND = (sys.executable, "-m", "hanlogger")
SERVER = (sys.executable, "-m", "tests.support.fork_server")
ROOT = Path(__file__).parents[2]


class ForkServer:
    """What forks the programs of this process of the tests."""

    def __init__(self) -> None:
        self._requests, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            self._process = subprocess.Popen(SERVER, cwd=ROOT, stdin=other.fileno())
        self._lock = Lock()
        atexit.register(self._end)

    def ask(self, request: Mapping[str, object], streams: tuple[int, ...] = ()) -> int:
        """Its answer to a request; streams: file descriptors that go with it."""
        with self._lock:
            socket.send_fds(self._requests, [json.dumps(request).encode()], streams)
            return int(self._requests.recv(16))

    def _end(self) -> None:
        self._requests.close()
        self._process.wait()


@cache
def find_fork_server() -> ForkServer:
    return ForkServer()


class ForkedCommand:
    """A command of hanlogger in a process of its own, with the methods of subprocess.Popen."""

    def __init__(
        self,
        arguments: tuple[str, ...],
        folder: Path,
        environ: Mapping[str, str],
        stdin: IO[bytes] | int | None = None,
        stdout: IO[bytes] | int | None = None,
        stderr: IO[bytes] | int | None = None,
    ) -> None:
        """Start it; a stream that is not given is /dev/null."""
        request = {"arguments": arguments, "folder": str(folder), "environ": dict(environ)}
        with Path(os.devnull).open("r+b") as nothing:
            given = (nothing if stream is None else stream for stream in (stdin, stdout, stderr))
            streams = tuple(stream if isinstance(stream, int) else stream.fileno() for stream in given)
            self.pid = find_fork_server().ask(request, streams)
        self.returncode: int | None = None
        self._end = os.pidfd_open(self.pid)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, negative for a signal; TimeoutExpired when it has not ended within `timeout` seconds."""
        if self.returncode is None:
            ended = select.poll()
            ended.register(self._end)
            if not ended.poll(None if timeout is None else 1000 * timeout):
                raise subprocess.TimeoutExpired(COMMAND, timeout or 0)
            os.close(self._end)
            self.returncode = find_fork_server().ask({"ended": self.pid})  # until then no other has its number
        return self.returncode

    def poll(self) -> int | None:
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> ForkedCommand:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.wait()
