"""`hanlogger tariff`, as a user calls it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hanlogger.cli import app

ENVIRONMENT = {"COLUMNS": "120", "NO_COLOR": "1", "LANG": "C", "LC_ALL": "", "LC_MESSAGES": ""}


def tariff(*arguments: str | Path, **environ: str) -> Result:
    return CliRunner().invoke(app, ["tariff", *map(str, arguments)], env=ENVIRONMENT | environ, catch_exceptions=False)


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    file = tmp_path / "grid.toml"
    file.write_text(tariff("examples", "winter-with-eves").stdout)
    return file


def test_an_example_is_listed_and_printed_and_is_right(grid: Path) -> None:
    listed = tariff("examples").stdout.splitlines()
    assert len(listed) >= 12
    assert any(line.startswith("winter-with-eves ") for line in listed)
    said = tariff("check", grid)
    assert (said.exit_code, said.stdout) == (0, f"{grid}: Winter with eves, part grid, 1 line\n")


def test_an_unknown_example_is_told_with_those_there_are() -> None:
    said = tariff("examples", "winter")
    assert said.exit_code == 2
    assert said.stderr.startswith("hanlogger: winter is no example; known are base-and-winter, ")


def test_the_rule_is_said_in_words_in_both_languages(grid: Path) -> None:
    english, swedish = tariff("show", grid).stdout, tariff("show", grid, "--language", "sv").stdout
    assert "mean of the 3 greatest of the month, each of another day" in english
    assert "in November to March, Monday to Friday, but not on days off, from 06:00 to 20:00" in " ".join(
        english.split()
    )
    assert "31 December, 1 January, 6 January, Good Friday and Easter Monday" in " ".join(english.split())
    assert "medelvärdet tas av de 3 högsta under månaden" in swedish.lower()
    assert tariff("show", grid, LANG="sv_SE.UTF-8").stdout == swedish


def test_the_files_of_the_settings_are_taken_where_none_is_named(grid: Path) -> None:
    config = grid.parent / "hanlogger.toml"
    config.write_text('tariff = "grid.toml"\n[[meter]]\nname = "barn"\nport = "/dev/b"\ntariff = ["barn.toml"]\n')
    (grid.parent / "barn.toml").write_text(tariff("examples", "one-hour").stdout)
    assert tariff("show", "--config", config).stdout.startswith("One hour\n")
    config.write_text('tariff = "grid.toml"\n')
    assert tariff("check", "--config", config).stdout.endswith("Winter with eves, part grid, 1 line\n")


def test_no_tariff_at_all_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "hanlogger.toml").write_text("")
    said = tariff("check", "--config", tmp_path / "hanlogger.toml")
    assert said.exit_code == 2
    assert said.stderr == 'hanlogger: there is no tariff: give a FILE, or tariff = "FILE" in hanlogger.toml\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read (No such file or directory); give a tariff file"),
        ("name = 1", "name: found 1; allowed: a valid string"),
        ("peaks = 3", "name is missing"),
    ],
)
def test_a_wrong_file_ends_with_one_line(tmp_path: Path, text: str | None, words: str) -> None:
    file = tmp_path / "grid.toml"
    if text is not None:
        file.write_text(text)
    said = tariff("check", file)
    assert said.exit_code == 2
    assert said.stderr.startswith(f"hanlogger: {file}: ")
    assert words in said.stderr
    assert said.stderr.count("\n") == 1


def test_tariffs_that_overlap_are_refused_and_gaps_are_told(grid: Path) -> None:
    early, late = grid.parent / "early.toml", grid.parent / "late.toml"
    early.write_text(grid.read_text().replace("\n[[power]]", "\nvalid_to = 2027-01-01\n[[power]]", 1))
    late.write_text(grid.read_text().replace("\n[[power]]", "\nvalid_from = 2027-02-01\n[[power]]", 1))
    said = tariff("check", early, late)
    assert said.exit_code == 0
    assert said.stderr == 'warning: no tariff of part "grid" is valid from 2027-01-01 to 2027-02-01\n'
    both = tariff("check", grid, late)
    assert both.exit_code == 2
    assert 'are both valid for part "grid" on 2027-02-01; give the older one valid_to' in both.stderr


def test_config_check_checks_the_tariffs_too(grid: Path) -> None:
    config = grid.parent / "hanlogger.toml"
    config.write_text('tariff = "grid.toml"\n[[meter]]\nname = "a"\nport = "/dev/a"\n')
    grid.write_text(grid.read_text().replace("peaks", "peeks"))
    said = CliRunner().invoke(app, ["config", "check", "--config", str(config)], env=ENVIRONMENT)
    assert said.exit_code == 2
    assert "peeks is no key; did you mean peaks?" in said.stderr
