"""A maker of the manual's picture of the live view: the program runs in a terminal of tmux, and chromium draws it.

`python -m tools.pictures FILE.png COMMAND…`, such as `docs/pictures/run.png hanlogger run --port demo:`. It needs tmux
and chromium, and waits a minute, so that the meter has told its interval.
"""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

COLUMNS, LINES = 96, 24
SECONDS = 70
CHARACTER, LINE, MARGIN = 12, 24, 16  # pixels
BROWSER = ("chromium", "--headless", "--no-sandbox", "--hide-scrollbars", "--disable-gpu")
PAGE = f"""
<!DOCTYPE html><meta charset="utf-8"><style>{{stylesheet}}
body {{{{ margin: {MARGIN}px; background: #0c0c0c; color: #e3e3dd }}}}
pre {{{{ margin: 0; font: 20px/{LINE}px "DejaVu Sans Mono", monospace }}}}
</style><pre>{{code}}</pre>
"""


def run_in_terminal(command: str) -> str:
    """Return what a terminal shows after some time of a command, with the sequences of its colours."""
    with tempfile.TemporaryDirectory() as folder:
        tmux = ("tmux", "-L", f"pictures-{os.getpid()}", "-f", "/dev/null")
        size = ("-x", str(COLUMNS), "-y", str(LINES))
        colours = ("-e", "COLORTERM=truecolor", "-e", "TERM=xterm-256color")
        subprocess.run([*tmux, "new-session", "-d", *size, *colours, command], check=True, cwd=folder)  # noqa: S603
        try:
            time.sleep(SECONDS)
            shown = subprocess.run([*tmux, "capture-pane", "-e", "-p"], check=True, capture_output=True, text=True)  # noqa: S603
        finally:
            subprocess.run([*tmux, "kill-server"], check=False)  # noqa: S603
    return shown.stdout.rstrip()


def draw(shown: str, picture: Path) -> None:
    """Draw what a terminal shows as a picture."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(shown), soft_wrap=True)
    page = console.export_html(theme=MONOKAI, code_format=PAGE, inline_styles=True)
    size = f"{COLUMNS * CHARACTER + 2 * MARGIN},{(shown.count(chr(10)) + 1) * LINE + 2 * MARGIN}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(page)
        options = (f"--screenshot={picture.absolute()}", f"--window-size={size}", file.as_uri())
        subprocess.run([*BROWSER, *options], check=True, capture_output=True)  # noqa: S603


if __name__ == "__main__":
    draw(run_in_terminal(shlex.join(sys.argv[2:])), Path(sys.argv[1]))
