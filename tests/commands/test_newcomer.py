"""What somebody meets who has just installed it: a fresh home, a slip in a command, a file that is none."""

from __future__ import annotations

import gc
import json
import os
import pty
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hanlogger.cli import COMMANDS, app
from hanlogger.cli.shared.summaries import read_help
from hanlogger.humanize import count_telegrams, describe_waiting, format_count, inflect, inflect_be
from hanlogger.journal import Journal
from tests.support.logger import command, environment
from tests.support.octets import telegram
from tests.support.programs import COMMAND, ForkedCommand

COMMANDS_OF_COMMANDS = {
    "config": ("check", "example"),
    "grafana": ("provision", "rules"),
    "service": ("install", "uninstall"),
}
COMMAND_BY_NAME = [str(Path(sys.executable).with_name("hanlogger"))]
ONE_WORKER = pytest.mark.xdist_group("help")  # each worker would have it shown
CALLS = [
    call for name in COMMANDS for call in [(name,), *((name, inner) for inner in COMMANDS_OF_COMMANDS.get(name, ()))]
]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a few things that a command may be given by mistake."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("Dear hanlogger,\n")
    (tmp_path / "octets").write_bytes(bytes(range(256)))
    (tmp_path / "one.p1").write_bytes(telegram("1-0:1.7.0(0001.234*kW)"))
    return tmp_path


def run(*arguments: str, **environ: str) -> tuple[int, str, str]:
    given = {"COLUMNS": "80", "HANLOGGER_JOURNAL": "", "XDG_STATE_HOME": "", "HANLOGGER_CONFIG": "", **environ}
    done = CliRunner().invoke(app, arguments, env=environment(Path.cwd(), given))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


@cache
def show_help(*call: str) -> tuple[int, str, str]:
    """What a command shows of itself, which is the same wherever it is asked."""
    return run(*call, "--help")


def refused(*arguments: str, **environ: str) -> str:
    """The one line that it says, with the status that asks the user to change something."""
    status, out, said = run(*arguments, **environ)
    assert (status, out) == (2, ""), (status, out, said)
    (line,) = said.splitlines()
    assert line.startswith("hanlogger")
    return line


@ONE_WORKER
@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_help_fits_a_terminal_and_shows_no_type_of_a_flag_and_no_completion(call: tuple[str, ...]) -> None:
    status, out, _ = show_help(*call)
    assert status == 0
    assert max(map(len, out.splitlines())) <= 80
    assert "<bool>" not in out
    assert "ompletion" not in out
    assert f"Usage: hanlogger {' '.join(call)}" in " ".join(out.split())


@ONE_WORKER
def test_help_of_the_whole_fits_a_terminal_and_names_every_command() -> None:
    status, out, _ = show_help()
    assert status == 0
    assert max(map(len, out.splitlines())) <= 80
    assert "<bool>" not in out
    assert all(f"│ {name} " in out for name in COMMANDS)


@ONE_WORKER
@pytest.mark.parametrize("call", [(), *CALLS], ids=" ".join)
def test_the_short_option_for_help_shows_the_same(call: tuple[str, ...]) -> None:
    assert run(*call, "-h") == show_help(*call)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("st", ["status"]),
        ("export --form", ["--format"]),
        ("export --format ca", ["capture"]),
        ("tariff s", ["show"]),
        ("doctor --la", ["--lang", "--language"]),
        ("doctor --lang ", ["en", "sv"]),
        ("nosuch", []),
    ],
)
def test_a_shell_completes_commands_options_and_their_values(typed: str, offered: list[str]) -> None:
    words = f"hanlogger {typed}"
    asked = {"_HANLOGGER_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = subprocess.run(
        COMMAND_BY_NAME, env={**environment(Path.cwd()), **asked}, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_of_a_shell_can_be_shown(shell: str) -> None:
    done = subprocess.run(
        [*COMMAND_BY_NAME, "--show-completion", shell],
        env={**environment(Path.cwd()), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "_HANLOGGER_COMPLETE" in done.stdout) == (0, True), done.stderr


@ONE_WORKER
@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_of_each_what_its_own_help_begins_with(name: str) -> None:
    (row,) = re.findall(rf"^│ {name} +(\S.*?) +│$((?:\n│  +\S.*│$)*)", show_help()[1], re.MULTILINE)
    summary = " ".join("".join(row).replace("│", " ").split())
    assert len(summary) > 10
    assert summary in " ".join(show_help(name)[1].split())


def test_the_help_of_a_command_is_found_by_its_name_in_the_module() -> None:
    assert read_help("config", "app") == "Look at the settings."
    assert read_help("config", "example").startswith("Print a configuration file")
    assert read_help("config", "neither") == ""


def test_the_list_of_commands_imports_none_of_them(home: Path) -> None:
    script = "import runpy, sys; sys.argv = ['hanlogger', '--help']; runpy.run_module('hanlogger', run_name='__main__')"
    watched = f"import atexit, sys; atexit.register(lambda: print(*sys.modules)); {script}"
    done = subprocess.run([sys.executable, "-c", watched], capture_output=True, check=True, env=environment(home))
    loaded = done.stdout.decode().splitlines()[-1].split()
    assert "hanlogger.cli" in loaded
    assert not [name for name in loaded if name.startswith(("hanlogger.config", "hanlogger.journal", "pydantic"))]


def test_a_terminal_without_unicode_is_shown_question_marks(home: Path) -> None:
    program = [sys.executable, "-m", "hanlogger", "config", "example"]
    latin = environment(home) | {"PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(program, capture_output=True, check=True, env=latin)
    assert 'password = "?"' in done.stdout.decode("latin-1")


def test_garbage_is_collected_again_once_a_command_is_loaded() -> None:
    before = gc.get_freeze_count()
    gc.disable()  # as the program does, while it loads
    try:
        assert CliRunner().invoke(app, ["config", "example"]).exit_code == 0
        assert gc.isenabled()
    finally:
        gc.enable()
    assert gc.get_freeze_count() > before


@pytest.mark.parametrize("call", [(), *CALLS], ids=" ".join)
def test_an_option_that_is_none_is_one_line_that_names_the_help(call: tuple[str, ...]) -> None:
    line = refused(*call, "--xyzzy")
    assert (
        line
        == f"{' '.join(('hanlogger', *call))}: No such option: --xyzzy; see: {' '.join(('hanlogger', *call))} --help"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["stauts"], "hanlogger: No such command 'stauts'. Did you mean 'status'?; see: hanlogger --help"),
        (["service", "instal"], "hanlogger service: No such command 'instal'. Did you mean 'install'"),
        (["decode"], "hanlogger decode: Missing argument 'FILE'; see: hanlogger decode --help"),
        (["run", "--port"], "hanlogger run: Option '--port' requires an argument; see: hanlogger run --help"),
        (["run"], "no port: give one by --port"),
        (["run", "--port", "demo:", "--timeout", "x"], "hanlogger run: Invalid value for '--timeout'"),
        (["status", "extra"], "hanlogger status: Got unexpected extra argument"),
        (["refused"], "there is no journal"),
        (["refused", "--retry"], "there is no journal"),
        (["export"], "there is no journal"),
        (["forget", "home"], "there is no journal"),
        (["backfill"], "no database is configured: set HANLOGGER_INFLUXDB_URL, or [influxdb] in hanlogger.toml"),
        (["export", "--from", "2026-01-02", "--to", "2026-01-02"], "--from 2026-01-02 is not before --to 2026-01-02"),
        (["capture"], "found no argument; allowed: hanlogger capture /dev/ttyUSB0 meter.capture"),
        (["capture", "--from-journal"], "found no argument; allowed: hanlogger capture --from-journal meter.capture"),
        (["capture", "--from-journal", "new"], "there is no journal"),
        (["setup"], "no InfluxDB: give its address"),
        (["live"], "live needs a terminal"),
        (["detect", "--lang", "no"], "Invalid value for '--lang': 'no' is not one of 'en', 'sv'"),
        (["simulate", "p2"], "p2: found no such meter; allowed: "),
    ],
)
def test_a_slip_is_one_line_that_says_what_to_do(arguments: list[str], words: str) -> None:
    assert words in refused(*arguments)


FILES = {
    "import {}": ["missing", "folder", "empty", "text", "octets"],
    "config check --config {}": ["missing", "folder", "text", "octets"],  # an empty file, without settings, is one
    "run --config {}": ["missing", "folder", "text", "octets"],
    "grafana rules --config {}": ["missing", "folder", "text", "octets"],
    "export --journal {} new": ["missing", "folder"],  # what a journal is, the tests of journals say
    "replay {} --tcp x": ["missing", "folder", "empty", "text", "octets"],
    "capture demo: new --key-file {}": ["missing", "folder", "text", "octets"],
    "service install --config {}": ["missing", "folder", "text", "octets"],
}


@pytest.mark.parametrize(("arguments", "file"), [(call, file) for call, files in FILES.items() for file in files])
def test_a_file_that_is_none_is_one_line_and_nothing_is_made(home: Path, arguments: str, file: str) -> None:
    before = sorted(home.iterdir())
    assert refused(*arguments.format(file).split())
    assert sorted(home.iterdir()) == before


NUMBERS = [
    ("run", "--port", "demo:", "--timeout"),
    ("capture", "demo:", "new", "--seconds"),
    ("detect", "--listen"),
    ("doctor", "--wait"),
    ("doctor", "--listen"),
    ("live", "--hours"),
    ("replay", "one.p1", "--speed"),
    ("replay", "one.p1", "--interval"),
    ("simulate", "--speed"),
    ("simulate", "--seconds"),
    ("simulate", "--every"),
    ("simulate", "--seed"),
]


WRONG = [
    (arguments, number)
    for arguments in NUMBERS
    for number in ("nan", "inf", "-1", "1e300", "1e400", "x", "")
    if (arguments[-1], number) != ("--seed", "-1")  # any whole number is a house
]


@pytest.mark.parametrize(("arguments", "number"), WRONG)
def test_a_number_that_is_too_large_or_none_is_refused(arguments: tuple[str, ...], number: str) -> None:
    assert f"Invalid value for '{arguments[-1]}'" in refused(*arguments, number)


@pytest.mark.parametrize("command_", ["replay one.p1", "replay one.p1 --now", "simulate --seconds 1"])
def test_a_pace_that_never_ends_is_refused(command_: str) -> None:
    assert "allowed are 0, as fast as it is read, and 0.001 to 1000000" in refused(*command_.split(), "--speed", "1e-9")


@pytest.mark.parametrize("start", ["1969-12-31T12:00Z", "2100-01-02T12:00Z", "0001-01-02", "9999-12-31T23:59:59Z"])
def test_a_house_has_no_time_outside_of_its_years(start: str) -> None:
    words = refused("simulate", "--file", "new", "--seconds", "1", "--start", start)
    assert "allowed are the years 1970 to 2099" in words or "found no time" in words


def test_import_makes_the_journal_of_a_fresh_home_and_says_one_of_one(home: Path) -> None:
    assert run("import", "one.p1") == (0, "", "1 telegram of home taken in\n")
    with Journal.open(home / ".local/state/hanlogger/journal.sqlite3", read_only=True) as opened:
        assert [record.data for record in opened.records.read_frames("home")] == [
            (home / "one.p1").read_bytes().rstrip(b"\r\n")
        ]
    journal = str(home / ".local/state/hanlogger/journal.sqlite3")
    assert run("refused") == (0, "", "")
    assert on_terminal(home, "refused", "--journal", journal) == (
        0,
        "1 telegram has not been decoded yet: hanlogger run does that\r\n",
    )
    with Journal.open(Path(journal)) as opened:
        opened.destinations.confirm("influxdb", 1)
    assert run("refused") == (0, "", "")
    assert on_terminal(home, "refused", "--journal", journal) == (
        0,
        "nothing was refused, and nothing is left undecoded\r\n",
    )
    assert run("refused", "--retry")[0] == 0
    assert run("capture", "--from-journal", "new")[2] == "1 message written to new\n"
    assert "Delete 1 telegram of home in" in refused("forget", "home")
    assert run("forget", "home", "--yes")[2] == "1 telegram of home is deleted\n"


def test_where_no_journal_can_be_kept_is_said_by_import_too() -> None:
    for place in ("text/journal", "folder"):
        words = refused("import", "one.p1", "--journal", place)
        assert f"{place}, where no journal can be kept" in words


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 octets are"), (1, "1 octet is"), (2, "2 octets are"), (-1, "-1 octets are")]
)
def test_one_is_not_many(number: int, words: str) -> None:
    assert f"{format_count(number, 'octet')} {inflect_be(number)}" == words
    assert count_telegrams(number) == words.rsplit(" ", 1)[0].replace("octet", "telegram")
    assert describe_waiting(number).endswith("waits" if number == 1 else "wait")
    assert inflect(number, "a", "b") == ("a" if number == 1 else "b")


def on_terminal(home: Path, *arguments: str) -> tuple[int, str]:
    """The exit status, and what the terminal shows."""
    ours, line_end = pty.openpty()
    process = ForkedCommand(arguments, home, environment(home), stdin=line_end, stdout=line_end, stderr=line_end)
    status = process.wait()
    os.close(line_end)
    shown = os.read(ours, 4096).decode()
    os.close(ours)
    return status, shown


def test_an_error_is_one_line_on_a_terminal_too(home: Path) -> None:
    words = "hanlogger export: No such option: --xyzzy; see: hanlogger export --help\r\n"
    assert on_terminal(home, "export", "--xyzzy") == (2, words)


def test_what_a_pipe_does_not_take_any_more_is_no_traceback(home: Path) -> None:
    done = subprocess.run(
        f"{' '.join(COMMAND)} config example | head -c 1",
        shell=True,
        capture_output=True,
        check=False,
        env=environment(home),
    )
    assert (done.stdout, done.stderr) == (b"#", b"")


def test_wrong_use_ends_the_process_with_status_2(home: Path) -> None:
    done = command(home, "status", "--xyzzy")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert json.loads(command(home, "status", "--json").stdout)["running"] is False
