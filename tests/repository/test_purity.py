"""The middle is pure: it asks no clock, touches no file, draws nothing at random, starts nothing and prints nothing.

import-linter sees imports of modules only. `datetime.now()` or `open()` need none that it could forbid.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2] / "hanlogger"
PURE = (
    "conformance",
    "wire",
    "framing",
    "decoding",
    "points",
    "templates",
    "plausibility",
    "intervals",
    "tariffs",
    "simulate",
    "prices/answer.py",
    "prices/areas.py",
    "prices/price_file.py",
    "prices/quarters.py",
    "prices/schedule.py",
    "prices/source.py",
    "prices/table.py",
    "model.py",
    "errors.py",
    "humanize.py",
    "language.py",
    "toml.py",
)

MODULES = {
    "__future__", "bisect", "collections", "contextlib", "cryptography", "dataclasses", "datetime", "decimal", "enum",
    "fastcrc", "fractions", "functools", "html", "itertools", "json", "math", "operator", "re", "reprlib", "statistics",
    "struct", "types", "typing", "zoneinfo",
}  # fmt: skip
OURS = {f"hanlogger.{name.removesuffix('.py').replace('/', '.')}" for name in PURE}
BESIDES = {
    "simulate": {"random"},  # a simulated house is drawn from a seed
    "prices/price_file.py": {"csv"},
    "prices/source.py": {"pathlib", "urllib.parse"},  # a path is only named
    "toml.py": {"tomllib"},
    "tariffs": {"difflib", "holidays", "json", "pydantic", "yaml"},  # a tariff file's text, and days off
}

NAMES = {"open", "print", "input", "exec", "eval", "compile", "breakpoint", "__import__", "globals"}
CLOCKS = {"now", "utcnow", "today"}
FILES = {
    "open", "read_text", "read_bytes", "write_text", "write_bytes", "exists", "is_file", "is_dir", "stat", "lstat",
    "iterdir", "glob", "rglob", "mkdir", "rmdir", "touch", "unlink", "rename", "resolve", "samefile",
}  # fmt: skip


def impurities(source: str, room: str = "points") -> Iterator[str]:
    """What in a file of a pure room knows more of the world than its arguments tell."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if not _may_import(alias.name, room))
        elif isinstance(node, ast.ImportFrom):
            if not _may_import(node.module or "", room):
                yield f"from {node.module}"
        elif isinstance(node, ast.Name) and node.id in NAMES:
            yield node.id
        elif isinstance(node, ast.Attribute) and node.attr in CLOCKS | FILES:
            yield f".{node.attr}"
        elif isinstance(node, ast.Call) and _asks_the_hosts_zone(node):
            yield "the host's time zone"


def _may_import(module: str, room: str) -> bool:
    if module.partition(".")[0] in MODULES | BESIDES.get(room, set()) or module in BESIDES.get(room, set()):
        return True
    return any(module == ours or module.startswith(f"{ours}.") for ours in OURS)


def _asks_the_hosts_zone(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    given = len(call.args) + len(call.keywords)
    return (call.func.attr, given) in {("astimezone", 0), ("fromtimestamp", 1)}


def _files(room: str) -> list[Path]:
    return [HOUSE / room] if room.endswith(".py") else sorted((HOUSE / room).rglob("*.py"))


@pytest.mark.parametrize("room", PURE)
def test_what_a_pure_room_does_depends_on_its_arguments_alone(room: str) -> None:
    assert _files(room)
    found = {str(file.relative_to(HOUSE)): list(impurities(file.read_text(), room)) for file in _files(room)}
    assert {file: those for file, those in found.items() if those} == {}


@pytest.mark.parametrize(
    "line",
    [
        "at = datetime.now(UTC)",
        "at = datetime.utcnow()",
        "at = dt.date.today()",
        "ask = datetime.now",
        "at = local.astimezone()",
        "at = datetime.fromtimestamp(0)",
        "import time",
        "from time import monotonic",
        "import os.path",
        "import random",
        "from secrets import token_bytes",
        "from pathlib import Path",
        "import sys",
        "import io",
        "import logging",
        "import threading",
        "import urllib.request",
        "from hanlogger.hostclock import HOST",
        "from hanlogger import hostclock",
        "text = open('file').read()",
        "write = print",
        "text = path.read_text()",
        "path.write_bytes(b'')",
        "def f() -> None:\n    import socket",
        "__import__('time').time()",
    ],
)
def test_each_way_out_of_the_middle_is_seen(line: str) -> None:
    assert list(impurities(line))


@pytest.mark.parametrize(
    "line",
    ["at = local.astimezone(UTC)", "text = text.replace('a', 'b')", "from hanlogger.model import Frame", "open_ = 1"],
)
def test_what_is_pure_is_let_alone(line: str) -> None:
    assert not list(impurities(line))


def test_a_clock_that_is_asked_in_the_points_room_is_seen() -> None:
    source = (HOUSE / "points" / "points.py").read_text()
    mutant = source.replace("points: list[Point] = []", "points: list[Point] = []\n    now = datetime.now()")
    assert not list(impurities(source))
    assert list(impurities(mutant)) == [".now"]
