"""The doctor in tests: in this process, with little patience."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hanlogger.cli.shared.demo import with_demo_meter
from hanlogger.config import load
from hanlogger.doctor import Finding, Host, Level, examine
from hanlogger.doctor.report import as_lines
from hanlogger.hostclock import HOST, HostClock
from hanlogger.language import LANGUAGES
from tests.support.octets import telegram
from tests.support.telegrams import ROWS

NORMAL_TIME = timedelta(hours=1)
WAIT = 30.0  # seconds, which pass only where a test's meter, which sends twenty times a second, is not heard
SHORT = 1.5  # seconds, where nothing that can be read will come
LISTEN = 1.0  # seconds for each line setting


def examined(
    folder: Path,
    *,
    host_clock: HostClock = HOST,
    wait: float = WAIT,
    listen: float = LISTEN,
    nobody: bool = False,
    port_given: bool = False,
    **variables: str,
) -> list[Finding]:
    """What the doctor finds, run with these HANLOGGER_ variables and its journal in `folder`."""
    environ = {f"HANLOGGER_{name.upper()}": value for name, value in variables.items()}
    environ.setdefault("HANLOGGER_JOURNAL", str(folder / "journal.sqlite3"))
    missing = folder / "none.toml"
    missing.touch()
    chosen = load(missing, environ)
    chosen = replace(chosen, ports=tuple(map(with_demo_meter, chosen.ports)))
    host = Host(chosen, wait, listen, host_clock, port_given)
    with as_nobody() if nobody else nullcontext():
        return list(examine(host))


def keys(findings: list[Finding]) -> list[str]:
    return [finding.key for finding in findings]


def wrong(findings: list[Finding]) -> Finding:
    """The one at which it stopped; it has words in both languages."""
    last = findings[-1]
    assert last.level is Level.WRONG, keys(findings)
    for language in LANGUAGES:
        _saw, *rest = as_lines(last, language)
        assert len(rest) > 2, rest
    return last


def english(finding: Finding) -> str:
    return "\n".join(as_lines(finding, "en"))


def now_telegram(ahead: timedelta = timedelta(), *rows: str) -> bytes:
    """A Swedish telegram whose clock is right, or so much ahead."""
    clock = (datetime.now(UTC) + NORMAL_TIME + ahead).strftime("%y%m%d%H%M%S")
    return telegram(f"0-0:1.0.0({clock}W)", *(rows or ROWS[1:]))


@contextmanager
def bridge(*messages: bytes | Callable[[], bytes], every: float = 0.05) -> Iterator[str]:
    """A TCP bridge that sends the messages in turn, to one connection after the other; its `socket://` address."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        thread = threading.Thread(target=_serve, args=(listening, messages, every, ended), daemon=True)
        thread.start()
        try:
            yield f"socket://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            ended.set()
            thread.join()


def _serve(
    listening: socket.socket, messages: tuple[bytes | Callable[[], bytes], ...], every: float, ended: threading.Event
) -> None:
    while not ended.is_set():
        try:
            connection, _ = listening.accept()
        except TimeoutError:
            continue
        with connection:
            _send(connection, messages, every, ended)


def _send(
    connection: socket.socket,
    messages: tuple[bytes | Callable[[], bytes], ...],
    every: float,
    ended: threading.Event,
) -> None:
    number = 0
    try:
        while not ended.wait(every):
            if messages:
                message = messages[number % len(messages)]
                connection.sendall(message if isinstance(message, bytes) else message())
                number += 1
            elif connection.recv(1) == b"":
                return
    except OSError:
        return


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without root's right to open everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
