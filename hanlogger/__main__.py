"""Run the program: as the command `hanlogger`, and as `python -m hanlogger`."""

from __future__ import annotations

import gc
import io
import signal
import sys


def main() -> None:
    """Load the program and run its command line; until it is loaded, Ctrl-C ends the process without a traceback."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # else it is ignored, as in the background of a script
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.disable()  # while the command is loaded, of which nothing is garbage: a sixth of the time
    from hanlogger.cli import app  # noqa: PLC0415 some tenths of a second, in which Ctrl-C may come

    signal.signal(signal.SIGINT, before)
    _let_any_text_be_shown()
    app(prog_name="hanlogger")


def _let_any_text_be_shown() -> None:
    """Have a question mark stand for what the terminal's encoding lacks, such as a frame of the live view."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # None where it was closed before the start
        sys.stdout.reconfigure(errors="replace")


if __name__ == "__main__":
    main()
