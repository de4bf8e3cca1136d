"""Where to write, and the token that opens it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hanlogger.errors import WriteUnavailable


class Secret(Protocol):
    """A text that does not show itself, as pydantic's SecretStr."""

    def get_secret_value(self) -> str:
        """The text."""


@dataclass(frozen=True)
class Destination:
    """One bucket of an InfluxDB 2. A `token_file` is read again at each attempt; `token` is used without one."""

    url: str
    name: str = "influxdb"
    org: str = "home"
    bucket: str = "hanlogger"
    token: Secret | None = field(default=None, repr=False)
    token_file: Path | None = None
    ca_file: Path | None = None  # certificates to trust beside the system's
    connect_timeout: float = 5.0  # seconds
    read_timeout: float = 20.0

    def read_token(self) -> str:
        """The token as it is now; WriteUnavailable that names what to do where there is none."""
        if self.token_file is None:
            text = "" if self.token is None else self.token.get_secret_value()
            return _checked(text, f"no token for {self.name}: set token_file, or HANLOGGER_INFLUXDB_TOKEN_FILE")
        try:
            text = self.token_file.read_text("ascii")
        except OSError as error:
            raise _needs_user(f"the token file {self.token_file} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError:
            raise _needs_user(f"the token file {self.token_file} does not hold a token") from None
        return _checked(text, f"the token file {self.token_file} is empty")


def _checked(text: str, if_empty: str) -> str:
    token = text.strip()
    if not token:
        raise _needs_user(if_empty)
    if not token.isascii() or not token.isprintable() or " " in token:
        raise _needs_user("the token has characters that no token has: give the token alone")
    return token


def _needs_user(words: str) -> WriteUnavailable:
    return WriteUnavailable(words, needs_user=True)
