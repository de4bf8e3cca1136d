"""`hanlogger config check` and `hanlogger config example`: the settings in force, and a file with all settings."""

from __future__ import annotations

import os

import typer

from hanlogger.cli.shared.options import ConfigFile
from hanlogger.config import load
from hanlogger.config.layers import stack_layers
from hanlogger.config.listing import list_defaults, list_given, make_example_file
from hanlogger.config.schema import Schema
from hanlogger.config.tariff_files import load_tariffs

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="markdown", help="Look at the settings.")


@app.command()
def check(config: ConfigFile = None) -> None:
    """Check the settings, and print what is in force and where each came from. Secrets are not shown."""
    settings = load(config, os.environ)
    for warning in settings.warnings:
        typer.echo(f"warning: {warning}", err=True)
    for files in settings.tariffs.values():
        load_tariffs(files)
    layers = stack_layers(config, os.environ, {})
    table = [*list_given(Schema.model_validate(layers.tree), layers)]
    given = {row.title for row in table}
    table += [row for row in list_defaults(settings) if row.title not in given]
    width = max(len(row.title) for row in table)
    for row in table:
        typer.echo(f"{row.title:{width}}  {row.value}  ({row.origin})")
    if not settings.ports:
        typer.echo("warning: there is no port, so there is nothing to read", err=True)


@app.command()
def example() -> None:
    """Print a configuration file with every setting explained: hanlogger config example > hanlogger.toml."""
    typer.echo(make_example_file(), nl=False)
