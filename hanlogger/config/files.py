"""Files that settings name: paths resolved, secrets read, and a warning where everybody can read a secret."""

from __future__ import annotations

import stat
from pathlib import Path

from pydantic import SecretStr

from hanlogger.config import checks, key_file
from hanlogger.config.explain import name_origin
from hanlogger.config.layers import Layers
from hanlogger.config.places import SettingPath
from hanlogger.config.schema import DestinationTable, GrafanaTable, MeterTable, Schema
from hanlogger.config.settings import Grafana
from hanlogger.config.tables import Table
from hanlogger.errors import ConfigError
from hanlogger.model import Key


class Files:
    """Resolves paths: those in the configuration file from that file's folder, all others from the current one."""

    def __init__(self, layers: Layers) -> None:
        self._layers = layers
        self.warnings: list[str] = []

    def resolve_path(self, given: Path | None, setting: SettingPath) -> Path | None:
        """Return a path of a setting, resolved; None for None."""
        if given is None:
            return None
        folder = self._layers.file.parent if self._layers.file and self._is_in_file(setting) else Path()
        return folder / given.expanduser()

    def resolve_paths(self, given: tuple[Path, ...], setting: SettingPath) -> tuple[Path, ...]:
        """Return the paths of a setting, each resolved."""
        return tuple(path for each in given if (path := self.resolve_path(each, setting)))

    def resolve_secret(self, given: Path | None, setting: SettingPath) -> Path | None:
        """Return the resolved path of a secret's file, which is read where it is used; warn if all may read it."""
        file = self.resolve_path(given, setting)
        if file is not None:
            self._warn_if_open(file)
        return file

    def resolve_port(self, url: str, setting: SettingPath) -> str:
        """Return a port; of `file:PATH` the path is resolved."""
        path = self.resolve_path(Path(url.removeprefix("file:")), setting) if url.startswith("file:") else None
        return f"file:{path}" if path else url

    def read_keys(self, table: MeterTable, setting: SettingPath) -> tuple[Key, ...]:
        """Return the keys that are given, or those in the key file; ConfigError for a file that cannot be used."""
        file = self.resolve_path(table.key_file, (*setting, "key_file"))
        if file is None:
            self._warn_if_given_openly((*setting, "keys"))
            return tuple(checks.check_key(one.get_secret_value()) for one in table.keys)
        text = self._read_text(file, (*setting, "key_file"))
        try:
            return key_file.read_keys(text)
        except ValueError:
            origin = self.name_origin((*setting, "key_file"))
            raise ConfigError(f"{origin}: found no key in {file}; allowed: {key_file.ALLOWED}") from None

    def read_notify(self, schema: Schema) -> str | None:
        """Return where alerts are sent: the setting, or what is in its file; None where neither is given."""
        file = self.resolve_path(schema.notify_file, ("notify_file",))
        if file is not None:
            return self._read_text(file, ("notify_file",)).strip()
        self._warn_if_given_openly(("notify",))
        return schema.notify.get_secret_value() if schema.notify else None

    def get_token(self, table: DestinationTable, setting: SettingPath) -> SecretStr | None:
        """Return the token that is given as such; a token file is read by delivery, at each attempt."""
        return self.get_secret(table.token, (*setting, "token"))

    def get_secret(self, secret: SecretStr | None, setting: SettingPath) -> SecretStr | None:
        """Return a secret that is given as such; warn if every user may read the configuration file that holds it."""
        if secret is not None:
            self._warn_if_given_openly(setting)
        return secret

    def build_grafana(self, table: GrafanaTable) -> Grafana:
        """Return how to reach Grafana; the file of its password is read where it is used, as nothing else needs it."""
        self._warn_if_given_openly(("grafana", "password"))
        file = self.resolve_secret(table.password_file, ("grafana", "password_file"))
        return Grafana(table.url, table.user, table.password, file)

    def name_origin(self, setting: SettingPath) -> str:
        """Return the origin of a setting, for an error's text."""
        return name_origin(setting, self._layers)

    def refuse_given(self, table: Table, here: SettingPath, port: str, allowed: str) -> None:
        """Raise ConfigError for a setting that the file has in a table which does not fit the port beside it."""
        for setting in ((*here, key) for key in sorted(table.model_fields_set)):
            if self._is_in_file(setting):
                raise ConfigError(
                    f"{self.name_origin(setting)}: found beside the port {port}; allowed: with {allowed} only"
                )

    def _is_in_file(self, setting: SettingPath) -> bool:
        """Return whether the configuration file gives a setting, and nothing above it does."""
        return self._layers.file is not None and self._layers.find_origin(setting) == str(self._layers.file)

    def _warn_if_given_openly(self, setting: SettingPath) -> None:
        if self._layers.file and self._is_in_file(setting):
            self._warn_if_open(self._layers.file)

    def _read_text(self, file: Path, setting: SettingPath) -> str:
        self._warn_if_open(file)
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            words = getattr(error, "strerror", None) or "not UTF-8 text"
            raise ConfigError(
                f"{self.name_origin(setting)}: found {file}, which cannot be read ({words}); allowed: a file"
            ) from error

    def _warn_if_open(self, file: Path) -> None:
        """Warn of a secret's file that every user of the machine can read."""
        try:
            mode = file.stat().st_mode
        except OSError:
            return
        if mode & stat.S_IROTH:
            self.warnings.append(f"{file} holds a secret and can be read by every user: chmod o-r {file}")
