"""`hanlogger decode`, as a user calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from hanlogger.cli import app
from hanlogger.framing.files import WHOLE
from hanlogger.model import Chunk
from hanlogger.recordings.capture import Writer
from tests.support.octets import RECEIVED_AT, even_parity, telegram
from tests.support.vectors import FIXTURES, KEY, VECTORS, Vector, octets
from tests.support.waiting import PATIENCE

ROW = "1-0:1.7.0(0001.234*kW)"
TELEGRAM = telegram(ROW)
DAMAGED = TELEGRAM.replace(b"1.234", b"1.235")
POWER = {"obis": "1-0:1.7.0", "value": "1234", "unit": "W"}


class Said(list[dict[str, Any]]):
    """The JSON objects, and how it ended."""

    def __init__(self, done: Result) -> None:
        super().__init__(json.loads(line) for line in done.stdout_bytes.splitlines())
        self.status = done.exit_code


def run(*arguments: str | Path, stdin: bytes = b"") -> Result:
    environment = {"COLUMNS": "120", "NO_COLOR": "1"}
    return CliRunner().invoke(app, ["decode", *map(str, arguments)], stdin, env=environment, catch_exceptions=False)


def decode(*arguments: str | Path, stdin: bytes = b"") -> Said:
    return Said(run(*arguments, stdin=stdin))


def test_each_message_is_one_json_object_a_line() -> None:
    said = decode(FIXTURES / "v2.p1")
    assert said.status == 0
    [message] = said
    assert message["format"] == "p1"
    assert message["meter_time"] == "2025-01-14T14:04:10Z"
    assert message["registers"][0] == {"obis": "1-0:1.8.0", "value": "1234567", "unit": "Wh"}
    assert len(message["registers"]) == 26


@pytest.mark.parametrize(
    "vector", [v for v in VECTORS if v.name in ("v4", "v10", "v15", "v20-mbus")], ids=lambda v: v.name
)
def test_vectors_come_out_as_they_are_written(vector: Vector) -> None:
    file = next(FIXTURES.glob(f"{vector.name}.*"))
    [message] = decode("--key", KEY.encryption.hex(), file)
    shown = {
        row["obis"]: f"{row['value']} {row['unit']}".strip()
        + (f" at {row['time'][:-1].replace('T', ' ')}" if "time" in row else "")
        for row in message["registers"]
    }
    assert shown == vector.rows
    assert message["meter_time"] == (vector.time and vector.time.replace(" ", "T") + "Z")


def test_a_process_ends_with_the_status_and_writes_to_both_streams() -> None:
    command = [sys.executable, "-m", "hanlogger", "decode", "--lines", "-"]
    done = subprocess.run(command, input=TELEGRAM + DAMAGED, capture_output=True, check=False, timeout=PATIENCE)
    assert done.returncode == 1
    assert done.stdout == b"active_power,direction=import,meter=meter,obis=1-0:1.7.0,phase=total value=1234\n"
    assert done.stderr.decode() == f"p1, {len(DAMAGED) - 2} octets: checksum\n"


def test_damage_is_one_object_too_and_the_exit_status_says_so() -> None:
    said = decode("-", stdin=DAMAGED + TELEGRAM + b"noise")
    assert said.status == 1
    assert said[0] == {"error": "checksum", "format": "p1", "octets": len(DAMAGED) - 2}
    assert said[1]["registers"] == [POWER]


def test_noise_is_no_error_and_nothing_at_all_is_one() -> None:
    assert decode("-", stdin=b"\xff\x00" + TELEGRAM + b"\x55").status == 0
    assert list(decode("-", stdin=b"noise")) == [{"error": "no message", "format": None, "octets": 5}]
    empty = decode("-")
    assert (list(empty), empty.status) == ([{"error": "no message", "format": None, "octets": 0}], 1)


def test_a_whole_message_that_cannot_be_read_is_an_error() -> None:
    said = decode("-", stdin=bytes.fromhex("e6e7000f0000000000020211011102"))
    assert said.status == 1
    assert "register" in said[0]["error"]


def test_several_files_and_standard_input_come_in_order(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(telegram("1-0:2.7.0(1*W)") * 2)
    said = decode(file, "-", FIXTURES / "v6.hex", stdin=TELEGRAM)
    assert [message["registers"][0]["obis"] for message in said] == ["1-0:2.7.0"] * 2 + ["1-0:1.7.0"] * 2
    assert [message["format"] for message in said] == ["p1", "p1", "p1", "hdlc"]


def test_hex_text_and_raw_octets_are_the_same_file(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.write_bytes(octets("v8"))
    assert list(decode(raw)) == list(decode(FIXTURES / "v8.hex"))
    assert list(decode("-", stdin=octets("v8").hex(" ").upper().encode() + b"\n")) == list(decode(raw))


def test_a_capture_says_what_its_octets_say(tmp_path: Path) -> None:
    capture = tmp_path / "capture.txt"
    with capture.open("w") as file:
        writer = Writer(file, {})
        for half in (TELEGRAM[:20], TELEGRAM[20:], octets("v6")):
            writer.write(Chunk(half, RECEIVED_AT))
    assert list(decode(capture)) == [*decode("-", stdin=TELEGRAM), *decode("-", stdin=octets("v6"))]


def test_a_capture_that_was_altered_is_named_with_its_line(tmp_path: Path) -> None:
    done = run(
        "-", stdin=b"# hanlogger capture 1\n\n@2026-01-14T14:04:10Z 28 text\n  /TST5\n@2026-01-14T14:04:11Z 1 text a"
    )
    assert done.exit_code == 2
    assert "line 3: 5 octets where 28 are stated; it was altered" in done.stderr


def test_of_a_capture_that_was_cut_off_all_that_was_whole_is_given_and_the_cut_is_told(tmp_path: Path) -> None:
    capture = tmp_path / "capture.txt"
    with capture.open("w") as file:
        writer = Writer(file, {})
        for number in (1, 2, 3):
            writer.write(Chunk(telegram(f"1-0:2.7.0({number}*W)"), RECEIVED_AT))
    capture.write_text(capture.read_text().rstrip()[:-3])
    done = run(capture)
    said = Said(done)
    assert [message["registers"][0]["value"] for message in said] == ["1", "2"]
    assert done.stderr == f"{capture}, line 15: the capture was cut off within this read\n"
    assert done.exit_code == 1


def test_a_file_that_is_larger_than_what_is_read_as_one_gives_each_message_once(tmp_path: Path) -> None:
    octets_of_it = TELEGRAM * (WHOLE // len(TELEGRAM) + 20)
    for name, data in (("raw", octets_of_it), ("hex", octets_of_it.hex(" ", 7).encode())):
        (tmp_path / name).write_bytes(data)
        done = run(tmp_path / name, "--lines")
        assert done.stdout.count("\n") == octets_of_it.count(b"/")
        assert done.exit_code == 0


def test_seven_data_bits_are_recognised() -> None:
    assert decode("-", stdin=even_parity(TELEGRAM))[0]["registers"] == [POWER]


def test_a_telegram_taken_by_its_form_says_so() -> None:
    assert decode("-", stdin=telegram(ROW, checksum=False))[0]["verified"] is False
    assert "verified" not in decode("-", stdin=TELEGRAM)[0]


def test_what_could_not_be_read_is_listed_and_is_an_error_of_its_own() -> None:
    said = decode("-", stdin=telegram(ROW, "*kW)"))
    good, error = said
    assert said.status == 1
    assert good["unread"] == ["*kW)"]
    assert [row["obis"] for row in good["registers"]] == ["1-0:1.7.0"]
    assert error == {
        "error": "1 of 2 values cannot be read: *kW)",
        "format": "p1",
        "octets": len(telegram(ROW, "*kW)")) - 2,
    }


def test_many_values_that_cannot_be_read_are_told_in_short() -> None:
    _, error = decode("-", stdin=telegram(ROW, *["*kW)" * 20] * 50))
    assert error["error"].startswith("50 of 51 values cannot be read: *kW)")
    assert len(error["error"]) < 200


def test_rows_of_a_closed_month_are_listed_apart_and_are_no_fault() -> None:
    block = ("0-0:98.1.0", "(", "0-0:1.0.0(220201000000T)", "1-0:1.7.0(9*kW)", ")")
    (shown,) = decode("-", stdin=telegram(ROW, *block))
    assert shown["registers"] == [POWER]
    assert shown["closed"] == ["0-0:98.1.0(", *block[2:]]
    assert "unread" not in shown
    assert "closed period" in run("--table", "-", stdin=telegram(ROW, *block)).stdout


# --- options


def test_clock_decides_what_the_meters_time_means() -> None:
    data = telegram("0-0:1.0.0(250714150410S)", ROW)
    times = {
        mode: decode("--clock", mode, "-", stdin=data)[0]["meter_time"]
        for mode in ("auto", "normal-time", "flag", "local", "utc", "+02:00", "receive")
    }
    assert times == {
        "auto": "2025-07-14T14:04:10Z",
        "normal-time": "2025-07-14T14:04:10Z",
        "flag": "2025-07-14T13:04:10Z",
        "local": "2025-07-14T13:04:10Z",
        "utc": "2025-07-14T15:04:10Z",
        "+02:00": "2025-07-14T13:04:10Z",
        "receive": None,
    }


def test_the_order_settles_the_hour_that_comes_twice() -> None:
    data = b"".join(telegram(f"0-0:1.0.0(251026{time})", ROW) for time in ("015930", "023000", "020030", "023000"))
    times = [message["meter_time"][11:16] for message in decode("--clock", "local", "-", stdin=data)]
    assert times == ["23:59", "00:30", "01:00", "01:30"]


def test_lines_are_line_protocol() -> None:
    done = run("--lines", "--meter", "home", "-", stdin=telegram("0-0:1.0.0(250114150410W)", ROW))
    assert done.stdout_bytes == (
        b"active_power,direction=import,meter=home,obis=1-0:1.7.0,phase=total value=1234 1736863450000\n"
    )
    assert run("--lines", "-", stdin=TELEGRAM).stdout_bytes.endswith(b"phase=total value=1234\n")


def test_a_register_that_line_protocol_leaves_out_is_told_with_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "gas.p1"
    file.write_bytes(telegram(ROW, "0-1:24.1.0(003)", "0-1:24.2.1(632525252525W)(00012.345*m3)"))
    done = run("--lines", "--clock", "utc", file)
    assert "obis=1-0:1.7.0" in done.stdout
    assert "24.2.1" not in done.stdout
    assert done.stderr == "p1: 1 register left out, with a time of its own that cannot be right: 0-1:24.2.1\n"
    assert done.exit_code == 0
    assert run("--lines", file.with_name("gas.p1"), "--meter", "home").stderr == done.stderr


def test_the_table_is_for_people() -> None:
    done = run("--table", "-", stdin=telegram(ROW, "0-0:96.1.0([x])", "*kW)"))
    shown = done.stdout
    for words in ("1-0:1.7.0", "active power import", "1234", "[x]", "not read", "*kW)", "no time of its own"):
        assert words in shown


def test_keys_may_stand_in_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY.encryption.hex() + "\n")
    assert KEY.authentication is not None
    said = decode("--key", f"@{tmp_path / 'key'}", "--auth-key", KEY.authentication.hex(), FIXTURES / "v20-hdlc.hex")
    assert said.status == 0
    assert said[0]["registers"] == [POWER]


def test_without_its_key_an_encrypted_message_gives_no_values() -> None:
    for options in ((), ("--key", "00" * 16), ("--key", KEY.encryption.hex(), "--auth-key", "00" * 16)):
        said = decode(*options, FIXTURES / "v20-apdu.hex")
        assert said.status == 1
        assert set(said[0]) == {"error", "format", "octets"}
        assert "key" in said[0]["error"]
        assert "5453540102030405" in said[0]["error"]


SECRET = "000102030405060708090a0b0c0d0e0f00"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--clock", "summer", "-"), "--clock"),
        (("--clock", "+25:00", "-"), "--clock"),
        (("--key", SECRET, "-"), "--key"),
        (("--key", "@no-such-file", "-"), "no-such-file"),
        (("--key", SECRET[:-2], "--auth-key", "xyz", "-"), "--auth-key"),
        (("--auth-key", SECRET[:-2], "-"), "--auth-key"),
        (("--meter", "my home", "-"), "--meter"),
        (("--lines", "--table", "-"), "--table"),
        (("no-such-file",), "no-such-file"),
        (("/",), "/"),
    ],
)
def test_a_wrong_value_is_one_line_and_exit_status_2(arguments: tuple[str, ...], words: str) -> None:
    done = run(*arguments, stdin=TELEGRAM)
    assert done.exit_code == 2
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("hanlogger: ")
    assert words in line
    assert SECRET[:-2] not in line


def test_no_file_and_an_unknown_option_are_wrong_usage() -> None:
    assert run().exit_code == 2
    assert run("--nonsense", "-").exit_code == 2
