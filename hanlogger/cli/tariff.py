"""`hanlogger tariff`: what is paid, in words, checked, fetched, and files to begin with."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from importlib.resources import files as package_files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

import typer

from hanlogger.cli.shared.language import Lang, get_language
from hanlogger.cli.shared.new_file import open_new_file, refuse_existing
from hanlogger.cli.shared.options import ConfigFile, read_settings
from hanlogger.cli.shared.terminal import tell
from hanlogger.cli.tariff_fetch import ask, report
from hanlogger.config.tariff_files import load_tariff, load_tariffs
from hanlogger.errors import ConfigError
from hanlogger.humanize import format_count
from hanlogger.language import Language
from hanlogger.tariffs.base import Choice
from hanlogger.tariffs.contracts import find_gaps
from hanlogger.tariffs.describe import describe
from hanlogger.tariffs.model import Tariff

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    help="What is paid for electricity, from files (docs/tariffs.md).",
)

Files = Annotated[list[Path] | None, typer.Argument(metavar="FILE", help="Tariff files; else those of the settings.")]
WIDTH = 100  # characters of a line of words
EXAMPLES = " All prices are examples."


@app.command()
def show(
    files: Files = None,
    language: Lang = None,
    config: ConfigFile = None,
) -> None:
    """Describe a tariff in words, to compare it with the company's page."""
    chosen = get_language(language)
    tariffs = [load_tariff(file) for file in files or _list_configured(config)]
    for number, tariff in enumerate(tariffs):
        if number:
            typer.echo()
        for line in _describe(tariff, chosen):
            typer.echo(line)


def _describe(tariff: Tariff, language: Language) -> Iterator[str]:
    for number, section in enumerate(describe(tariff)):
        yield f"{'  ' if number else ''}{section.title}"
        indent = "    " if number else "  "
        for text in section.sentences:
            yield from textwrap.wrap(text.to(language), WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ")


@app.command()
def check(files: Files = None, config: ConfigFile = None) -> None:
    """Check tariff files, alone and together. Exit status 2, with one line that says what to do, where one is wrong."""
    chosen = files or _list_configured(config)
    tariffs = load_tariffs(chosen)
    for file, tariff in zip(chosen, tariffs, strict=True):
        typer.echo(
            f"{file}: {tariff.name}, part {tariff.part}, {format_count(len(list(tariff.list_all_lines())), 'line')}"
        )
        for deviation in tariff.deviations:
            typer.echo(f"deviation: {file}: {deviation}", err=True)
    for gap in find_gaps(tariffs):
        typer.echo(f'warning: no tariff of part "{gap.part}" is valid from {gap.start} to {gap.end}', err=True)


@app.command()
def fetch(
    url: Annotated[str, typer.Argument(metavar="URL", help="The address of a grid company's Eltariff API.")],
    identity: Annotated[str | None, typer.Option("--id", metavar="ID", help="The tariff with this id.")] = None,
    product: Annotated[str | None, typer.Option(metavar="PRODUCT", help="Tariffs of this product.")] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Tariffs of this name.")] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="A new file for the answer; - is standard output.")
    ] = Path("-"),
) -> None:
    """Ask an Eltariff API for its tariffs: the answer as it came, and on standard error what can be read of it.

    Exit status 2 where nothing of what is chosen can be read; the answer is written all the same.
    """
    refuse_existing(output)
    text = ask(url, identity).decode("utf-8")
    with open_new_file(output) as file:
        file.write(text)
    for line in report(text, Choice(id=identity, product=product, name=name)):
        tell(line)


def _list_configured(config: Path | None) -> Sequence[Path]:
    """Return the files that the settings name, of all meters."""
    found = read_settings(config, reads_ports=False).tariffs.values()
    files = list(dict.fromkeys(file for those in found for file in those))
    if not files:
        raise ConfigError('there is no tariff: give a FILE, or tariff = "FILE" in hanlogger.toml')
    return files


@app.command()
def examples(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="The example to print.")] = None,
) -> None:
    """List the examples of tariff files, or print one: hanlogger tariff examples three-days > grid.toml."""
    known = {file.name.removesuffix(".toml"): file for file in _list_example_files()}
    if name is None:
        for each, file in known.items():
            first = file.read_text("utf-8").splitlines()[0]
            typer.echo(f"{each:22}{first.removeprefix('# ').removesuffix(EXAMPLES)}")
    elif name in known:
        typer.echo(known[name].read_text("utf-8"), nl=False)
    else:
        raise ConfigError(f"{name} is no example; known are {', '.join(known)}")


def _list_example_files() -> list[Traversable]:
    folder = package_files("hanlogger.tariffs") / "examples"
    return sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
