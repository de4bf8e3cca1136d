"""The terminal: the view fills it, log lines stand at its foot, and it is given back as it was."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live

from hanlogger.live.view import Message, view
from hanlogger.state import State

KEPT = 50  # messages


class _Messages(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[Message] = deque(maxlen=KEPT)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(Message(record.created, record.levelno, record.getMessage()))


@contextmanager
def screen() -> Iterator[Callable[[State], None]]:
    """Takes the terminal; gives what shows a state. What is logged meanwhile is shown, not printed."""
    console = Console()
    messages = _Messages()
    root = logging.getLogger()
    before, root.handlers = root.handlers, [messages]
    try:
        with Live(
            console=console, screen=True, auto_refresh=False, redirect_stderr=False, redirect_stdout=False
        ) as live:
            yield lambda state: live.update(view(state, messages.lines, console.size), refresh=True)
    finally:
        root.handlers = before
