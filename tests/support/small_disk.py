"""A disk of its own for a test, so small that it is soon full; nobody else sees it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parents[2]


def run(script: str, path: Path, before: Sequence[str] = ()) -> None:
    """In a process of its own; fails with what it says."""
    command = [*before, sys.executable, "-c", script, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def run_with_own_mounts(script: str, path: Path) -> None:
    """As `run`, where it may mount what nobody else sees; skips where that is not allowed."""
    own_mounts = ["unshare", "--user", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None:
        pytest.skip("no unshare: a small disk of its own cannot be made")
    probe = subprocess.run([*own_mounts, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
    if probe.returncode != 0:
        pytest.skip(f"no mounts of one's own here: {probe.stderr.decode()[-200:]}")
    run(script, path, before=own_mounts)


# for the script


def mount(folder: Path, megabytes: int) -> None:
    """A small disk in memory."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", folder], check=True)


def fill_up(folder: Path) -> None:
    """Leave nothing of the disk."""
    with (folder / "filler").open("ab", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(65536))
        except OSError:
            pass
    assert shutil.disk_usage(folder).free == 0
