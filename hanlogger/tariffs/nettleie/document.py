"""The YAML of a file of fri-nettleie, with exact numbers and with days as they are written."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import yaml

from hanlogger.tariffs.node import show

LIKE = re.compile(r"^(netteier|tariffer|gln)\s*:", re.MULTILINE)


class _Loader(yaml.SafeLoader):
    """YAML with exact numbers, and with a day as the text that it is."""


def _read_float(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)).replace("_", ""))


def _read_mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    for number, key in enumerate(keys):
        if key in keys[:number]:
            raise ValueError(f"{show(key)} stands twice in one table: which is meant would be guessed")
    return loader.construct_mapping(node, deep=True)


def _read_day(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:float", _read_float)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _read_day)
_Loader.add_constructor("tag:yaml.org,2002:map", _read_mapping)


def read_yaml(text: str) -> dict[str, Any]:
    """Return the tables of a file of fri-nettleie; ValueError, in one line, for any other text."""
    try:
        tree = yaml.load(text, _Loader)  # noqa: S506 a SafeLoader
    except yaml.YAMLError as error:
        raise ValueError(f"not YAML: {' '.join(str(error).split())}") from None
    except (ArithmeticError, RecursionError) as error:
        raise ValueError(f"not YAML of tariffs: {type(error).__name__}") from None
    if not isinstance(tree, dict) or "tariffer" not in tree:
        raise ValueError("no file of fri-nettleie: tariffer is not in it")
    return tree
