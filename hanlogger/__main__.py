"""Run the program as `python -m hanlogger`."""

from hanlogger.cli import app

app(prog_name="hanlogger")
