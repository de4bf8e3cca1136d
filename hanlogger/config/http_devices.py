"""The settings of devices that are read by HTTP or WebSocket, checked against their ports."""

from __future__ import annotations

from hanlogger.config.files import Files
from hanlogger.config.places import SettingPath
from hanlogger.config.schema import MeterTable
from hanlogger.sources import WEB, WebLogin, find_scheme


def build_web(table: MeterTable, setting: SettingPath, files: Files) -> WebLogin | None:
    """Return the login for the device behind a meter's port; None for a port without HTTP or WebSocket.

    ConfigError where the file has such settings beside a port of another kind.
    """
    given, here = table.http, (*setting, "http")
    if find_scheme(table.port) not in WEB:
        files.refuse_given(given, here, table.port, "http, https and ws")
        return None
    return WebLogin(
        user=given.user,
        password=files.get_secret(given.password, (*here, "password")),
        password_file=files.resolve_secret(given.password_file, (*here, "password_file")),
        token_file=files.resolve_secret(given.token_file, (*here, "token_file")),
        fingerprint=given.fingerprint,
    )
