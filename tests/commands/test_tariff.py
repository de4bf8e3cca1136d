"""`hanlogger tariff`, as a user calls it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from hanlogger.cli import app
from tests.support.eltariffs import make_answer
from tests.support.scripted_server import Reply, Request, ScriptedServer, scripted_server

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


def answer_with(*names: str) -> dict[str, Any]:
    """An answer of an API with a tariff for each name, each with its id and product."""
    answer = make_answer()
    answer["tariffs"] = [
        answer["tariffs"][0] | {"name": name, "product": name.upper(), "id": str(UUID(int=number))}
        for number, name in enumerate(names, 1)
    ]
    return answer


def serve(answer: dict[str, Any], *, open_to_all: bool = True) -> Callable[[Request], Reply]:
    """What an API with this answer says, under /grid/v0."""

    def say(request: Request) -> Reply:
        if request.path == "/grid/v0/tariffs":
            return Reply(200, json.dumps(answer).encode())
        for one in answer["tariffs"]:
            if request.path == f"/grid/v0/tariffs/{one['id']}":
                both = {"tariff": one, "calendarPatterns": answer["calendarPatterns"]}
                return Reply(200, json.dumps(both).encode()) if open_to_all else Reply(401, b'{"title":"Unauthorized"}')
        return Reply(404, b'{"status":404,"title":"Not\\nFound"}')

    return say


@pytest.fixture
def api() -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        server.answer = serve(answer_with("small", "large"))
        yield server


def test_the_answer_of_an_api_is_written_as_it_came_and_what_it_says_is_told(
    api: ScriptedServer, tmp_path: Path
) -> None:
    file = tmp_path / "grid.json"
    said = tariff("fetch", f"{api.url}/grid/v0/", "--output", file)
    assert (said.exit_code, said.stdout) == (0, "")
    assert json.loads(file.read_text("utf-8")) == answer_with("small", "large")
    assert said.stderr.splitlines() == [
        f'read: product "{name.upper()}" id "{UUID(int=number)}" name "{name}", 2027-01-01 to 2028-01-01: 0 deviations'
        for number, name in enumerate(("small", "large"), 1)
    ]
    assert tariff("fetch", f"{api.url}/grid/v0/tariffs").stdout == file.read_text("utf-8")


def test_one_tariff_is_asked_for_by_its_id_and_of_all_where_it_is_not_for_all_the_world(api: ScriptedServer) -> None:
    said = tariff("fetch", f"{api.url}/grid/v0", "--id", str(UUID(int=2)))
    assert list(json.loads(said.stdout)) == ["tariff", "calendarPatterns"]
    assert said.stderr.startswith('read: product "LARGE" ')
    api.answer = serve(answer_with("small", "large"), open_to_all=False)
    again = tariff("fetch", f"{api.url}/grid/v0", "--id", str(UUID(int=2)))
    assert list(json.loads(again.stdout)) == ["tariffs", "calendarPatterns"]
    assert again.stderr == said.stderr


def test_a_product_or_a_name_says_of_which_tariff_the_report_is(api: ScriptedServer) -> None:
    for option, value in (("--product", "small"), ("--name", "small")):
        said = tariff("fetch", f"{api.url}/grid/v0", option, value)
        assert (said.exit_code, said.stderr.count("\n")) == (0, 1)
        assert said.stderr.startswith('read: product "SMALL" ')


def test_a_tariff_that_is_refused_is_told_with_why_and_the_answer_is_written_all_the_same(
    api: ScriptedServer, tmp_path: Path
) -> None:
    answer = answer_with("small", "large")
    answer["tariffs"][1]["powerPrice"] = answer["tariffs"][1]["powerPrice"] | {"costFunction": "wild(\x1b[31mc)"}
    answer["tariffs"][0]["lastUpdated"] = None
    api.answer = serve(answer)
    said = tariff("fetch", f"{api.url}/grid/v0")
    assert said.exit_code == 0
    assert "lastUpdated" not in said.stderr.splitlines()[0]
    assert 'large": powerPrice: costFunction "wild( [31mc)" is not known' in said.stderr
    assert "\x1b" not in said.stderr
    file = tmp_path / "one.json"
    alone = tariff("fetch", f"{api.url}/grid/v0", "--product", "large", "-o", file)
    assert alone.exit_code == 2
    assert alone.stderr.splitlines()[-1] == "hanlogger: nothing can be read of 1 tariff; the report says why"
    assert json.loads(file.read_text("utf-8")) == answer


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{url}/other"], "/other/tariffs: answers 404 {{"),
        (
            ["{url}/grid/v0", "--product", "medium"],
            "0 of 2 tariffs have product medium; choose one by id, product, name or",
        ),
        (["ftp://host/grid"], "ftp://host/grid is no address; give that of an API"),
        (["http://[/grid"], "http://[/grid is no address; give that of an API"),
        (["{url}/grid/v0?x=1"], "give the address without ? and #"),
        (["http://127.0.0.1:1/grid"], "http://127.0.0.1:1/grid/tariffs: connection refused"),
    ],
)
def test_what_cannot_be_fetched_is_told_in_one_line(api: ScriptedServer, arguments: list[str], words: str) -> None:
    said = tariff("fetch", *(each.replace("{url}", api.url) for each in arguments))
    assert said.exit_code in (1, 2)
    assert words.replace("{{", "{") in said.stderr
    assert said.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(200, b"<html>"), "not JSON: "),
        (Reply(200, b"[]"), "no answer of an Eltariff API"),
        (
            Reply(302, b"", {"Location": "https://other.example/v1"}),
            "it has moved (302) to https://other.example/v1; give that",
        ),
        (Reply(200, b" " * 33_554_433), "its answer is longer than 33554432 bytes; choose one by --id"),
        (Reply(500, b"\x1b[2Jboom"), "answers 500 [2Jboom"),
    ],
)
def test_an_answer_that_is_none_is_told_in_one_line(api: ScriptedServer, reply: Reply, words: str) -> None:
    api.answer = lambda _: reply
    said = tariff("fetch", f"{api.url}/grid/v0")
    assert said.exit_code in (1, 2)
    assert words in said.stderr
    assert said.stderr.count("\n") == 1


def test_a_file_that_is_there_is_not_overwritten_and_nothing_is_asked(api: ScriptedServer, grid: Path) -> None:
    said = tariff("fetch", f"{api.url}/grid/v0", "--output", grid)
    assert (said.exit_code, api.requests) == (2, [])
    assert said.stderr == f"hanlogger: {grid} is there already: name another file, or remove it\n"


def test_files_of_others_are_checked_and_shown_and_deviations_told(tmp_path: Path) -> None:
    answer = answer_with("small", "large")
    answer["tariffs"][0]["id"] = "???"
    (tmp_path / "grid.json").write_text(json.dumps(answer))
    alone = tariff("check", tmp_path / "grid.json")
    assert alone.exit_code == 2
    assert "it has 2 tariffs; choose one by id, product, name or on" in alone.stderr
    own = tmp_path / "own.toml"
    own.write_text('[base]\nfile = "grid.json"\nproduct = "small"\n')
    said = tariff("check", own)
    assert (said.exit_code, said.stdout) == (0, f"{own}: small, part grid, 3 lines\n")
    assert said.stderr == f'deviation: {own}: tariffs "small": id "???" is no UUID\n'
    shown = " ".join(tariff("show", own).stdout.split())
    assert "mean of the 3 greatest of the month, each of another day" in shown
    assert "Days off: 2027-01-01, 2027-01-06" in shown


def test_a_base_that_is_missing_is_told(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('base = "grid.json"\n')
    said = tariff("check", own)
    assert said.exit_code == 2
    assert said.stderr.startswith(f"hanlogger: {tmp_path / 'grid.json'}: cannot be read (No such file or directory)")
