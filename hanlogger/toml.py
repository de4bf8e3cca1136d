"""TOML as people's editors write it, with exact numbers."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from typing import Any


def read_toml(text: str) -> dict[str, Any]:
    """Return the tables of a TOML text, before which a byte order mark may stand; ValueError, in words, for others."""
    try:
        return tomllib.loads(text.removeprefix("\ufeff"), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"is not TOML: {error}") from None
    except RecursionError:
        raise ValueError("is nested without an end") from None
    except ValueError:  # of int(): Python reads 4300 digits at most
        raise ValueError("has a number of too many digits") from None
