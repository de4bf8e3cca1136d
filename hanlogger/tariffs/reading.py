"""A tariff file's text becomes a tariff; what is wrong in it is told in one line that says what to do.

A file is of our own form in TOML, the JSON of an Eltariff API, or the YAML of fri-nettleie, which its content tells.
One of our own form may have another one as its `base`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from hanlogger.errors import ConfigError
from hanlogger.tariffs.base import Choice, Tree, merge
from hanlogger.tariffs.build import build_tariff
from hanlogger.tariffs.eltariff.answer import read_eltariff
from hanlogger.tariffs.explain import explain
from hanlogger.tariffs.model import Tariff
from hanlogger.tariffs.nettleie import LIKE, read_nettleie
from hanlogger.tariffs.schema import TariffTable
from hanlogger.toml import read_toml

ReadFile = Callable[[str], str]


def read_tariff(text: str, file: str, read_file: ReadFile | None = None) -> Tariff:
    """Return the tariff of a file's text. `file`: its name, for errors; `read_file` returns the text of its base.

    ConfigError, in one line, for what is of no known form, for an unknown key, for a value that is not allowed or that
    contradicts another, and for what has no one meaning in a file of another form.
    """
    tree, deviations = _read_tree(text, file, read_file)
    try:
        return replace(build_tree(tree), deviations=deviations)
    except ValueError as error:
        raise ConfigError(f"{file}: {error}") from None


def build_tree(tree: Tree) -> Tariff:
    """Return the tariff of tables; ValueError, in one line, where one of them is wrong."""
    try:
        return build_tariff(TariffTable.model_validate(tree))
    except ValidationError as error:
        raise ValueError(explain(error, tree)) from None


def _read_tree(text: str, file: str, read_file: ReadFile | None) -> tuple[Tree, tuple[str, ...]]:
    """Return the tables of a file, with those of its base, and what in that differs from its specification."""
    if find_form(text):
        return _read_foreign(text, file, Choice())
    try:
        own = read_toml(text)
    except ValueError as error:
        raise ConfigError(f"{file}: {error}") from None
    if "base" not in own:
        return own, ()
    choice = _read_choice(own.pop("base"), file)
    if not choice.file or read_file is None:
        raise ConfigError(f'{file}: base: file is missing; name the file of the tariff: [base] file = "eltariff.json"')
    base = read_file(choice.file)
    if not find_form(base):
        raise ConfigError(f"{file}: base: {choice.file} is neither JSON of an Eltariff API nor YAML of fri-nettleie")
    tree, deviations = _read_foreign(base, f"{file}: {choice.file}", choice)
    return merge(tree, own), deviations


def find_base(text: str) -> str:
    """Return the name of the file that a file of our own form has as its base; "" for none, and where it is wrong."""
    try:
        given = {} if find_form(text) or "base" not in text else read_toml(text).get("base", {})
    except ValueError:
        return ""
    file = given.get("file") if isinstance(given, dict) else given
    return file if isinstance(file, str) else ""


def find_form(text: str) -> str:
    """Return of which form of others a text is, `json` or `yaml`; "" for none."""
    return "json" if text.lstrip("\ufeff \t\r\n").startswith("{") else "yaml" if LIKE.search(text) else ""


def _read_foreign(text: str, file: str, choice: Choice) -> tuple[Tree, tuple[str, ...]]:
    """Return the tables of a file of another form."""
    read = read_eltariff if find_form(text) == "json" else read_nettleie
    try:
        return read(text, choice)
    except ValueError as error:
        raise ConfigError(f"{file}: {error}") from None


def _read_choice(given: Any, file: str) -> Choice:
    tree = {"base": given if isinstance(given, dict) else {"file": given}}
    try:
        return Choice.model_validate(tree["base"])
    except ValidationError as error:
        raise ConfigError(f"{file}: base: {explain(error, tree['base'], Choice)}") from None
