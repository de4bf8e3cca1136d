"""The commands. Each is a thin skin over a call into the rooms below."""

import typer

app = typer.Typer(name="hanlogger", no_args_is_help=True)
