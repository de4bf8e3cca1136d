"""The tariffs of a meter, which are read again when a file of theirs has changed, or the base of one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hanlogger.costs.contracts import Contracts
from tests.support.eltariffs import make_answer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "grid.json").write_text(json.dumps(make_answer()), "utf-8")
    (tmp_path / "own.toml").write_text('base = "grid.json"\n', "utf-8")
    return tmp_path


def test_a_change_of_the_base_is_one_of_the_tariff(folder: Path) -> None:
    contracts = Contracts({"home": [folder / "own.toml"]})
    (before,), mark = contracts.load("home"), contracts.compute_fingerprint("home")
    assert contracts.load("home") == (before,)
    answer = make_answer()
    answer["tariffs"][0]["name"] = "Villa 20 A from autumn on"
    (folder / "grid.json").write_text(json.dumps(answer), "utf-8")
    assert contracts.compute_fingerprint("home") != mark
    assert [tariff.name for tariff in contracts.load("home")] == ["Villa 20 A from autumn on"]


def test_another_base_is_another_tariff(folder: Path) -> None:
    contracts = Contracts({"home": [folder / "own.toml"]})
    (before,) = contracts.load("home")
    (folder / "other.json").write_text((folder / "grid.json").read_text().replace("Villa", "Flat"), "utf-8")
    (folder / "own.toml").write_text('[base]\nfile = "other.json"\n', "utf-8")
    assert contracts.load("home")[0].name == before.name.replace("Villa", "Flat")
