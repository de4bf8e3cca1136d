"""`hanlogger simulate`: every meter and every fault, to a file, over TCP, to a pseudo-terminal."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hanlogger.cli import app
from hanlogger.cli.faults import FAULTS
from hanlogger.cli.simulate import Simulation
from hanlogger.decoding import decode
from hanlogger.framing import Framer
from hanlogger.model import BadFrame, Chunk, Frame, Meter
from hanlogger.points.timestamp import convert_meter_clock
from hanlogger.recordings.capture import read_chunks
from hanlogger.simulate import DIALECTS
from hanlogger.simulate.faults import find_dst_changes
from hanlogger.sources import Port, open_port
from tests.support.logger import command, playing
from tests.support.waiting import PATIENCE

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
AT_NOON = ("--start", START.isoformat())


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["simulate", *arguments])
    return done.exit_code, done.stdout, done.stderr


def simulated(*arguments: str) -> list[Chunk]:
    status, out, _ = run(*arguments, *AT_NOON, "--file", "-")
    assert status == 0
    return list(read_chunks(out.splitlines()))


def events(chunks: list[Chunk]) -> list[Frame | BadFrame]:
    framer = Framer()
    return [event for chunk in (*chunks, Chunk(b"", START)) for event in framer.feed(chunk)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_meter_can_be_written_to_a_file_and_read_back(dialect: str) -> None:
    chunks = simulated(dialect, "--seconds", "30")
    found = events(chunks)
    key = DIALECTS[dialect].key
    for event in found:
        assert isinstance(event, Frame)
        decode(event, Meter(), [key] if key else [])
    assert len(found) == len(chunks) >= 2
    assert all(START <= chunk.received_at < START + timedelta(seconds=30) for chunk in chunks)


def test_the_same_seed_is_the_same_house_and_another_is_another() -> None:
    one, same, other = (simulated("--seconds", "20", "--seed", seed) for seed in ("7", "7", "8"))
    assert one == same
    assert one != other


EXAMPLES = {"": "", "=RATE": "=0.01", "=AT": "=30", "=AT+SECONDS": "=20+30"}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_can_be_asked_for(name: str) -> None:
    plain = simulated("dsmr5", "--seconds", "60", "--seed", "3")
    broken = simulated("dsmr5", "--seconds", "60", "--seed", "3", "--fault", name + EXAMPLES[FAULTS[name].takes])
    if name == "summer-time":  # there is none in January
        assert broken == plain
    else:
        assert broken != plain


def test_several_faults_come_together() -> None:
    chunks = simulated("--seconds", "600", "--fault", "bit-errors=0.0002", "--fault", "cut-reads", "--fault", "7e1")
    kinds = [type(event) for event in events(chunks)]
    assert kinds.count(BadFrame) > 0
    assert kinds.count(Frame) > 30
    assert max(len(chunk.data) for chunk in chunks) <= 64


def test_a_clock_that_jumps_is_off_by_so_much_from_then_on() -> None:
    found = events(simulated("--seconds", "60", "--fault", "clock-jump=30+3600"))
    offs = []
    for frame in found:
        assert isinstance(frame, Frame)
        time = convert_meter_clock(decode(frame), Meter())
        assert time is not None
        offs.append((time - frame.received_at).total_seconds())
    assert offs == [0, 0, 0, 3600, 3600, 3600]


def test_it_can_begin_before_either_change_of_summer_time() -> None:
    for season, change in zip(("spring", "autumn"), find_dst_changes(datetime.now(UTC).year), strict=True):
        status, out, _ = run("--file", "-", "--seconds", "20", "--start", season)
        assert status == 0
        (first, *_) = read_chunks(out.splitlines())
        assert change - first.received_at == timedelta(minutes=90)


def test_all_meters_and_faults_are_listed() -> None:
    status, out, _ = run("--list")
    assert status == 0
    assert all(f"  {name} " in out for name in DIALECTS)
    assert all(f"  {name}{fault.takes} " in out for name, fault in FAULTS.items())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "nothing: found no such meter; allowed: p1-sagemcom"),
        (["--fault", "rain"], "--fault rain: found no such fault; allowed: bit-errors"),
        (["--fault", "silence=5"], "--fault silence=5: allowed: silence=AT+SECONDS, such as silence=60+3600"),
        (["--fault", "7e1=1"], "--fault 7e1=1: allowed: 7e1"),
        (["--fault", "bit-errors=2"], "--fault bit-errors=2: allowed: bit-errors=RATE"),
        (["--start", "yesterday"], "--start yesterday: found no time; allowed: 2026-01-31"),
        (["--file", "x"], "--file needs --seconds"),
        (["--file", "x", "--seconds", "1", "--pty", "y"], "--file needs --seconds"),
        (["--pty", "x", "--tcp", "localhost:1"], "--pty and --tcp are two places to play to: give one of them"),
        (["--tcp", "6638"], "--tcp 6638: found no address; allowed: HOST:PORT"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_what_is_allowed(arguments: list[str], words: str) -> None:
    status, _, error = run(*arguments)
    assert status == 2
    (line,) = [line for line in error.splitlines() if line]
    assert words in line


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "mine"
    file.write_text("precious")
    status, _, error = run("--file", str(file), "--seconds", "10")
    assert (status, "is there already" in error) == (2, True)
    assert file.read_text() == "precious"


@pytest.mark.parametrize("where", [("--pty", "meter"), ("--tcp", "127.0.0.1:0")])
def test_a_port_gives_what_the_file_has(where: tuple[str, str], tmp_path: Path) -> None:
    arguments = ("kaifa-no", "--seconds", "60", *AT_NOON)
    expected = b"".join(chunk.data for chunk in simulated(*arguments))
    with playing("simulate", tmp_path, *arguments, "--speed", "0", *where) as (process, port):
        source = open_port(Port(str(tmp_path / port) if where[0] == "--pty" else port, Meter()))
        got = b""
        while len(got) < len(expected):
            got += source.read(5).data
        assert got == expected
        assert process.wait(PATIENCE) == 0
        source.close()


def test_ctrl_c_ends_it_and_takes_its_name_away(tmp_path: Path) -> None:
    with playing("simulate", tmp_path, "--pty", "meter") as (process, _):
        assert (tmp_path / "meter").is_symlink()
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert not (tmp_path / "meter").is_symlink()


def test_the_key_of_an_enciphered_meter_is_told_as_a_setting_that_opens_it(tmp_path: Path) -> None:
    done = command(tmp_path, "simulate", "austria", "--seconds", "20", "--file", "house.capture")
    key = done.stderr.partition("HANLOGGER_KEYS=")[2].strip()
    done = command(tmp_path, "run", "--port", "file:house.capture", environ={"HANLOGGER_KEYS": key})
    assert done.returncode == 0, done.stderr
    assert "4 telegrams" in done.stderr


def test_options_together_make_the_same_house_in_the_library() -> None:
    (first, *_) = Simulation("dsmr5", 1, 5.0, (), 11.0).start(START).chunks
    assert first.received_at == START
