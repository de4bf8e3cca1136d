"""One word for one thing: docs/words.md is held by docstrings, comments and texts, and docstrings are sentences."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.composefile import ROOT

pytestmark = pytest.mark.xdist_group("words")  # each worker would read all sources
PACKAGE = ROOT / "hanlogger"
MEANT_OTHERWISE = {
    "check": "doctor's checks; a setting's check",
    "commit": "SQLite's COMMIT",
    "damaged": "octets from the port are damaged; the journal is corrupt",
    "database": "InfluxDB is a database",
    "drop": "a connection is dropped, octets that a driver drops",
    "local time": "datetime's word for a time in a zone",
    "log": "a log line, a meter's log",
    "metric": "Prometheus's word for what it reads",
    "offset": "the offset of a clock, of a time zone, in octets",
    "parse": "functions of libraries",
    "process": "a process of the operating system",
    "row": "the row of a telegram, of a table",
    "store": "to store a point in the database",
}
"""Words of the last column that have another meaning too, which is why they are not searched."""

ALLOWED: dict[tuple[str, str], str] = {
    ("collect/settling.py", "ack"): "the name of a setting",
    ("service/unit.py", "dump"): "a dump of memory",
    ("service/unit.py", "target"): "systemd's own word",
    ("web/metrics.py", "broken"): "the value of a label",
}
"""(file, word) -> why a word of the last column stands there."""

SQL = re.compile(r"\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|PRAGMA|WHERE)\b")
A_TEXT = 3  # words: a string of so many is a text for people, unless it is SQL

SHORT = 4  # words: a docstring of so many says too little


class Row(NamedTuple):
    """A row of the list: the word to use, and those not to use for the same."""

    say: str
    avoid: tuple[str, ...]


@cache
def rows() -> list[Row]:
    text = (ROOT / "docs" / "words.md").read_text("utf-8")
    cells = [
        [cell.strip() for cell in line.strip("| \n").split("|")] for line in re.findall(r"^\|.*$", text, re.MULTILINE)
    ]
    told = [row for row in cells if len(row) == 3 and row[0] not in ("say", "---")]
    return [Row(say, tuple(filter(None, re.split(r",\s*", avoid)))) for say, _, avoid in told]


def verbs() -> list[str]:
    (line,) = re.findall(r"\bNot: ([\w, ]+)\.", (ROOT / "docs" / "words.md").read_text("utf-8"))
    return str(line).split(", ")


def avoided() -> set[str]:
    return {word for row in rows() for word in row.avoid} | set(verbs())


@cache
def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


class Docstring(NamedTuple):
    """The docstring of a module, class or function, and of what."""

    name: str
    text: str | None
    public: bool


def docstrings(file: Path) -> Iterator[Docstring]:
    """Those of the module, of its classes and functions, and of methods; not of functions within functions."""
    tree = ast.parse(file.read_text("utf-8"))
    where = str(file.relative_to(PACKAGE))
    yield Docstring(where, ast.get_docstring(tree), public=True)
    yield from _of_body(tree.body, where)


def _of_body(body: list[ast.stmt], where: str, *, public: bool = True) -> Iterator[Docstring]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            seen = public and not node.name.startswith("_")
            yield Docstring(f"{where}:{node.name}", ast.get_docstring(node), seen)
            if isinstance(node, ast.ClassDef):
                yield from _of_body(node.body, f"{where}:{node.name}", public=seen)


@cache
def prose(file: Path) -> str:
    """Docstrings, comments, and strings for people (errors, log lines, help texts), without what is quoted as code."""
    text = file.read_text("utf-8")
    nodes = list(ast.walk(ast.parse(text)))
    docs = [node.value.value for node in nodes if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)]
    strings = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    parts = [*map(str, docs), *filter(is_text, strings)]
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    parts += [token.string for token in tokens if token.type == tokenize.COMMENT]
    return re.sub(r"`[^`]*`", " ", "\n".join(parts))


def is_text(string: str) -> bool:
    return len(string.split()) >= A_TEXT and not SQL.search(string)


def occurs(word: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(word)}(?:s|es)?\b", text, re.IGNORECASE) is not None


# --- the list


def test_the_list_is_read() -> None:
    assert len(rows()) > 30
    assert Row("heartbeat", ("pulse",)) in rows()


def test_a_word_that_is_not_searched_is_in_the_list() -> None:
    assert set(MEANT_OTHERWISE) - avoided() == set()
    assert len(avoided() - set(MEANT_OTHERWISE)) >= 25


def test_no_word_is_both_said_and_avoided_everywhere() -> None:
    said = {word for row in rows() for word in re.split(r",\s*", row.say)}
    assert said & (avoided() - set(MEANT_OTHERWISE)) == set()


@pytest.mark.parametrize("word", sorted(avoided() - set(MEANT_OTHERWISE)))
def test_docstrings_comments_and_texts_use_the_words_of_the_list(word: str) -> None:
    found = {str(file.relative_to(PACKAGE)) for file in sources() if occurs(word, prose(file))}
    assert found == {file for file, allowed in ALLOWED if allowed == word}


@pytest.mark.parametrize("word", sorted(avoided() - set(MEANT_OTHERWISE)))
def test_the_doctor_uses_the_words_of_the_list(word: str) -> None:
    told = tomllib.loads((PACKAGE / "doctor" / "texts" / "en.toml").read_text("utf-8"))
    assert [key for key, text in told.items() if occurs(word, re.sub(r"`[^`]*`|\{\w+\}", " ", str(text)))] == []


# --- docstrings


def test_no_docstring_is_too_short_to_say_anything() -> None:
    every = [each for file in sources() for each in docstrings(file)]
    assert [each.name for each in every if each.text and len(each.text.split()) <= SHORT] == []


def test_everything_public_has_a_docstring_whose_first_paragraph_is_a_sentence() -> None:
    every = [each for file in sources() for each in docstrings(file) if each.public]
    assert [each.name for each in every if not each.text] == []
    firsts = ((each.name, (each.text or "").partition("\n\n")[0]) for each in every)
    assert [name for name, first in firsts if not re.search(r"[.:]$", first)] == []
