"""Files that settings name: where they are, and what secrets are in them."""

from __future__ import annotations

import stat
from pathlib import Path

from pydantic import SecretStr

from hanlogger.config import checks
from hanlogger.config.faults import where
from hanlogger.config.layers import Layers, SettingPath
from hanlogger.config.schema import DestinationTable, GrafanaTable, MeterTable, Schema
from hanlogger.config.settings import Grafana
from hanlogger.errors import ConfigError
from hanlogger.model import Key


class Files:
    """A relative path in the configuration file counts from that file's folder, any other from the current one."""

    def __init__(self, layers: Layers) -> None:
        self._layers = layers
        self.warnings: list[str] = []

    def path(self, given: Path | None, place: SettingPath) -> Path | None:
        """A path made whole."""
        if given is None:
            return None
        file = self._layers.file
        in_file = file is not None and self._layers.origin(place) == str(file)
        return (file.parent if file and in_file else Path()) / given.expanduser()

    def secret(self, given: Path | None, place: SettingPath) -> Path | None:
        """The path of a secret that is read where it is used, made whole."""
        file = self.path(given, place)
        if file is not None:
            self._warn_if_open(file)
        return file

    def port(self, url: str, place: SettingPath) -> str:
        """`file:PATH` with its path made whole."""
        path = self.path(Path(url.removeprefix("file:")), place) if url.startswith("file:") else None
        return f"file:{path}" if path else url

    def keys(self, table: MeterTable, place: SettingPath) -> tuple[Key, ...]:
        """The keys given, else those of the key file: one a line, empty lines and # comments left out."""
        file = self.path(table.key_file, (*place, "key_file"))
        if file is None:
            self._in_file((*place, "keys"))
            return tuple(checks.key(one.get_secret_value()) for one in table.keys)
        lines = (line.partition("#")[0].strip() for line in self._read(file, (*place, "key_file")).splitlines())
        try:
            return tuple(checks.key(line) for line in lines if line)
        except ValueError:
            allowed = "a key a line, each 32 hex digits, an authentication key after a colon"
            raise ConfigError(
                f"{self.where((*place, 'key_file'))}: found no key in {file}; allowed: {allowed}"
            ) from None

    def notify(self, schema: Schema) -> str | None:
        """Where alerts are sent."""
        file = self.path(schema.notify_file, ("notify_file",))
        if file is not None:
            return self._read(file, ("notify_file",)).strip()
        self._in_file(("notify",))
        return schema.notify.get_secret_value() if schema.notify else None

    def token(self, table: DestinationTable, place: SettingPath) -> SecretStr | None:
        """The token that is given as such; a token file is read at each attempt."""
        self._in_file((*place, "token"))
        return table.token

    def grafana(self, table: GrafanaTable) -> Grafana:
        """Its password is read where it is used: nothing else fails without it."""
        self._in_file(("grafana", "password"))
        file = self.secret(table.password_file, ("grafana", "password_file"))
        return Grafana(table.url, table.user, table.password, file)

    def where(self, place: SettingPath) -> str:
        """For an error's text."""
        return where(place, self._layers)

    def _in_file(self, place: SettingPath) -> None:
        if self._layers.file and self._layers.origin(place) == str(self._layers.file):
            self._warn_if_open(self._layers.file)

    def _read(self, file: Path, place: SettingPath) -> str:
        self._warn_if_open(file)
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            words = getattr(error, "strerror", None) or "not UTF-8 text"
            raise ConfigError(
                f"{self.where(place)}: found {file}, which cannot be read ({words}); allowed: a file"
            ) from error

    def _warn_if_open(self, file: Path) -> None:
        """A secret that every user of the machine can read is said once."""
        try:
            mode = file.stat().st_mode
        except OSError:
            return
        if mode & stat.S_IROTH:
            self.warnings.append(f"{file} holds a secret and can be read by every user: chmod o-r {file}")
