"""`hanlogger run` as a process: how it starts, what it leaves behind, how it ends."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from hanlogger.config import load
from hanlogger.errors import HanloggerError, JournalUnavailable
from hanlogger.framing import Framer
from hanlogger.journal import Entry, Journal, check_location
from hanlogger.journal.records import Records
from hanlogger.model import Frame, Meter
from hanlogger.running import Running, run
from hanlogger.running.health import measure_memory
from hanlogger.status import state_file
from hanlogger.status.state import State
from tests.support.journals import get, refuse
from tests.support.logger import call, command, environment, logger
from tests.support.octets import telegram as synthetic
from tests.support.ports import bridge, plugged_in, telegram
from tests.support.programs import COMMAND, ForkedCommand
from tests.support.servers import Bucket
from tests.support.telegrams import ROWS
from tests.support.waiting import PATIENCE, until

NOBODY = 65_534  # a user's number
NOWHERE = {"HANLOGGER_INFLUXDB_URL": "http://127.0.0.1:9", "HANLOGGER_INFLUXDB_TOKEN": "s3cret-token"}


def recorded(folder: Path) -> list[bytes]:
    with Journal.open(folder / "journal.sqlite3", read_only=True) as journal:
        return [record.data for record in journal.records.read_frames()]


def capture(folder: Path, *messages: bytes) -> str:
    (folder / "capture.p1").write_bytes(b"".join(messages))
    return "file:capture.p1"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stopped_logger_has_everything_in_its_journal(tmp_path: Path, number: signal.Signals) -> None:
    if signal.getsignal(number) == signal.SIG_IGN:
        pytest.skip(f"{number.name} is ignored in this session, as nohup has it, and so by every program it starts")
    path = tmp_path / "line"
    with plugged_in(path) as line, logger(tmp_path, "--port", str(path), environ=NOWHERE) as running:
        until(lambda: running.state and running.state.meters[0].state == "open")
        for one in range(5):
            line.send(telegram(one))
        until(lambda: running.frames("home") == 5)
        assert running.stop(number) == 0
        assert recorded(tmp_path) == [telegram(one).rstrip() for one in range(5)]
        assert running.state is None
        assert "Traceback" not in running.log
        assert "s3cret-token" not in running.log


def test_a_killed_logger_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "line"
    with plugged_in(path) as line:
        for number in range(2):
            with logger(tmp_path, "--port", str(path)) as running:
                until(lambda: running.state and running.state.meters[0].state == "open")
                line.send(telegram(number))
                until(lambda: running.frames("home") == number + 1)  # noqa: B023 done before the next
                running.stop(signal.SIGKILL)
    assert recorded(tmp_path) == [telegram(0).rstrip(), telegram(1).rstrip()]


def test_a_database_that_never_answers_does_not_hold_up_a_stop(tmp_path: Path) -> None:
    path = tmp_path / "line"
    with bridge(lambda _: None) as dumb, plugged_in(path) as line:
        environ = {**NOWHERE, "HANLOGGER_INFLUXDB_URL": dumb.url.replace("socket:", "http:")}
        with logger(tmp_path, "--port", str(path), environ=environ) as running:
            until(lambda: dumb.connections and running.state and running.state.meters[0].state == "open")
            line.send(telegram(0))
            until(lambda: running.frames("home") == 1)
            assert running.stop() == 0
    assert recorded(tmp_path) == [telegram(0).rstrip()]


def test_a_file_is_recorded_and_the_run_ends(tmp_path: Path) -> None:
    done = command(tmp_path, "run", "--port", capture(tmp_path, telegram(0), b"noise", telegram(1)), "--meter", "barn")
    assert done.returncode == 0, done.stderr
    assert recorded(tmp_path) == [telegram(0).rstrip(), telegram(1).rstrip()]
    with Journal.open(tmp_path / "journal.sqlite3", read_only=True) as journal:
        assert [record.live for record in journal.records.read_frames()] == [False, False]
        assert journal.counters.get_all() == {"barn": {"frames": 2}}


def test_a_file_of_hex_text_is_recorded_as_octets(tmp_path: Path) -> None:
    done = command(tmp_path, "run", "--port", capture(tmp_path, telegram(0).hex(" ").encode()))
    assert done.returncode == 0, done.stderr
    assert recorded(tmp_path) == [telegram(0).rstrip()]


def test_standard_input_is_recorded_to_its_end(tmp_path: Path) -> None:
    done = command(tmp_path, "run", "--port", "-", standard_input=telegram(0) + telegram(1))
    assert done.returncode == 0, done.stderr
    assert recorded(tmp_path) == [telegram(0).rstrip(), telegram(1).rstrip()]


def test_standard_input_that_goes_on_is_recorded_as_it_comes(tmp_path: Path) -> None:
    arguments, environ = [*COMMAND, "run", "--port", "-"], environment(tmp_path)
    pipe = subprocess.PIPE
    with subprocess.Popen(arguments, stdin=pipe, stderr=pipe, env=environ) as process:
        assert process.stdin is not None
        process.stdin.write(telegram(0))
        process.stdin.flush()
        path = state_file.find_state_path(tmp_path / "journal.sqlite3")
        until(lambda: (found := state_file.read_state(path)) and found.meters[0].counts.get("frames"))
        process.stdin.write(telegram(1))
        _, words = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, words
    assert recorded(tmp_path) == [telegram(0).rstrip(), telegram(1).rstrip()]


def test_a_damaged_file_costs_what_is_damaged_alone(tmp_path: Path) -> None:
    bad = telegram(1).replace(b"kW)", b"kV)", 1)
    done = command(tmp_path, "run", "--port", capture(tmp_path, telegram(0), bad, telegram(2)))
    assert done.returncode == 0, done.stderr
    assert "a damaged telegram (a stated checksum is wrong)" in done.stderr
    with Journal.open(tmp_path / "journal.sqlite3", read_only=True) as journal:
        assert journal.counters.get_all() == {"home": {"frames": 2, "checksum": 1}}
        assert [damaged.reason for damaged in journal.damaged.list_all()] == ["checksum"]


def test_what_is_not_delivered_in_time_is_status_3(tmp_path: Path) -> None:
    done = command(tmp_path, "run", "--port", capture(tmp_path, telegram(0)), "--timeout", "1", environ=NOWHERE)
    assert done.returncode == 3
    assert recorded(tmp_path) == [telegram(0).rstrip()]
    assert "has ended before all was delivered" in done.stderr
    assert "s3cret-token" not in done.stderr


def into(bucket: Bucket) -> dict[str, str]:
    return {
        "HANLOGGER_INFLUXDB_URL": bucket.server.url,
        "HANLOGGER_INFLUXDB_BUCKET": bucket.name,
        "HANLOGGER_INFLUXDB_TOKEN": bucket.token("write"),
    }


def test_what_cannot_be_decoded_is_status_1(tmp_path: Path, bucket: Bucket) -> None:
    encrypted = telegram(1, "kamstrup-dk")
    done = command(tmp_path, "run", "--port", capture(tmp_path, telegram(0), encrypted), environ=into(bucket))
    assert done.returncode == 1, done.stderr
    assert "has ended, something was refused, undecoded or unread: hanlogger refused" in done.stderr
    assert bucket.count("voltage") == 3
    with Journal.open(tmp_path / "journal.sqlite3", read_only=True) as journal:
        ((number, reason),) = ((entry.record_id, entry.reason) for entry in journal.undecoded.list_newest())
        assert get(journal, number) is not None
    assert "key" in reason


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (telegram(1, "kamstrup-dk"), "encrypted"),
        (synthetic(*ROWS, "garbage row without groups"), "1 of 7 values cannot be read: garbage row"),
    ],
)
def test_what_cannot_be_decoded_or_not_wholly_is_listed_and_status_1_without_a_database_too(
    tmp_path: Path, message: bytes, reason: str
) -> None:
    done = command(tmp_path, "run", "--port", capture(tmp_path, telegram(0), message))
    assert done.returncode == 1, done.stderr
    assert "has ended, something was refused, undecoded or unread: hanlogger refused" in done.stderr
    refused = command(tmp_path, "refused")
    assert "home: telegram 2: " in refused.stdout
    assert reason in refused.stdout
    assert refused.stderr == ""


def test_what_the_database_refuses_is_status_1(tmp_path: Path, bucket: Bucket) -> None:
    bucket.write(b"voltage,meter=home,obis=1-0:32.7.0,phase=L1 value=230i 1767268800000\n")
    done = command(tmp_path, "run", "--port", capture(tmp_path, telegram(0)), environ=into(bucket))
    assert done.returncode == 1, done.stderr
    with Journal.open(tmp_path / "journal.sqlite3", read_only=True) as journal:
        refused = journal.refused.list_newest()
    assert [entry.refusal.line is not None and b"voltage" in entry.refusal.line for entry in refused] == [True] * 3
    assert bucket.count("current") == 3


def test_all_well_is_status_0_also_where_something_was_refused_long_ago(tmp_path: Path, bucket: Bucket) -> None:
    with Journal.open(tmp_path / "journal.sqlite3") as journal:
        refuse(journal, "influxdb", 1, 1, None, "long ago")
    done = command(tmp_path, "run", "--port", capture(tmp_path, telegram(0)), environ=into(bucket))
    assert done.returncode == 0, done.stderr
    assert bucket.count("voltage") == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "no port: give one by --port, HANLOGGER_PORT or [[meter]] port in hanlogger.toml"),
        (("--port", "file:missing"), "file:missing cannot be read: No such file or directory"),
        (("--port", "nonsense:1"), '--port: found "nonsense:1"; allowed: '),
        (("--port", "demo:", "--config", "missing.toml"), "missing.toml: cannot be read: No such file or directory"),
        (("--port", "demo:", "--timeout", "1"), "--timeout is for files"),
    ],
)
def test_what_the_user_must_change_is_one_line_and_status_2(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    done = call(tmp_path, "run", *arguments)
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert last.startswith("hanlogger: ")
    assert words in last
    assert "Traceback" not in done.stderr


def test_a_variable_that_is_no_setting_is_status_2(tmp_path: Path) -> None:
    done = call(tmp_path, "run", environ={"HANLOGGER_PRT": "demo:"})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "hanlogger: HANLOGGER_PRT is no setting; did you mean HANLOGGER_PORT?\n"


@pytest.mark.parametrize(
    ("journal", "found"),
    [
        ("/proc/x/j", "No such file or directory"),
        (".", "Is a directory"),
        ("capture.p1/j", "Not a directory"),
        ("/dev/null", "it is no file"),
    ],
)
def test_a_journal_that_cannot_be_kept_is_one_line_and_status_2(tmp_path: Path, journal: str, found: str) -> None:
    capture(tmp_path, telegram(0))
    (tmp_path / "h.toml").write_text(f'journal = "{journal}"\n')
    variable = {"HANLOGGER_JOURNAL": journal}
    none = {"HANLOGGER_JOURNAL": "", "HANLOGGER_CONFIG": "h.toml"}
    for arguments, environ, origin in (
        (("--journal", journal), {}, "--journal"),
        ((), variable, "HANLOGGER_JOURNAL"),
        ((), none, "h.toml: journal"),
    ):
        done = call(tmp_path, "run", "--port", "demo:", *arguments, environ=environ)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.splitlines() == [
            f"hanlogger: {origin}: found {tmp_path / journal}, where no journal can be kept ({found}); "
            "allowed: the path of a file that hanlogger may write, in a folder that it may write to"
        ]


@contextmanager
def without_privileges() -> Iterator[Path]:
    """As a user who is not root, with a folder of his own."""
    with TemporaryDirectory() as folder:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, -1)
            os.setresuid(NOBODY, NOBODY, 0)
        try:
            yield Path(folder)
        finally:
            if os.getresuid()[2] == 0:
                os.setresuid(0, 0, 0)


@pytest.mark.parametrize(("mode", "allowed"), [(0o600, True), (0o400, False), (0o200, False), (0o000, False)])
def test_a_journal_that_may_not_be_read_and_written_is_no_journal(mode: int, allowed: bool) -> None:
    with without_privileges() as folder:
        path = folder / "j.sqlite3"
        path.touch()
        path.chmod(mode)
        with nullcontext() if allowed else pytest.raises(PermissionError):
            check_location(path)


def test_a_second_run_on_the_same_journal_ends_with_status_2(tmp_path: Path) -> None:
    with logger(tmp_path, "--port", "demo:") as running:
        done = command(tmp_path, "run", "--port", "demo:")
        assert done.returncode == 2
        assert "keeps every telegram" not in done.stderr
        assert "another hanlogger records in" in done.stderr
        assert str(running.process.pid) in done.stderr
        assert running.stop() == 0


def test_the_demo_is_called_demo_everywhere(tmp_path: Path) -> None:
    with logger(tmp_path, environ={"HANLOGGER_PORT": "demo:", "HANLOGGER_METER": "home"}) as running:
        until(lambda: running.frames("demo"))
        assert "demo: reads demo:" in running.log
        status = command(tmp_path, "status")
        assert "demo: DEMO, a simulated house: last telegram" in status.stdout
    with Journal.open(tmp_path / "journal.sqlite3", read_only=True) as journal:
        assert journal.records.list_meters() == ["demo"]


def test_the_state_is_readable_by_everybody_and_has_no_secret(tmp_path: Path) -> None:
    environ = {**NOWHERE, "HANLOGGER_KEYS": "00112233445566778899AABBCCDDEEFF", "HANLOGGER_PORT": "/dev/no-such-port"}
    with logger(tmp_path, environ=environ) as running:
        until(lambda: running.state and running.state.destinations[0].answer)
        path = tmp_path / "journal.state.json"
        assert path.stat().st_mode & 0o777 == 0o644
        text = path.read_text()
        assert json.loads(text)["meters"][0]["words"] == "/dev/no-such-port is not there"
        for secret in ("s3cret-token", "00112233445566778899"):
            assert secret not in text
            assert secret not in running.log


def test_a_run_with_a_database_that_does_not_answer_stays_small(tmp_path: Path) -> None:
    environ = {**NOWHERE, "HANLOGGER_INFLUXDB_DEMO": "true"}
    with logger(tmp_path, "--port", "demo:", environ=environ, alone=True) as running:
        until(lambda: running.state and running.state.destinations[0].answer and running.frames("demo"))
        assert running.resident() < 80_000  # kB; Python 3.14 takes 10,000 more than 3.11
    assert measure_memory() > 10_000_000  # of this process, by the same measure


def test_on_a_terminal_it_shows_what_the_meter_says_and_gives_the_terminal_back(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    environ = {**environment(tmp_path), "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    process = ForkedCommand(("run", "--port", "demo:"), tmp_path, environ, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    shown = b""

    def seen(*words: str) -> bool:
        nonlocal shown
        shown += os.read(master, 65536)
        return all(word.encode() in shown for word in words)

    until(lambda: seen("DEMO", "import", "L3", " V ", "every"))
    process.send_signal(signal.SIGINT)
    until(lambda: seen("\x1b[?1049l", "has ended"))
    assert process.wait(PATIENCE) == 0
    os.close(master)


def test_what_has_been_kept_long_enough_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hanlogger.running.retention.FIRST", 0.0)
    path = tmp_path / "j.sqlite3"
    with Journal.open(path) as journal:
        days = (datetime.now(UTC) - timedelta(days=number) for number in reversed(range(93)))
        journal.records.append([Entry(Frame("p1", telegram(0), day), Meter(name="home")) for day in days])
    settings = load(None, {"HANLOGGER_JOURNAL": str(path), "HANLOGGER_PORT": "/dev/no-such-port"})
    with Running(settings, threading.Event()) as running:
        until(lambda: [record.id for record in running.journal.records.read_frames()] == list(range(2, 94)))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_ours_in_a_thread_ends_the_run_so_that_it_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load(None, {"HANLOGGER_JOURNAL": str(tmp_path / "j.sqlite3"), "HANLOGGER_PORT": "demo:"})
    monkeypatch.setattr(Framer, "feed", None)
    with pytest.raises(HanloggerError, match="port of demo: ended by a fault of hanlogger's"):
        run(settings, threading.Event(), lambda _: None)


def ended(name: str) -> bool:
    return not any(thread.name == name for thread in threading.enumerate())


def test_a_stop_while_the_state_is_told_slowly_is_no_fault_of_ours(tmp_path: Path) -> None:
    settings = load(None, {"HANLOGGER_JOURNAL": str(tmp_path / "j.sqlite3"), "HANLOGGER_PORT": "demo:"})
    stop = threading.Event()

    def show(now: State) -> None:
        stop.set()
        until(lambda: ended("port of demo"), what="its port has ended before the state is told")

    assert run(settings, stop, show) == 0


def test_a_stop_while_the_state_is_told_slowly_is_status_0_also_where_the_time_is_up(tmp_path: Path) -> None:
    environ = {**NOWHERE, "HANLOGGER_JOURNAL": str(tmp_path / "j.sqlite3")}
    (tmp_path / "capture.p1").write_bytes(telegram(0))
    settings = load(None, {**environ, "HANLOGGER_PORT": f"file:{tmp_path / 'capture.p1'}"})
    stop = threading.Event()

    def show(now: State) -> None:
        stop.set()
        until(lambda: ended("port of home") and ended("deliver influxdb"), what="everything has ended")

    assert run(settings, stop, show, timeout=0) == 0


def test_what_a_file_gave_and_the_journal_did_not_take_before_a_stop_is_counted_as_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "capture.p1").write_bytes(telegram(0) + telegram(1))
    environ = {"HANLOGGER_JOURNAL": str(tmp_path / "j.sqlite3")}
    settings = load(None, {**environ, "HANLOGGER_PORT": f"file:{tmp_path / 'capture.p1'}"})
    stop = threading.Event()

    def refuse(records: Records, entries: object) -> None:
        stop.set()
        raise JournalUnavailable("it is read-only")

    monkeypatch.setattr(Records, "append", refuse)
    with pytest.raises(JournalUnavailable, match=r"has ended; 2 telegrams are lost: .*j.sqlite3 did not take them"):
        run(settings, stop, lambda _: None)
    with Journal.open(tmp_path / "j.sqlite3", read_only=True) as journal:
        assert journal.counters.get_all() == {"home": {"dropped": 2}}  # a frame is counted once it is kept


def test_a_recorder_that_has_ended_ends_the_run_so_that_it_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load(None, {"HANLOGGER_JOURNAL": str(tmp_path / "j.sqlite3"), "HANLOGGER_PORT": "/dev/no-such-port"})
    with Running(settings, threading.Event()) as running:
        running.check()
        running._recorder.close(100)
        with pytest.raises(HanloggerError, match="recorder: ended by a fault of hanlogger's"):
            running.check()


def test_what_is_shown_never_stops_what_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(None, {"HANLOGGER_JOURNAL": str(tmp_path / "j.sqlite3"), "HANLOGGER_PORT": "demo:"})
    monkeypatch.setattr("hanlogger.running.latest.resolve_timestamp", None)
    states: list[State] = []
    stop = threading.Event()

    def show(now: State) -> None:
        states.append(now)
        if now.meters[0].words:
            stop.set()

    assert run(settings, stop, show) == 0
    assert "a fault of hanlogger's" in states[-1].meters[0].words
    with Journal.open(tmp_path / "j.sqlite3", read_only=True) as journal:
        assert journal.newest >= 1
