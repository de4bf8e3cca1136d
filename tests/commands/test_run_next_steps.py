"""What `run` says after the demo: the next step, with the command as it must be typed."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from hanlogger.cli.shared.next_steps import find_program
from tests.support.terminal import Terminal
from tests.support.waiting import until


def test_a_demo_that_was_ended_on_a_terminal_says_how_a_real_meter_is_read(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "run", "--port", "demo:")
    try:
        until(lambda: "DEMO: a simulated house" in terminal.shown, "the demo")
        assert "That was the demo" not in terminal.shown
        terminal.process.send_signal(signal.SIGINT)
        until(lambda: "docs/connect.md" in terminal.shown, "what comes next")
        until(lambda: terminal.process.poll() is not None, "it ends")
        assert terminal.process.returncode == 0
        assert f"  {sys.executable} -m hanlogger detect " in terminal.shown
    finally:
        terminal.close()


def test_a_program_is_named_as_it_must_be_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "hanlogger"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", "/nowhere")
    assert find_program(".venv/bin/hanlogger") == ".venv/bin/hanlogger"
    assert find_program(str(program)) == str(program)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_program(str(program)) == "hanlogger"
    other = tmp_path / "other" / "hanlogger"
    other.parent.mkdir()
    other.write_text("another one")
    assert find_program(str(other)) == str(other)
