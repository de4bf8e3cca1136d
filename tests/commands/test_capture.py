"""`hanlogger capture`: from ports, from files, from the journal; with numbers of meters hidden."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hanlogger.cli import app
from hanlogger.errors import CaptureError
from hanlogger.framing import Framer
from hanlogger.journal import Damaged, Entry, Journal
from hanlogger.model import Chunk, Frame, Meter
from hanlogger.recordings.capture import read_chunks
from hanlogger.recordings.replay import PseudoTerminal, TcpServer, play
from hanlogger.simulate import DIALECTS, simulate_telegrams
from hanlogger.simulate.p1 import make_telegram
from tests.support.logger import command, environment
from tests.support.ports import bridge
from tests.support.programs import ForkedCommand
from tests.support.waiting import PATIENCE, until

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOME = Meter("home")
NAMED = make_telegram(r"ELL5\253833635_A", ["0-0:1.0.0(260101130000W)", "1-0:1.7.0(0001.234*kW)"])


def run(*arguments: str, folder: Path) -> tuple[int, str, str]:
    """In this process, for what ends before a port is opened."""
    done = CliRunner().invoke(app, ["capture", *arguments], env=environment(folder))
    return done.exit_code, done.stdout, done.stderr


def captured(file: Path) -> list[Chunk]:
    with file.open() as text:
        return list(read_chunks(text))


def frames(chunks: Sequence[Chunk]) -> list[Frame]:
    framer = Framer()
    return [event for chunk in chunks for event in framer.feed(chunk) if isinstance(event, Frame)]


def joined(chunks: Sequence[Chunk]) -> bytes:
    return b"".join(chunk.data for chunk in chunks)


@contextmanager
def recorded(folder: Path, *data: bytes, meter: Meter = HOME) -> Iterator[Journal]:
    """A journal with these messages, ten seconds apart."""
    with Journal.open(folder / "journal.sqlite3") as journal:
        for number, octets in enumerate(data):
            for frame in frames([Chunk(octets, START + number * timedelta(seconds=10))]):
                journal.records.append([Entry(frame, meter)])
        yield journal


# --- ports


def so_far(file: Path) -> bytes:
    """What a capture under way has, as far as it can be read."""
    with suppress(OSError, CaptureError):
        return joined(captured(file))
    return b""


@contextmanager
def capturing(folder: Path, *arguments: str) -> Iterator[ForkedCommand]:
    with (folder / "said").open("wb") as said:
        process = ForkedCommand(("capture", *arguments), folder, environment(folder), stderr=said)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("end", ["seconds", "ctrl-c"])
def test_a_serial_line_is_recorded_octet_for_octet_with_true_times(end: str, tmp_path: Path) -> None:
    line = PseudoTerminal(tmp_path / "meter")
    octets = bytes(range(256)) + NAMED
    arguments = ("meter", "file", "--serial", "115200 8N1", *(("--seconds", "1.5") if end == "seconds" else ()))
    stop = threading.Event()
    with capturing(tmp_path, *arguments) as process:
        assert line.wait(stop)
        before = datetime.now(UTC)
        play([Chunk(octets[:300], START), Chunk(octets[300:], START + timedelta(seconds=0.2))], line, stop)
        if end == "ctrl-c":
            until(lambda: so_far(tmp_path / "file") == octets, "all of it")
            process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    chunks = captured(tmp_path / "file")
    assert joined(chunks) == octets
    assert before <= chunks[0].received_at <= chunks[-1].received_at <= datetime.now(UTC)
    assert chunks[-1].received_at - chunks[0].received_at > timedelta(seconds=0.1)
    said = (tmp_path / "said").read_text()
    assert "1 telegram, damaged: none; written to file" in said
    head = (tmp_path / "file").read_text().partition("@")[0]
    assert "# port: meter\n# line: 115200 8N1\n# hanlogger: " in head
    line.close(stop)


def test_a_bridge_that_goes_ends_the_capture_and_keeps_it(tmp_path: Path) -> None:
    with (
        bridge(lambda connection: connection.sendall(NAMED)) as there,
        capturing(tmp_path, there.url, "file") as process,
    ):
        until(lambda: so_far(tmp_path / "file") == NAMED, "a telegram")
        there.die()
        assert process.wait(PATIENCE) == 0
    assert "was closed by the other side" in (tmp_path / "said").read_text()
    assert joined(captured(tmp_path / "file")) == NAMED


def test_a_silent_port_says_where_to_look(tmp_path: Path) -> None:
    server = TcpServer("127.0.0.1", 0)
    done = command(tmp_path, "capture", server.where, "file", "--seconds", "0.3")
    assert done.returncode == 0
    assert "nothing came: hanlogger doctor" in done.stderr
    assert captured(tmp_path / "file") == []
    server.close(threading.Event())


def test_redacted_while_it_is_recorded_no_number_of_a_meter_touches_the_disk(tmp_path: Path) -> None:
    with bridge(lambda connection: connection.sendall(b"253833635" + NAMED)) as there:
        done = command(tmp_path, "capture", there.url, "file", "--seconds", "1", "--redact")
    assert done.returncode == 0, done.stderr
    chunks = captured(tmp_path / "file")
    assert joined(chunks).startswith(rb"000000000/ELL5\000000000_A")
    assert len(joined(chunks)) == len(NAMED) + 9
    assert len(frames(chunks)) == 1
    text = (tmp_path / "file").read_text()
    assert "127.0.0.1" not in text
    assert "# redacted: " in text


# --- files


def test_a_capture_can_be_redacted_afterwards_and_enciphered_ones_with_their_key_only(tmp_path: Path) -> None:
    sent = b"".join(data for _, data in islice(simulate_telegrams(1, START, "austria"), 3))
    (tmp_path / "old").write_bytes(sent)
    key = DIALECTS["austria"].key
    assert key
    (tmp_path / "keys").write_text(f"{bytes(16).hex()}  # an old one\n{key.encryption.hex()}\n")
    arguments = (f"file:{tmp_path / 'old'}", str(tmp_path / "new"), "--redact")
    status, _, said = run(*arguments, folder=tmp_path)
    assert status == 2
    assert "an encrypted message can be redacted only with its key: give --key-file" in said
    assert not (tmp_path / "new").exists()
    status, _, said = run(*arguments, "--key-file", str(tmp_path / "keys"), folder=tmp_path)
    assert status == 0, said
    chunks = captured(tmp_path / "new")
    assert [frame.format for frame in frames(chunks)] == ["mbus"] * 3
    assert b"\xdb\x08" not in joined(chunks)


# --- the journal


def test_the_journal_gives_each_message_and_the_last_damage_in_order_of_time(tmp_path: Path) -> None:
    with recorded(tmp_path, NAMED, NAMED) as journal:
        at = START + timedelta(seconds=5)
        journal.damaged.keep(Damaged("home", at, "p1", "checksum", NAMED[:60]))
        journal.damaged.keep(Damaged("other", at, "p1", "checksum", b"another meter's"))
    status, text, said = run("--from-journal", "-", folder=tmp_path)
    assert status == 0, said
    chunks = list(read_chunks(text.splitlines()))
    assert [(chunk.received_at - START).total_seconds() for chunk in chunks] == [0, 5, 10]
    assert [chunk.data for chunk in chunks] == [NAMED, NAMED[:60], NAMED]
    assert "# damaged p1: a stated checksum is wrong\n@2026-01-01T12:00:05" in text
    assert "# meter: home\n" in text


@pytest.mark.parametrize("dialect", DIALECTS)
def test_messages_from_the_journal_are_whole_again_for_every_reader(dialect: str, tmp_path: Path) -> None:
    """The journal does not keep what closes a message; what other programs need is put back."""
    sent = [data for _, data in islice(simulate_telegrams(1, START, dialect), 4)]
    with recorded(tmp_path, *sent):
        pass
    status, text, said = run("--from-journal", "-", folder=tmp_path)
    assert status == 0, said
    assert [chunk.data for chunk in read_chunks(text.splitlines())] == sent


def test_of_the_journal_a_meter_and_a_range_can_be_chosen(tmp_path: Path) -> None:
    with recorded(tmp_path, NAMED, NAMED, NAMED):
        pass
    with recorded(tmp_path, NAMED, meter=Meter("cabin")):
        pass
    status, _, said = run("--from-journal", "-", folder=tmp_path)
    assert (status, "has 2 meters (cabin, home): choose one by --meter" in said) == (2, True)
    status, text, _ = run(
        "--from-journal",
        "-",
        "--meter",
        "home",
        "--from",
        "2026-01-01T12:00:10Z",
        "--to",
        "2026-01-01T12:00:20Z",
        folder=tmp_path,
    )
    assert status == 0
    assert [chunk.received_at for chunk in read_chunks(text.splitlines())] == [START + timedelta(seconds=10)]


def test_a_report_from_the_journal_hides_the_meter_and_its_name_and_keeps_its_remarks(tmp_path: Path) -> None:
    with recorded(tmp_path, NAMED, NAMED) as journal:
        journal.damaged.keep(Damaged("home", START + timedelta(seconds=5), "p1", "checksum", NAMED[:60]))
    status, text, said = run("--from-journal", "-", "--redact", folder=tmp_path)
    assert status == 0, said
    assert "253833635" not in text
    assert "home" not in text
    assert "# damaged p1: a stated checksum is wrong\n@2026-01-01T12:00:05" in text
    assert len(frames(list(read_chunks(text.splitlines())))) == 2


# --- what is wrong


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["/dev/ttyUSB0"], "found one argument; allowed: hanlogger capture /dev/ttyUSB0 meter.capture"),
        (["--from-journal", "a", "b"], "found two arguments; allowed: hanlogger capture --from-journal meter.capture"),
        (["http://meter", "new"], "http://meter: found no port; allowed: a device, socket://HOST:PORT"),
        (["/dev/ttyUSB0", "new", "--serial", "9600 8X1"], "--serial 9600 8X1: allowed are 115200 8N1"),
        (["/dev/none-here", "new", "--serial", "2400 8E1"], "/dev/none-here is not there"),
        (["file:none", "new"], "none cannot be read: No such file"),
        (["socket://127.0.0.1:1", "new"], "does not answer"),
        (["--from-journal", "new"], "there is no journal"),
        (["--from-journal", "new", "--from", "2026-02-30"], "--from 2026-02-30: found no time"),
        (["--from-journal", "new", "--from", "1h", "--to", "2h"], "--from 1h is not before --to 2h"),
        (["demo:", "new", "--key-file", "none"], "--key-file none cannot be read"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_no_file_is_left(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    status, _, error = run(*arguments, folder=tmp_path)
    assert status == 2
    (line,) = [line for line in error.splitlines() if line.strip()]
    assert words in line
    assert not (tmp_path / "new").exists()


def test_nothing_that_is_there_is_overwritten_be_it_a_device(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")
    for there in (str(tmp_path / "file"), "/dev/null"):
        status, _, error = run("demo:", there, folder=tmp_path)
        assert (status, "is there already" in error) == (2, True)
    assert (tmp_path / "file").read_text() == "precious"


def test_a_port_that_a_logger_holds_points_to_its_journal(tmp_path: Path) -> None:
    line = PseudoTerminal(tmp_path / "meter")
    stop = threading.Event()
    with capturing(tmp_path, "meter", "one", "--serial", "115200 8N1"):
        assert line.wait(stop)
        done = command(tmp_path, "capture", "meter", "two", "--serial", "115200 8N1")
    assert done.returncode == 2
    assert "is held by another process; what a logger reads there: hanlogger capture --from-journal FILE" in done.stderr
    line.close(stop)


@pytest.mark.parametrize("port", ["/dev/ttyUSB77", "socket://127.0.0.1:1"])
def test_a_port_that_cannot_be_opened_ends_detect_and_capture_alike(port: str, tmp_path: Path) -> None:
    for arguments in (["detect", port], ["capture", port, str(tmp_path / "new"), "--seconds", "1"]):
        done = command(tmp_path, *arguments)
        assert done.returncode == 2
        assert done.stderr.splitlines()[-1].startswith(f"hanlogger: {port} ")
    assert not (tmp_path / "new").exists()
