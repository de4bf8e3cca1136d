"""A signal stops a command at whatever moment it comes."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
COMES = """
import os, signal, sys
from hanlogger.cli.shared.signals import stopped_by
stop = stopped_by()
with stop._cond:  # as in the middle of stop.wait()
    os.kill(os.getpid(), int(sys.argv[1]))
sys.exit(0 if stop.wait(10) else "the event is not set")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_middle_of_waiting_for_it_does_not_hang(number: signal.Signals) -> None:
    command = [sys.executable, "-c", COMES, str(int(number))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr


def test_other_signals_mean_what_they_always_mean() -> None:
    command = [sys.executable, "-c", COMES, str(int(signal.SIGALRM))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == -signal.SIGALRM
