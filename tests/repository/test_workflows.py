"""The workflows: what they run is there, for every Python that the package claims, by actions pinned to a commit."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+$|uses: \./\.github/workflows/tests\.yml$")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_an_action_is_pinned_to_a_commit_and_its_version_stands_beside_it(workflow: Path) -> None:
    used = [line for line in workflow.read_text().splitlines() if "uses:" in line]
    assert used
    assert [line for line in used if not PINNED.search(line)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_makes_only_what_the_makefile_has(workflow: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    made = [target for run in re.findall(r"run: make (.*)", workflow.read_text()) for target in run.split()]
    assert made
    assert [target for target in made if "=" not in target and target not in targets] == []


def test_the_tests_run_on_every_python_that_the_package_claims_and_on_both_machines() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    claimed = [word for one in project["classifiers"] if re.fullmatch(r"3\.\d+", word := one.rpartition(" ")[2])]
    matrix = read("tests")["jobs"]["test"]["strategy"]["matrix"]
    assert matrix == {"python": claimed, "runner": ["ubuntu-24.04", "ubuntu-24.04-arm"]}


def test_nothing_is_published_before_the_tests_and_the_packages_are_good() -> None:
    publishing = [job for job in read("release")["jobs"].values() if "write" in job.get("permissions", {}).values()]
    assert [job["needs"] for job in publishing] == [["tests", "package"]] * 2


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text())
