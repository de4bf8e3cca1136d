"""The settings of a device that is read by HTTP or WebSocket."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from hanlogger.config import checks
from hanlogger.config.tables import About, Password, PasswordFile, Table, User


class HttpTable(Table):
    """The login for a device behind http://, https:// or ws://, and the certificate that it must have."""

    user: User = ""
    password: Password = None
    password_file: PasswordFile = None
    token_file: Annotated[
        Path | None,
        About(
            "the file that holds a token in place of it (HomeWizard's API 2)",
            "the path of a file",
            '"/etc/hanlogger/p1"',
        ),
    ] = None
    fingerprint: Annotated[
        str,
        AfterValidator(checks.check_fingerprint),
        About(
            "SHA-256 of the device's own certificate, which is then the only one that is trusted",
            "64 hex digits, with colons or without",
            '"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"',
        ),
    ] = ""
