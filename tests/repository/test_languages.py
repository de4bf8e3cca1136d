"""Every text is in its language, and both languages speak of the same facts and numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hanlogger.boards import provisioning
from hanlogger.boards.rules import make_rules
from hanlogger.boards.settings import BoardSettings, Limits, RuleSettings
from hanlogger.doctor.language import load_texts
from hanlogger.language import Text, choose_language

ENGLISH = {
    "the", "of", "and", "is", "are", "was", "not", "from", "no", "each", "than", "with", "which", "that",
    "has", "over", "minutes", "seconds", "hour", "hours", "today", "limit", "before", "within", "against",
    "refused", "further", "damaged",
}  # fmt: skip
SWEDISH = {
    "och", "är", "av", "på", "inte", "från", "för", "inget", "utan", "varje", "som", "eller", "till", "med",
    "ett", "minuter", "sekunder", "timme", "timmar", "i", "dag", "gräns", "förut", "mot", "avvisade",
    "längre", "skadade",
}  # fmt: skip
PACKAGE = Path(__file__).parents[2] / "hanlogger"
LONG = 8  # words: a text of so many has one that tells its language

TITLES = {
    "han-meter-silent": ("Meter silent", "Mätaren är tyst"),
    "han-voltage": ("Voltage outside 207–253 V", "Spänning utanför 207–253 V"),
    "han-phase-lost": ("Phase lost", "Fas borta"),
    "han-base-load": ("Base load has grown", "Grundlasten har ökat"),
    "han-counter-back": ("Counter gone backwards", "Mätarställning bakåt"),
    "han-clock": ("Meter clock off", "Mätarens klocka går fel"),
    "han-damaged": ("Many damaged telegrams", "Många skadade telegram"),
    "han-refused": ("The database refuses points", "Databasen avvisar punkter"),
    "han-backlog": ("Backlog growing", "Kön till databasen växer"),
    "han-power-high": ("Power above the limit", "Effekt över gränsen"),
    "han-phase-current": ("Phase near the main fuse", "Fas nära huvudsäkringen"),
    "han-hour-energy": ("This hour on its way over the limit", "Timmen på väg över gränsen"),
    "han-hour-fee": ("This hour will raise your power fee", "Timmen kommer att höja din effektavgift"),
    "han-day-energy": ("Energy of the day above the limit", "Dygnets energi över gränsen"),
    "han-month-energy": ("Energy of the month above the limit", "Månadens energi över gränsen"),
    "han-building-power": ("Building near its fuse", "Huset nära sin säkring"),
}
RULES = {rule.uid: rule for rule in make_rules(RuleSettings(limits=Limits(hour=5, day=60, month=1500), building=160))}


def texts(tree: Any) -> Iterator[Text]:
    if isinstance(tree, Text):
        yield tree
    elif isinstance(tree, dict):
        for value in tree.values():
            yield from texts(value)
    elif isinstance(tree, list | tuple):
        for value in tree:
            yield from texts(value)


def of_doctor() -> Iterator[Text]:
    english, swedish = (load_texts(language) for language in ("en", "sv"))
    for key, told in english.items():
        assert told.keys() == swedish[key].keys(), key
        for name, text in told.items():
            other = swedish[key][name]
            pairs = [(text, other)] if isinstance(text, str) else zip(text, other, strict=True)
            yield from (Text(*pair) for pair in pairs)


def written_out() -> Iterator[Text]:
    """Those that stand in the code as `Text("…", "…")`."""
    for source in (file.read_text("utf-8") for file in PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(source)) if "Text(" in source else ():
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Text" and len(node.args) == len(Text._fields):
                given = [each.value for each in node.args if isinstance(each, ast.Constant)]
                if len(given) == len(node.args):
                    yield Text(*map(str, given))


@cache
def every_text() -> list[Text]:
    boards = [tuple(board) for board in provisioning.make_boards(BoardSettings())]
    return sorted({*texts(tuple(RULES.values())), *texts(boards), *of_doctor(), *written_out()})


def words(text: str) -> set[str]:
    """Without what is quoted, templates and names of facts."""
    return set(re.findall(r"[a-zåäö]+", re.sub(r"\{\{.*?\}\}|`[^`]*`|\{[^}]*\}|\"[^\"]*\"", " ", text).lower()))


def test_there_are_texts_to_look_at() -> None:
    assert len(every_text()) > 300


@pytest.mark.parametrize("uid", TITLES)
def test_a_rule_is_called_so_in_both_languages(uid: str) -> None:
    assert RULES[uid].title == Text(*TITLES[uid])


def test_every_rule_has_its_name_here() -> None:
    assert RULES.keys() == TITLES.keys()


def test_no_text_stands_in_the_other_language() -> None:
    for text in every_text():
        assert not re.search("[åäö]", re.sub(r"`[^`]*`", "", text.en.lower())), text
        assert not words(text.en) & SWEDISH, text
        assert not words(text.sv) & ENGLISH, text
        if len(words(text.en)) > LONG:
            assert words(text.en) & (ENGLISH | {"to", "it", "a", "in", "be", "at", "cannot"}), text
        if len(words(text.sv)) > LONG:
            assert re.search("[åäö]", text.sv.lower()) or words(text.sv) & (SWEDISH | {"den", "det", "en"}), text


def test_both_languages_name_the_same_facts_commands_and_numbers() -> None:
    for text in every_text():
        for pattern in (r"\{\{.*?\}\}", r"(?<!\{)\{[a-z_-]+\}", r"`[^`]*`", r"\$\w+", r"\d-\d:\d+\.\d+\.\d+"):
            swedish = text.sv.replace("matare.", "meter.")  # the one name of a file that is translated
            assert sorted(re.findall(pattern, text.en)) == sorted(re.findall(pattern, swedish)), text


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "sv_SE.UTF-8"}, "sv"),
        ({"LANG": "SV"}, "sv"),
        ({"LANG": "nb_NO.UTF-8"}, "en"),
        ({"LANG": "sv_SE", "LC_MESSAGES": "en_GB"}, "en"),
        ({"LANG": "en_GB", "LC_MESSAGES": "sv_SE"}, "sv"),
        ({"LANG": "en_GB", "LC_MESSAGES": "en_GB", "LC_ALL": "sv_FI"}, "sv"),
        ({"LANG": "sv_SE", "LC_MESSAGES": "", "LC_ALL": ""}, "sv"),
        ({"LC_ALL": "C", "LANG": "sv_SE"}, "en"),
    ],
)
def test_the_language_is_that_of_the_locale(environ: dict[str, str], language: str) -> None:
    assert choose_language(environ) == language
