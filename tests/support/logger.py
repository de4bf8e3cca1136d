"""The real program in a process of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from typer.testing import CliRunner

from hanlogger.cli import app
from hanlogger.status import state, state_file
from tests.support.programs import COMMAND, ForkedCommand
from tests.support.waiting import PATIENCE, until


def environment(folder: Path, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Nothing of hanlogger's but what is given, and a home of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HANLOGGER_")}
    journal = {"HANLOGGER_JOURNAL": str(folder / "journal.sqlite3"), "HANLOGGER_WEB_LISTEN": "off"}
    return {**kept, "HOME": str(folder), "COLUMNS": "120", **journal, **(given or {})}


def command(
    folder: Path, *arguments: str, environ: Mapping[str, str] | None = None, standard_input: bytes = b""
) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    with ExitStack() as opened:
        streams = [opened.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
        streams[0].write(standard_input)
        streams[0].seek(0)
        process = ForkedCommand(arguments, folder, environment(folder, environ), *streams)
        try:
            status = process.wait(PATIENCE)
        finally:
            process.kill()
        for stream in streams:
            stream.seek(0)
        _, said, told = (stream.read().decode() for stream in streams)
        return subprocess.CompletedProcess(arguments, status, said, told)


def call(folder: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself, in this process: what it answers where no process of its own is the point."""
    with contextlib.chdir(folder):
        done = CliRunner().invoke(app, arguments, env=environment(folder, environ))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


class Logger:
    """`hanlogger run`, running."""

    def __init__(self, folder: Path, process: ForkedCommand | subprocess.Popen[bytes]) -> None:
        self.folder = folder
        self.process = process

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    @property
    def state(self) -> state.State | None:
        """What it says of itself; nothing while there is only what another left."""
        found = state_file.read_state(state_file.find_state_path(self.folder / "journal.sqlite3"))
        return found if found and found.pid == self.process.pid else None

    def reads(self, meter: str) -> bool:
        """Whether its port is open: what a line held before that is thrown away, as it may begin in mid-telegram."""
        return self.state is not None and any(one.name == meter and one.state == "open" for one in self.state.meters)

    def frames(self, meter: str) -> int:
        """Telegrams recorded, as it says."""
        found = next((one for one in self.state.meters if one.name == meter), None) if self.state else None
        return found.counts.get("frames", 0) if found else 0

    def resident(self) -> int:
        """kB of memory."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1])

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Its exit status; it has five seconds."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def start(folder: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> ForkedCommand:
    """`run` in a process whose words go to `folder`/log."""
    with (folder / "log").open("ab") as log:
        return ForkedCommand(("run", *arguments), folder, environment(folder, environ), stdout=log, stderr=log)


def start_alone(folder: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """`run`, as `start` does it, in a process that loads what it needs itself: for tests of its memory."""
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [*COMMAND, "run", *arguments],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, env=environment(folder, environ),
        )  # fmt: skip


@contextmanager
def logger(
    folder: Path, *arguments: str, environ: Mapping[str, str] | None = None, alone: bool = False
) -> Iterator[Logger]:
    """A logger, from when it runs; alone: see start_alone."""
    process = (start_alone if alone else start)(folder, *arguments, environ=environ)
    running = Logger(folder, process)
    try:
        until(lambda: running.state or process.poll() is not None, "the logger runs")
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


@contextmanager
def playing(command: str, folder: Path, *arguments: str) -> Iterator[tuple[ForkedCommand, str]]:
    """Start `replay` or `simulate`; yield the process, and the port that it says it plays to."""
    with (folder / "said").open("wb") as said:
        process = ForkedCommand((command, *arguments), folder, environment(folder), stderr=said)
    try:
        words = until((folder / "said").read_text, "it says where it plays to")
        yield process, words.partition(" once")[0].removeprefix("plays to ")
    finally:
        process.kill()
        process.wait()
