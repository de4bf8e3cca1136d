"""The terminal: filled with the view, log lines at the bottom, and restored at the end."""

from __future__ import annotations

import logging
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.live import Live

from hanlogger.archive.history import History
from hanlogger.live.past import Past
from hanlogger.live.view import Message, show_view
from hanlogger.status.state import State

MOST_MESSAGES = 50  # of the log that are kept for the view


class _Messages(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[Message] = deque(maxlen=MOST_MESSAGES)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(Message(record.created, record.levelno, record.getMessage()))


def _show_view(state: State, messages: _Messages, console: Console, past: Past) -> RenderableType:
    try:
        return show_view(state, messages.lines, console.size, past)
    except Exception as error:  # noqa: BLE001 what is shown never stops what is recorded
        return f"This cannot be shown, which is a fault of hanlogger's: {error!r}. Recording goes on."


@contextmanager
def open_screen(history: History) -> Iterator[Callable[[State], None]]:
    """Fill the terminal, and yield a function that shows a state. Log lines become a part of the view."""
    console = Console()
    messages, past = _Messages(), Past(history)
    root = logging.getLogger()
    before = root.handlers
    root.handlers = [messages, *(() if console.is_terminal and sys.stderr.isatty() else before)]
    try:
        with Live(
            console=console, screen=True, auto_refresh=False, redirect_stderr=False, redirect_stdout=False
        ) as live:
            yield lambda state: live.update(_show_view(state, messages, console, past), refresh=True)
    finally:
        root.handlers = before
        history.close()
