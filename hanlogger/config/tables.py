"""The base of all tables of settings: types with limits, and the description of each setting for users."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator

from hanlogger.config import checks


@dataclass(frozen=True)
class About:
    """The description of a setting for users: its meaning, the allowed values, and an example."""

    text: str
    allowed: str
    example: str  # as TOML
    none: str = ""  # what is shown for None, where None means something
    secret: bool = False
    joined: bool = False  # in the environment: a list, separated by commas
    octets: bool = False  # a number of octets


NUMBER = BeforeValidator(checks.check_number)
FACTOR = "a number from 0.000001 to 1000000"


def allow_within(least: Any, most: Any) -> Any:
    """Return a field that allows finite numbers from `least` to `most` only: a limit of NaN would disable an alert."""
    return Field(ge=least, le=most, allow_inf_nan=False)


FACTORS = allow_within(Decimal("0.000001"), Decimal(1_000_000))
YEARS = timedelta(days=36_500)


User = Annotated[str, About("the user name, where one is demanded", "a name", '"hanlogger"')]
Password = Annotated[
    SecretStr | None,
    Field(min_length=1),
    About("the user's password; better in a file of its own", "a password", '"…"', secret=True),
]
PasswordFile = Annotated[
    Path | None,
    About("the file that holds the password; read at each attempt", "the path of a file", '"/etc/hanlogger/password"'),
]
CaFile = Annotated[
    Path | None,
    About("certificates to trust instead of the system's", "the path of a PEM file", '"/etc/hanlogger/ca.pem"'),
]
CertFile = Annotated[
    Path | None,
    About("the client certificate, if the broker demands one", "the path of a PEM file", '"/etc/hanlogger/me.pem"'),
]
KeyFile = Annotated[
    Path | None,
    About("the key of that certificate", "the path of a PEM file", '"/etc/hanlogger/me.key"'),
]


class Table(BaseModel):
    """A table of settings, of which none may be unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @field_validator("*")
    @classmethod
    def _check_paths(cls, given: Any) -> Any:
        for path in given if isinstance(given, tuple) else (given,):
            if isinstance(path, Path):
                checks.check_path(path)
        return given


def list_settings(model: type[BaseModel]) -> list[str]:
    """Return the names of the settings of a table, for people: those that must be given come first."""
    return sorted(model.model_fields, key=lambda key: not model.model_fields[key].is_required())


def get_about(model: type[BaseModel], key: str) -> About | None:
    """Return the description of a setting; None for a table of settings."""
    found: Any = next((m for m in model.model_fields[key].metadata if isinstance(m, About)), None)
    return found if isinstance(found, About) else None


class LoginTable(Table):
    """Who logs in at a broker, and what TLS trusts and shows there."""

    user: User = ""
    password: Password = None
    password_file: PasswordFile = None
    ca_file: CaFile = None
    cert_file: CertFile = None
    key_file: KeyFile = None
