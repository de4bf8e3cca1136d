"""A function is named by what it does: its name begins with a verb."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "hanlogger"
ROOMS = sorted({file.relative_to(PACKAGE).parts[0] for file in PACKAGE.rglob("*.py")})
"""Folders, and the files that everybody may import."""

VOCABULARY = {
    *(Path("boards", name) for name in ("fragments.py", "panel_types.py", "panels.py")),
    Path("simulate", "dlms.py"),
}
"""What boards, rules and simulated messages are written in, where a function is called by what it returns:
`stat(title, text, [target(select(what, over(query)))], steps=…)`, `structure(code(obis), u32(number))`."""

VERBS = {
    "abandon", "accept", "acknowledge", "acquire", "add", "admit", "advance", "advise", "aggregate", "allow", "amend",
    "announce", "answer", "append", "apply", "ask", "assign", "attach", "authorise", "await",
    "back", "beat", "begin", "bill", "bind", "blank", "block", "build",
    "calculate", "call", "cancel", "cap", "capitalise", "carry", "catch", "change", "charge", "check", "checkpoint",
    "choose", "claim", "clean", "clear", "clip", "close", "collect", "combine", "commit", "compare", "complete",
    "compute", "condemn", "confirm", "connect", "contradict", "convert", "copy", "correct", "count", "cover", "create",
    "cut",
    "decipher", "decode", "decrypt", "defer", "define", "delete", "deliver", "derive", "describe", "detach", "diagnose",
    "differ", "discard", "divide", "do", "double", "draft", "draw", "drift", "drop",
    "emit", "encipher", "encode", "end", "enter", "erase", "escape", "examine", "exceed", "exchange", "exclude",
    "exist", "exit", "expand", "expect", "explain", "export", "expose", "extend", "extract",
    "fail", "feed", "fill", "filter", "find", "finish", "fit", "flush", "follow", "forget", "format", "free",
    "gather", "get", "give", "go", "grant", "greet", "group", "guess",
    "halve", "hang", "hear", "hide", "hold", "hurry",
    "identify", "imply", "import", "inflect", "inform", "insert", "install", "interpolate", "invert", "invoke", "issue",
    "iterate",
    "join", "judge",
    "keep", "know",
    "label", "learn", "leave", "lend", "lengthen", "let", "lift", "limit", "link", "list", "listen", "load", "lock",
    "log", "look", "lose",
    "make", "map", "mark", "mask", "match", "measure", "mend", "merge", "migrate", "move", "multiply", "must",
    "name", "need", "negate", "note", "notice", "notify", "number",
    "observe", "omit", "onboard", "open", "overlap",
    "pace", "pack", "pair", "pass", "pause", "persist", "pick", "place", "plan", "play", "poll", "pop", "post",
    "prepare", "price", "print", "probe", "provision", "publish", "pull", "push", "put",
    "query", "quote",
    "raise", "rank", "read", "rebuild", "recall", "receive", "recognise", "reconfigure", "record", "recover", "redact",
    "redeliver", "reduce", "refer", "refuse", "register", "release", "remark", "remember", "remove", "render", "renew",
    "repeat", "replace", "report", "request", "require", "reset", "resolve", "rest", "restore", "restrict", "resume",
    "retain", "retry", "return", "reverse", "roll", "round", "run",
    "salvage", "sample", "say", "scale", "scan", "schedule", "seal", "search", "seek", "select", "send", "separate",
    "serve", "set", "settle", "share", "shift", "shorten", "show", "shrink", "sign", "silence", "simulate", "skip",
    "sleep", "slice", "sort", "span", "spell", "split", "spread", "stack", "start", "state", "step", "stop", "store",
    "stream", "strike", "strip", "subscribe", "substitute", "subtract", "sum", "summarise", "swap", "switch", "sync",
    "take", "tell", "test", "throttle", "touch", "track", "transact", "translate", "trim", "truncate", "trust", "try",
    "tune", "turn",
    "uninstall", "unlock", "unpack", "unsubscribe", "unwrap", "update", "use",
    "validate", "verify", "view",
    "wait", "wake", "walk", "warn", "watch", "weigh", "wipe", "work", "wrap", "write",
    "yield",
}  # fmt: skip
"""What a name may begin with. A function that returns a bool may tell of its argument: `takes(meter)`, `is_empty`."""

OF_BOOLS = {"is", "are", "has", "may", "can", *(f"{verb}s" for verb in VERBS), "goes"}
FORMS = {"to", "as", "from", "with", "by", "on"}
"""Forms of their own: conversions (`to_ms`, `as_json`), parts of a call (`by_token`), callbacks (`_on_connect`)."""

OF_OTHERS = {
    "connection_made", "connection_lost", "main_loop", "end_of_head", "urlopen", "readable", "readinto", "emit",
    "ignore_aliases", "main", "shell_complete",
}  # fmt: skip
"""Methods that a library calls by these names."""

OBJECTS_THAT_SPEAK = {"Speech", "PageSpeech", "ReportSpeech"}
"""Their methods are read behind `say`: `say.energy(wh)`."""


def find_named(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Find the functions of a file that we gave a name: a command's is the user's word for it."""
    tree = ast.parse(file.read_text("utf-8"))
    for each in functions([] if file.relative_to(PACKAGE) in VOCABULARY else tree.body):
        is_command = each.name == file.stem or any("app." in ast.unparse(one) for one in each.decorator_list)
        if file.parent.name != "cli" or not is_command:
            yield each


def functions(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Those of a module and of its classes, but for properties and constructors."""
    for node in body:
        if isinstance(node, ast.ClassDef) and node.name not in OBJECTS_THAT_SPEAK:
            yield from functions(node.body)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            decorators = {ast.unparse(each) for each in node.decorator_list}
            if not decorators & {"property", "classmethod"}:
                yield node


def begins_with_a_verb(name: str, returned: str = "") -> bool:
    first = name.lstrip("_").partition("_")[0]
    allowed = VERBS | FORMS | (OF_BOOLS if returned.startswith(("bool", "TypeGuard")) else set())
    return name.startswith("__") or name in OF_OTHERS or first in allowed


@pytest.mark.parametrize("room", ROOMS)
def test_the_name_of_a_function_begins_with_a_verb(room: str) -> None:
    """A verb that is missing above may be added; a noun may not."""
    files = [file for file in sorted(PACKAGE.rglob("*.py")) if file.relative_to(PACKAGE).parts[0] == room]
    named = [(file.relative_to(PACKAGE), each) for file in files for each in find_named(file)]
    assert [
        f"{file}: {each.name}"
        for file, each in named
        if not begins_with_a_verb(each.name, ast.unparse(each.returns) if each.returns else "")
    ] == []


@pytest.mark.parametrize("name", ["month_fields", "_served", "scheme", "seconds", "_of_kind", "takes"])
def test_a_noun_is_seen(name: str) -> None:
    assert not begins_with_a_verb(name)
