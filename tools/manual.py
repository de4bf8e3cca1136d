"""A writer of the two pages of the manual that are generated from the code: docs/commands.md and docs/settings.md.

`python -m tools.manual` writes both; a test compares the committed pages with what it would write.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import typer
from typer.cli import get_docs_for_click

from hanlogger.cli import app
from hanlogger.config.environment import map_variables
from hanlogger.config.places import PLACES, Place
from hanlogger.config.schema import get_about
from hanlogger.config.tables import list_settings

DOCS = Path(__file__).parents[1] / "docs"

COMMANDS_HEAD = """\
# Commands

<!-- Written by tools/manual.py from the program's own help texts. -->

`hanlogger COMMAND -h` shows the same in the terminal. Exit status of every command: 0 it did what it was asked, 1
it could not or something is wrong, 2 wrong usage, a setting that must be changed, or a port or a file that cannot be
opened.

`hanlogger --install-completion` teaches the shell that it is called from (bash, zsh, fish or PowerShell) to complete
commands, options and their values with Tab, in each new terminal; `hanlogger --show-completion` shows what that adds.
"""

SETTINGS_HEAD = """\
# Settings

<!-- Written by tools/manual.py from hanlogger/config/schema.py. -->

There are three ways to give a setting; the later wins: a file `hanlogger.toml`, a variable of the environment, an
option of a command. The file is looked for as `--config FILE`, `HANLOGGER_CONFIG`, `./hanlogger.toml`,
`~/.config/hanlogger/hanlogger.toml`, `/etc/hanlogger/hanlogger.toml`. An empty variable counts as not given. With
several `[[meter]]` in the file a variable for one meter is an error. Further databases stand in `[destination.NAME]`,
with the settings of `[influxdb]`.

`hanlogger config example` prints a file with every setting, `hanlogger config check` what is in force and where each
came from. A wrong or unknown setting ends with one line that names the file, the key, what was found and what is
allowed.
"""


def commands_page() -> str:
    """Return the page of all commands and their options, as Markdown."""
    group = typer.main.get_command(app)
    written = get_docs_for_click(obj=group, ctx=typer.Context(group, info_name="hanlogger"), name="hanlogger", title="")
    return COMMANDS_HEAD + "\n" + written.partition("\n## ")[1].lstrip() + written.partition("\n## ")[2].rstrip() + "\n"


def settings_page() -> str:
    """Return the page of all settings, as Markdown."""
    return SETTINGS_HEAD + "".join(map(_table, PLACES))


def _table(place: Place) -> str:
    head = "| setting | what it is | allowed | example | variable |\n| --- | --- | --- | --- | --- |\n"
    return f"\n## {_title(place)}\n\n{head}{''.join(_settings(place))}"


def _title(place: Place) -> str:
    if place.in_meter:
        return f"`{place.name}.` of a meter"
    return f"`{place.header}`: {place.text}" if place.header else "At the top of the file"


def _settings(place: Place) -> Iterator[str]:
    variables = {where: name for name, (where, _) in map_variables().items()}
    for key in list_settings(place.table):
        if told := get_about(place.table, key):
            variable = variables.get((*place.path, key), "")
            name = f"`{place.prefix}{key}`"
            cells = (name, told.text, told.allowed, f"`{told.example}`", variable and f"`{variable}`")
            yield f"| {' | '.join(map(_cell, cells))} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n\n", "<br>").replace("\n", " ")


def main() -> None:
    """Write both pages into docs/."""
    (DOCS / "commands.md").write_text(commands_page(), encoding="utf-8")
    (DOCS / "settings.md").write_text(settings_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
