"""A function is named by what it does: its name begins with a verb."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "hanlogger"
ROOMS = (
    "archive", "conformance", "config", "decoding", "detect", "framing", "influxdb", "points", "recordings", "running",
    "service", "setup", "sources", "status", "templates", "web",
)  # fmt: skip
VERBS = {
    "accept", "acknowledge", "add", "admit", "advance", "advise", "allow", "amend", "announce", "answer", "append",
    "apply", "are", "ask", "assign", "authorise", "await", "begin", "begins", "blank", "build", "calculate", "call",
    "capitalise", "change", "check", "choose", "clean", "clear", "close", "collect", "compare", "complete",
    "compute", "connect", "convert", "copy", "correct", "count", "covers", "cut", "decipher", "decode", "decrypt",
    "delete", "deliver", "derive", "describe", "detach", "differ", "do", "draw", "drop", "encode", "end", "ends",
    "erase", "escape", "examine", "exceeds", "explain", "expose", "extract", "fail", "feed", "fill", "find",
    "finish", "fit", "fits", "flush", "follows", "forget", "format", "get", "give", "go", "goes", "grant", "greet",
    "group", "guess", "has", "hear", "hears", "hide", "identify", "imply", "import", "insert", "install",
    "interpolate", "is", "issue", "iterate", "join", "judge", "keep", "knows", "label", "learn", "leave", "let",
    "limit", "list", "listen", "load", "lock", "log", "look", "make", "map", "mark", "mask", "match", "may",
    "measure", "merge", "move", "multiply", "must", "name", "names", "need", "note", "number", "observe", "onboard",
    "open", "opens", "pace", "pair", "pass", "pause", "place", "plan", "play", "poll", "pop", "post", "print",
    "probe", "publish", "put", "query", "quote", "raise", "rank", "read", "reads", "recall", "recognise", "record",
    "redact", "redeliver", "refuse", "remark", "remember", "remove", "render", "renew", "replace", "report",
    "request", "require", "reset", "resolve", "resume", "retry", "return", "roll", "run", "sample", "say", "scale",
    "scan", "search", "select", "send", "serve", "set", "settle", "shift", "shorten", "show", "skip", "sleep",
    "slice", "sort", "span", "spell", "split", "spread", "stack", "start", "states", "stop", "store", "stores",
    "stream", "strip", "subscribe", "subtract", "sum", "summarise", "switch", "sync", "take", "takes", "tell",
    "test", "translate", "trim", "try", "turn", "uninstall", "unpack", "unwrap", "update", "use", "validate",
    "verify", "view", "wait", "waits", "warn", "watch", "write", "yield",
}  # fmt: skip
"""What a name may begin with: what a function does, or, for one that returns a bool, what it tells of its argument."""

FORMS = {"to", "as", "from", "with", "by", "on"}
"""Forms of their own: conversions (`to_ms`, `as_json`), parts of a call (`by_token`), callbacks (`_on_connect`)."""

OF_OTHERS = {
    "connection_made", "connection_lost", "main_loop", "end_of_head", "urlopen", "readable", "readinto", "emit",
}  # fmt: skip
"""Methods that a library calls by these names."""

OBJECTS_THAT_SPEAK = {"Speaker", "Speech"}
"""Their methods are read behind `say`: `say.energy(wh)`."""


def functions(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Those of a module and of its classes, but for properties and constructors."""
    for node in body:
        if isinstance(node, ast.ClassDef) and node.name not in OBJECTS_THAT_SPEAK:
            yield from functions(node.body)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            decorators = {ast.unparse(each) for each in node.decorator_list}
            if not decorators & {"property", "classmethod"}:
                yield node


def begins_with_a_verb(name: str) -> bool:
    first = name.lstrip("_").partition("_")[0]
    return name.startswith("__") or name in OF_OTHERS or first in VERBS | FORMS


@pytest.mark.parametrize("room", ROOMS)
def test_the_name_of_a_function_begins_with_a_verb(room: str) -> None:
    """A verb that is missing above may be added; a noun may not."""
    files = sorted((PACKAGE / room).rglob("*.py"))
    assert files
    found = [
        (str(file.relative_to(PACKAGE)), each.name)
        for file in files
        for each in functions(ast.parse(file.read_text("utf-8")).body)
    ]
    assert [place for place in found if not begins_with_a_verb(place[1])] == []


@pytest.mark.parametrize("name", ["month_fields", "_served", "scheme", "seconds", "_of_kind"])
def test_a_noun_is_seen(name: str) -> None:
    assert not begins_with_a_verb(name)
