"""What pydantic found wrong in a tariff file in one sentence: which line and key, what was found, what is allowed."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from hanlogger.humanize import shorten
from hanlogger.tariffs.schema import TariffTable

Place = tuple[int | str, ...]


def explain(error: ValidationError, tree: Mapping[str, Any], table: type[BaseModel] = TariffTable) -> str:
    """Return the first of the errors in the user's own terms. `tree`: what stands in the file, `table`: its form."""
    fault = error.errors(include_url=False, include_input=False)[0]
    place = tuple(step for step in fault["loc"] if _exists(step))
    where = name_place(place, tree)
    if fault["type"] == "extra_forbidden":
        return f"{where} is no key; {_give_hint(place, table)}"
    if fault["type"] == "missing":
        return f"{where} is missing; {_tell_needs(str(place[-1]))}"
    return f"{where}: found {_show_found(place, tree)}; allowed: {_tell_allowed(fault)}"


def _exists(step: int | str) -> bool:
    """Return whether a step of pydantic's path is one of the file, and not the name of a type."""
    return isinstance(step, int) or ("[" not in step and step not in ("str", "tuple"))


def name_place(place: Place, tree: Mapping[str, Any]) -> str:
    """Return where something stands: `power "Effekt": hours`, `energy 2: rates 1: price`."""
    parts: list[str] = []
    inside: Any = tree
    for step in place:
        inside = _step_into(inside, step)
        if isinstance(step, int) and parts:
            name = inside.get("name") if isinstance(inside, Mapping) else None
            parts[-1] += f' "{shorten(str(name))}"' if name else f" {step + 1}"
        else:
            parts.append(str(step))
    return ": ".join(parts)


def _step_into(inside: Any, step: int | str) -> Any:
    try:
        return inside[step]
    except (LookupError, TypeError):
        return None


def _show_found(place: Place, tree: Mapping[str, Any]) -> str:
    inside: Any = tree
    for step in place:
        inside = _step_into(inside, step)
    return shorten(
        json.dumps(inside, ensure_ascii=False, default=str) if isinstance(inside, str | list) else str(inside)
    )


def _tell_allowed(fault: Any) -> str:
    """Return what pydantic, or a check of ours, says is allowed."""
    context = fault.get("ctx", {})
    if "expected" in context:
        return str(context["expected"]).replace("'", '"')
    return str(fault["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")


def _give_hint(place: Place, table: type[BaseModel]) -> str:
    known = sorted(_list_keys(place[:-1], table))
    near = difflib.get_close_matches(str(place[-1]), known, 1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"


def _list_keys(place: Place, model: type[BaseModel]) -> Iterator[str]:
    """Yield the keys of the table at a place."""
    for step in place:
        if isinstance(step, str) and (inner := _find_table(model.model_fields[step].annotation)):
            model = inner
    yield from (field.alias or key for key, field in model.model_fields.items())


def _find_table(annotation: Any) -> type[BaseModel] | None:
    """Return the type of the tables that a key holds; None for a plain value."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _find_table(each))), None)


NEEDS = {
    "prices": 'say whether the prices in it are "with VAT" or "without VAT"',
    "source": "say where the figures are from: an address, a price list, a bill",
    "source_date": "say of which day the figures are, such as 2026-11-29",
    "currency": 'three letters, such as "SEK" or "NOK"',
    "name": "a name, by which a bill calls it",
}


def _tell_needs(key: str) -> str:
    return f"give it: {NEEDS.get(key, 'docs/tariffs.md says what it is')}"
