"""A tariff file's text becomes a tariff; what is wrong in it is told in one line that says what to do."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from hanlogger.errors import ConfigError
from hanlogger.tariffs.build import build_tariff
from hanlogger.tariffs.explain import explain
from hanlogger.tariffs.model import Tariff
from hanlogger.tariffs.schema import TariffTable


def read_tariff(text: str, file: str) -> Tariff:
    """Return the tariff of a file's text. `file`: its name, for errors.

    ConfigError, in one line, for what is no TOML, for an unknown key, and for a value that is not allowed or that
    contradicts another.
    """
    try:
        tree: dict[str, Any] = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not TOML: {error}") from None
    try:
        return build_tariff(TariffTable.model_validate(tree))
    except ValidationError as error:
        raise ConfigError(f"{file}: {explain(error, tree)}") from None
    except ValueError as error:
        raise ConfigError(f"{file}: {error}") from None
