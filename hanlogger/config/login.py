"""Build who logs in at a broker, of the two tables that name one."""

from __future__ import annotations

from hanlogger.config.files import Files
from hanlogger.config.places import SettingPath
from hanlogger.config.tables import LoginTable
from hanlogger.mqtt.login import Login


def build_login(table: LoginTable, here: SettingPath, files: Files) -> Login:
    """Return the login of the table at a place in the settings. Raises ConfigError."""
    return Login(
        table.user,
        files.get_secret(table.password, (*here, "password")),
        files.resolve_secret(table.password_file, (*here, "password_file")),
        files.resolve_path(table.ca_file, (*here, "ca_file")),
        files.resolve_path(table.cert_file, (*here, "cert_file")),
        files.resolve_secret(table.key_file, (*here, "key_file")),
    )
