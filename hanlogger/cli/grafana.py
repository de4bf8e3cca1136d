"""`hanlogger grafana provision` and `hanlogger grafana rules`: provisioning files for a Grafana of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from hanlogger.boards.configured import from_settings
from hanlogger.boards.data_source import refer_to_secret
from hanlogger.boards.provisioning import make_rule_files, write
from hanlogger.boards.provisioning import provision as write_all
from hanlogger.boards.settings import DataSource
from hanlogger.cli.shared.options import ConfigFile, read_settings
from hanlogger.config import Settings
from hanlogger.errors import ConfigError
from hanlogger.language import Language

grafana_app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Boards and alert rules for a Grafana: its provisioning files."
)

RESTART = (
    "Grafana reads rules when it starts. Restart it now: docker compose restart grafana, or "
    "sudo systemctl restart grafana-server."
)

Lang = Annotated[
    Language | None,
    typer.Option(metavar="en|sv", help="The language of titles and messages; else the one that is set."),
]


@grafana_app.command()
def provision(
    directory: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="Grafana's provisioning folder, or one to be copied there.")
    ],
    password_file: Annotated[
        Path,
        typer.Option(metavar="FILE", help="Where Grafana finds the password of --user, or a token that may read."),
    ],
    config: ConfigFile = None,
    seen_as: Annotated[
        Path | None, typer.Option(metavar="DIR", help="What Grafana calls --dir, where it is another path to it.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="InfluxDB as Grafana reaches it; as hanlogger does by default.")
    ] = None,
    user: Annotated[str, typer.Option(metavar="NAME", help="An InfluxDB v1 user; any name with a token.")] = "grafana",
    lang: Lang = None,
) -> None:
    """Write data source, boards and alert rules for a Grafana of your own.

    Grafana reads boards each 30 seconds and all else at its start. It does not start without the file of the password.
    """
    chosen = read_settings(config)
    boards, rules = from_settings(chosen, lang)
    source = _make_source(chosen, url, user, password_file)
    with _explain_errors():
        written = write_all(directory, boards, rules, source, seen_as)
    for path in written:
        typer.echo(path)
    typer.echo(RESTART, err=True)


@grafana_app.command()
def rules(
    config: ConfigFile = None,
    directory: Annotated[
        Path | None,
        typer.Option("--dir", metavar="DIR", help="Grafana's provisioning folder; without it the rules are printed."),
    ] = None,
    lang: Lang = None,
) -> None:
    """Write the alert rules and where messages go, from your limits; a wrong setting leaves the old files.

    Grafana must be restarted to read them: docker compose restart grafana, or sudo systemctl restart grafana-server.
    """
    _, chosen = from_settings(read_settings(config), lang)
    if directory is None:
        typer.echo("---\n".join(make_rule_files(chosen).values()), nl=False)
        return
    with _explain_errors():
        written = write(make_rule_files(chosen, directory), directory)
    for path in written:
        typer.echo(path)
    typer.echo(RESTART, err=True)


@contextmanager
def _explain_errors() -> Iterator[None]:
    """Turn an OSError of a folder or file that cannot be written into a ConfigError."""
    try:
        yield
    except OSError as error:
        path = error.filename or "a file"
        raise ConfigError(f"{path} cannot be written: {error.strerror}; allowed: a folder to write to") from error


def _make_source(chosen: Settings, url: str | None, user: str, password_file: Path) -> DataSource:
    """Return a data source of the first InfluxDB, read by `user`. It is not the default, which may exist already."""
    configured = chosen.influxdbs[0] if chosen.influxdbs else None
    where = url or (configured.url if configured else None)
    if where is None:
        raise ConfigError("no InfluxDB: give its address by --url, HANLOGGER_INFLUXDB_URL or [influxdb] url")
    bucket = configured.bucket if configured else DataSource.bucket
    return DataSource(where, bucket, user, refer_to_secret(password_file), default=False)
