"""A module's test is found by the module's path, tests share nothing but tests/support, and named tests exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
SUBJECTS = {
    "unit/decoding": ("corpus", "families", "peers", "vectors"),
    "unit/deliver": ("changed_meanwhile", "filters", "lossless", "refused"),
    "unit/framing": ("fuzz", "limits"),
    "unit/running": ("bounds",),
    "unit/simulate": ("vectors",),
    "unit/tariffs": ("cost_cases", "days", "laws", "peak_cases", "second_way", "tariff_file", "two_forms"),
    "unit/web": ("programs",),
    "unit/wire": ("layouts",),
    "commands": ("demo", "newcomer", "signals", "strangers", "streams"),
}
"""By folder: what files there are about that no single module, or command, stands for."""


def list_modules(folder: Path) -> set[str]:
    """Return the names that a test of this folder of tests may begin with."""
    within = folder.relative_to(TESTS).parts
    room = ROOT.joinpath("hanlogger", "cli" if within == ("commands",) else "", *within[1:])
    assert room.is_dir(), f"{folder} mirrors nothing"
    found = {path.stem for path in room.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    return {name.strip("_") for name in found | {room.name}}


def list_tests(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((TESTS / folder).rglob("test_*.py"))


def is_named_rightly(path: Path) -> bool:
    """Whether a file of tests is named by a module or the room, perhaps with more words, or by a subject."""
    name, folder = path.stem.removeprefix("test_"), path.parent
    subjects = SUBJECTS.get(str(folder.relative_to(TESTS)), ())
    return name in subjects or any(f"{name}_".startswith(f"{module}_") for module in list_modules(folder))


def test_a_file_of_tests_is_named_by_its_module_or_by_a_subject_that_is_listed() -> None:
    assert [path.relative_to(TESTS) for path in list_tests("unit", "commands") if not is_named_rightly(path)] == []


def test_every_subject_that_is_listed_has_a_file() -> None:
    for folder, subjects in SUBJECTS.items():
        for subject in subjects:
            assert subject not in list_modules(TESTS / folder), f"{folder}/{subject} is a module"
            assert (TESTS / folder / f"test_{subject}.py").exists(), f"{folder}/{subject}"


ONE_WORKER = pytest.mark.xdist_group("imports")  # which reads all tests once


@cache
def list_imports(path: Path) -> list[str]:
    """Return the names of all modules that a file imports, also from within texts that are run as programs."""
    source = path.read_text()
    found = list[str]()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            found += [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
    return found + re.findall(r"^\s*(?:from|import) (tests\.[\w.]+)", source, re.MULTILINE)


@ONE_WORKER
def test_nothing_imports_a_test() -> None:
    tests = {path.stem for path in list_tests(".")}
    for path in TESTS.rglob("*.py"):
        found = [name for name in list_imports(path) if name.startswith("tests.") and tests & set(name.split("."))]
        assert not found, f"{path.relative_to(ROOT)}: what tests share stands in tests/support"


@ONE_WORKER
def test_no_test_takes_its_checksums_from_what_it_tests() -> None:
    """The tests' own are in tests/support/octets.py."""
    tested_here = {TESTS / "unit" / "wire" / "test_layouts.py", TESTS / "unit" / "framing" / "test_framer.py"}
    assert {path for path in TESTS.rglob("*.py") if "hanlogger.wire.crc" in list_imports(path)} == tested_here


PAPERS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *TESTS.rglob("*.md"), ROOT / "Makefile"]


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(ROOT)))
def test_a_test_that_a_paper_names_exists(paper: Path) -> None:
    text = paper.read_text()
    assert [path for path in re.findall(r"tests/[\w/*]+\.py", text) if not list(ROOT.glob(path))] == []
    known = {path.name for path in list_tests(".")}
    assert set(re.findall(r"\btest_\w+\.py", text)) <= known


@pytest.mark.xdist_group("one")
def test_the_group_of_a_test_is_in_its_id_where_tests_are_given_out_by_groups(request: pytest.FixtureRequest) -> None:
    by_groups = request.config.getoption("loadgroup", default=False)
    assert request.node.nodeid.endswith("@one") is by_groups
