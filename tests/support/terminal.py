"""A hanlogger on a terminal of its own."""

from __future__ import annotations

import fcntl
import os
import re
import select
import struct
import termios
from contextlib import suppress
from pathlib import Path

from tests.support.logger import environment
from tests.support.programs import ForkedCommand


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, folder: Path, *arguments: str, rows: int = 24, columns: int = 80) -> None:
        self._end, other = os.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environ = {**environment(folder), "TERM": "xterm-256color"}
        del environ["COLUMNS"]
        self.process = ForkedCommand(arguments, folder, environ, stdin=other, stdout=other, stderr=other)
        os.close(other)
        self._shown = ""

    @property
    def shown(self) -> str:
        """All that was written so far, without colours and places."""
        with suppress(OSError):  # the command has ended
            while select.select([self._end], [], [], 0)[0]:
                self._shown += os.read(self._end, 65536).decode("utf-8", "replace")
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self._shown)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._end)
