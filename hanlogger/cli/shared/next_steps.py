"""Tell what to do after the demo, with commands as they must be typed."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path


def list_next_steps() -> Iterator[str]:
    """Yield the lines that follow a demo: how a real meter is read."""
    program = find_program(sys.argv[0])
    yield "That was the demo. With the cable of your own meter plugged in:"
    yield f"  {program} detect           # finds the cable and its settings"
    yield f"  {program} run --port auto  # reads the meter, and shows it"
    yield f"  {program} doctor           # no data? what is wrong"
    yield "Which cable, and what to ask the grid company for: docs/connect.md"


def find_program(called: str) -> str:
    """Return how this program is typed: by its name where the shell finds it so, else by its path."""
    path = Path(called)
    found = shutil.which(path.name)
    if path.name == "__main__.py":
        return f"{sys.executable} -m hanlogger"
    if found and path.exists() and Path(found).samefile(path):
        return path.name
    return str(path)
