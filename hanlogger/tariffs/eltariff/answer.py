"""The JSON of `GET /tariffs` or `GET /tariffs/{id}`: which tariffs are in it, and the one that is chosen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from hanlogger.tariffs.base import Choice, Tree, covers
from hanlogger.tariffs.eltariff import forms
from hanlogger.tariffs.eltariff.calendars import read_patterns
from hanlogger.tariffs.eltariff.prices import read_period
from hanlogger.tariffs.eltariff.tariff import describe_choice, read_tree
from hanlogger.tariffs.node import Node, show

LISTED = 12  # tariffs that an error lists at most


class Found(NamedTuple):
    """The tables of a tariff, and what in it differs from the specification."""

    tree: Tree
    deviations: tuple[str, ...]


def read_eltariff(text: str, choice: Choice) -> Found:
    """Return the one tariff that is chosen; ValueError, in one line, where there is none or a meaning is missing."""
    answer = load_answer(text)
    every = list(list_tariffs(answer))
    chosen = [tariff for tariff in every if is_chosen(tariff, choice)]
    if len(chosen) != 1:
        raise ValueError(refuse_choice(chosen, every, choice))
    return read_one(answer, chosen[0], choice)


def read_one(answer: Node, tariff: Node, choice: Choice) -> Found:
    """Return the tables of one tariff of an answer; ValueError where a meaning is missing."""
    report: list[str] = []
    whole = Node(answer.fields, "", report)
    whole.check(forms.ONE if "tariff" in answer.fields else forms.MANY)
    patterns = read_patterns(whole, choice.patterns)
    tree = read_tree(Node(tariff.fields, tariff.place, report), patterns, choice)
    return Found(tree, tuple(report))


def load_answer(text: str) -> Node:
    """Return the answer in a text; ValueError where it is no JSON object with tariffs."""
    try:
        tree = json.loads(
            text.removeprefix("\ufeff"),
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_refuse_doubles,
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from None
    except RecursionError:
        raise ValueError("not JSON of tariffs: it is nested without an end") from None
    if not isinstance(tree, dict) or not {"tariffs", "tariff"} & set(tree):
        raise ValueError("no answer of an Eltariff API: neither tariffs nor tariff is in it")
    return Node(tree)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _refuse_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f'"{key}" stands twice in one object: which is meant would be guessed')
        found[key] = value
    return found


def list_tariffs(answer: Node) -> Iterator[Node]:
    """Yield the tariffs of an answer."""
    one = answer.get_child("tariff")
    if one is not None:
        yield Node(one.fields, f"tariff {show(one.get('name'))}", one.report)
    yield from answer.get_children("tariffs")


def is_chosen(tariff: Node, choice: Choice) -> bool:
    """Return whether a tariff is one of those that the user means; all are where nothing is said."""
    wanted = (("id", choice.id), ("product", choice.product), ("name", choice.name))
    if not all(value is None or str(tariff.get(key) or "").lower() == value.lower() for key, value in wanted):
        return False
    period = read_period(Node(tariff.fields, tariff.place)) if choice.on else {}
    return covers(choice.on, period.get("valid_from"), period.get("valid_to"))


def refuse_choice(chosen: list[Node], every: list[Node], choice: Choice) -> str:
    """Return the error that not one tariff is chosen, with what tells them apart."""
    given = [f"{key} {value}" for key in ("id", "product", "name", "on") if (value := getattr(choice, key))]
    listed = "; ".join(describe_choice(tariff.fields) for tariff in (chosen or every)[:LISTED])
    rest = f"; and {len(chosen or every) - LISTED} more" if len(chosen or every) > LISTED else ""
    head = f"{len(chosen)} of {len(every)} tariffs have {', '.join(given)}" if given else f"it has {len(every)} tariffs"
    return f"{head}; choose one by id, product, name or on: {listed or 'none'}{rest}"
