"""What every table of settings has: types with limits, and what a user is told about each setting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from hanlogger.config import checks


@dataclass(frozen=True)
class About:
    """What a user is told about a setting: what it is, which values are allowed, and an example."""

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
    """Allow finite numbers from `least` to `most` only: others do harm, such as an alert that never ends."""
    return Field(ge=least, le=most, allow_inf_nan=False)


FACTORS = allow_within(Decimal("0.000001"), Decimal(1_000_000))
YEARS = timedelta(days=36_500)


class Table(BaseModel):
    """A table of settings, of which none may be unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def get_about(model: type[BaseModel], key: str) -> About | None:
    """Return what a user is told about a setting; None for a table of settings."""
    found: Any = next((m for m in model.model_fields[key].metadata if isinstance(m, About)), None)
    return found if isinstance(found, About) else None
