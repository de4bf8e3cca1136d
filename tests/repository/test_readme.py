"""What the manuals say is so: commands, settings, links, and what is to be typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import chain, count
from pathlib import Path

import pytest

from hanlogger import config
from hanlogger.boards.provisioning import make_boards
from hanlogger.boards.rules import make_rules
from hanlogger.boards.settings import BoardSettings, Limits, RuleSettings
from hanlogger.cli import COMMANDS
from hanlogger.config.environment import map_variables
from hanlogger.setup.advice import WAY_OUT
from tests.support.composefile import ROOT, variables
from tools import manual as manual_pages

MANUALS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLES = [
    (manual, block)
    for manual in MANUALS
    for block in re.findall(r"```toml\n(.*?)```", manual.read_text("utf-8"), re.DOTALL)
]

EVERY_LIMIT = RuleSettings(limits=Limits(hour=5, day=60, month=500), building=160)
NOT_COMMANDS = {"hanlogger"}  # a service of compose, before the command


def text(manual: Path) -> str:
    return manual.read_text("utf-8")


def anchors(manual: Path) -> set[str]:
    """Of the headings, as they are made from them on the web."""
    headings = re.findall(r"^#+ (.+)$", text(manual), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", unicodedata.normalize("NFC", heading.lower())) for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}


@pytest.mark.parametrize("manual", MANUALS, ids=lambda manual: manual.name)
def test_every_command_that_is_named_is_one(manual: Path) -> None:
    typed = re.sub(r"#.*", "", "\n".join(re.findall(r"```sh\n(.*?)```", text(manual), re.DOTALL)))
    in_blocks = re.findall(r"(?:^|[ /])hanlogger ([a-z]+)", typed, re.MULTILINE)
    named = {*re.findall(r"`hanlogger ([a-z]+)", text(manual)), *in_blocks} - NOT_COMMANDS
    assert named <= COMMANDS.keys()


def test_every_command_is_in_the_manual() -> None:
    table = text(ROOT / "README.md").partition("## Commands")[2].partition("\n## ")[0]
    named = set(re.findall(r"[a-z]+", " ".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE))))
    assert COMMANDS.keys() - named == set()


ENGLISH = ("six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen")
SWEDISH = ("sex", "sju", "åtta", "nio", "tio", "elva", "tolv", "tretton", "fjorton", "femton", "sexton")
NUMBERS = dict(chain(zip(ENGLISH, count(6), strict=False), zip(SWEDISH, count(6), strict=False)))


@pytest.mark.parametrize(
    ("manual", "told", "what"),
    [
        ("README.md", r"(\w+) boards", make_boards(BoardSettings())),
        ("README.md", r"(\w+) alert rules", make_rules(RuleSettings())),
        ("README.md", r"\((\w+) with all limits", make_rules(EVERY_LIMIT)),
        ("README.sv.md", r"(\w+) tavlor", make_boards(BoardSettings())),
        ("README.sv.md", r"(\w+) larmregler", make_rules(RuleSettings())),
        ("README.sv.md", r"\((\w+) när alla gränser", make_rules(EVERY_LIMIT)),
        ("docs/compose.md", r"(\w+) boards", make_boards(BoardSettings())),
        ("docs/boards.md", r"(\w+) rules come", make_rules(EVERY_LIMIT)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_manual_counts_boards_and_rules(manual: str, told: str, what: Sequence[object]) -> None:
    words = {word.lower() for word in re.findall(told, text(ROOT / manual))}
    assert {NUMBERS[word] for word in words & NUMBERS.keys()} == {len(what)}


def test_the_swedish_readme_leads_to_the_same_places_by_the_same_steps() -> None:
    english, swedish = text(ROOT / "README.md"), text(ROOT / "README.sv.md")
    for form in (r"^(#+) ", r"\]\((docs/[^)]+)\)", r"^\| `hanlogger ([a-z ]+)", r"`(hanlogger [a-z ]+)[` ]"):
        assert set(re.findall(form, swedish, re.MULTILINE)) == set(re.findall(form, english, re.MULTILINE))
    assert len(re.findall(r"^## ", swedish, re.MULTILINE)) == len(re.findall(r"^## ", english, re.MULTILINE))


@pytest.mark.parametrize("manual", MANUALS, ids=lambda manual: manual.name)
def test_every_variable_that_is_named_is_known(manual: Path) -> None:
    named = set(re.findall(r"\b(?:HANLOGGER|GRAFANA)_[A-Z_]+\b", text(manual)))
    known = {*map_variables(), *variables(), "HANLOGGER_CONFIG"}
    assert {name for name in named if not name.startswith("HANLOGGER_TEST_")} <= known


@pytest.mark.parametrize("manual", MANUALS, ids=lambda manual: manual.name)
def test_every_link_leads_somewhere(manual: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", text(manual)):
        if target.startswith(("http:", "https:")):
            continue
        file, _, anchor = target.partition("#")
        page = manual.parent / file if file else manual
        assert page.exists(), target
        assert not anchor or anchor in anchors(page), target


@pytest.mark.parametrize(("manual", "block"), EXAMPLES, ids=lambda value: value.name if isinstance(value, Path) else "")
def test_every_example_of_a_setting_is_a_valid_one(manual: Path, block: str, tmp_path: Path) -> None:
    file = tmp_path / "hanlogger.toml"
    file.write_text(block, "utf-8")
    config.load(file, {"HANLOGGER_PORT": "" if "[[meter]]" in block else "demo:"})


def test_the_way_out_that_setup_names_is_in_the_manual() -> None:
    for line in filter(None, map(str.strip, WAY_OUT.splitlines())):
        assert line.rstrip("\\").strip() in text(ROOT / "docs" / "compose.md"), line


def test_the_pages_of_commands_and_settings_are_what_the_code_says() -> None:
    assert text(ROOT / "docs" / "commands.md") == manual_pages.commands_page()
    assert text(ROOT / "docs" / "settings.md") == manual_pages.settings_page()


def test_the_manual_has_every_page_in_its_contents() -> None:
    contents = (ROOT / "mkdocs.yml").read_text("utf-8")
    assert [page.name for page in (ROOT / "docs").glob("*.md") if f": {page.name}\n" not in contents] == []
