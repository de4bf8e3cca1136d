"""What commands say of themselves, read from their source, so that a list of all commands imports none of them."""

from __future__ import annotations

import ast
from pathlib import Path

COMMANDS = Path(__file__).parents[1]


def read_help(module: str, attribute: str) -> str:
    """Return the help text of a command: the docstring of its function, or `help` of its Typer.

    `module` is the name of the command's module in hanlogger/cli, `attribute` that in it of the function or the Typer.
    """
    for node in ast.parse((COMMANDS / f"{module}.py").read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == attribute:
            return ast.get_docstring(node) or ""
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == attribute:
            return _find_help(node.value)
    return ""


def _find_help(call: ast.expr) -> str:
    """Return the argument `help` of a call; "" where it has none."""
    given = {each.arg: each.value for each in call.keywords} if isinstance(call, ast.Call) else {}
    return str(ast.literal_eval(given["help"])) if "help" in given else ""
