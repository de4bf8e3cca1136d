"""The login for a device that is read over the network, and the certificate that it must have."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hanlogger.errors import SourceError
from hanlogger.mqtt.login import Secret

HOMEWIZARD, HOMEWIZARD_2, TIBBER = "/api/v1/telegram", "/api/telegram", "/data.json"
PATHS = (HOMEWIZARD, HOMEWIZARD_2, TIBBER)
"""Where devices that are asked by HTTP give telegrams."""


@dataclass(frozen=True)
class WebLogin:
    """The login for a device behind `http://`, `https://` or `ws://`, and the certificate that it must have."""

    user: str = ""
    password: Secret | None = field(default=None, repr=False)
    password_file: Path | None = None  # read at each attempt
    token_file: Path | None = None  # read at each attempt
    fingerprint: str = ""  # SHA-256 of its own certificate, in hex; "": one that the system trusts

    def read_password(self) -> str:
        """Return the password, "" where there is none; SourceError where its file cannot be read."""
        if self.password_file is not None:
            return _read(self.password_file)
        return "" if self.password is None else self.password.get_secret_value()

    def read_token(self) -> str:
        """Return the token, "" where there is none; SourceError where its file cannot be read."""
        return "" if self.token_file is None else _read(self.token_file)


def _read(file: Path) -> str:
    try:
        text = file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        words = getattr(error, "strerror", None) or "it is not plain text"
        raise SourceError(f"the file {file} cannot be read: {words}") from error
    if not text or not text.isprintable():
        raise SourceError(f"the file {file} holds no password or token on one line")
    return text
