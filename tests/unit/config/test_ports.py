"""A port that is none is refused at once, with what was probably meant, wherever it is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hanlogger.config.ports import check_port
from tests.support.logger import call

MEANT = {
    "demo": "demo:",
    "Demo:": "demo:",
    "demo:x": "demo:",
    "demo://": "demo:",
    "AUTO": "auto",
    "auto:": "auto",
    "ttyUSB0": "/dev/ttyUSB0",
    "ttyAMA0": "/dev/ttyAMA0",
    "dev/ttyUSB0": "/dev/ttyUSB0",
    "null": "/dev/null",
    "serial:/dev/ttyS0": "/dev/ttyS0",
    "tcp://h:1": "socket://h:1",
    "sockt://h:1": "socket://h:1",
    "socket:h:1": "socket://h:1",
    "socket://h": "socket://h:PORT",
    "socket://h:x": "socket://h:PORT",
    "socket:": "socket://HOST:PORT",
    "telnet://h:23": "rfc2217://h:23",
    "rfc2217:h:1": "rfc2217://h:1",
    "192.0.2.7:8888": "socket://192.0.2.7:8888",
    "192.0.2.7": "socket://192.0.2.7:PORT",
    "localhost:2001": "socket://localhost:2001",
    "meter.local:23": "socket://meter.local:23",
    "[::1]:5": "socket://[::1]:5",
    "file:": "file:PATH",
}


def words(text: str) -> str:
    with pytest.raises(ValueError) as error:
        check_port(text)
    return str(error.value)


@pytest.mark.parametrize(("given", "meant"), MEANT.items())
def test_what_was_probably_meant_is_said(given: str, meant: str) -> None:
    assert words(given) == f"not a port. Did you mean {meant}?"


@pytest.mark.parametrize("given", ["", "xyz", "/dev", "usb-x"])
def test_nothing_is_said_where_it_is_not_clear(given: str) -> None:
    assert words(given) == "not a port"


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ("http://192.0.2.7/p1", "raw TCP server, as socket://HOST:PORT"),
        ("http://admin@192.0.2.7/api/v1/telegram", "raw TCP server, as socket://HOST:PORT"),
        ("http://192.0.2.7:0/api/v1/telegram", "raw TCP server, as socket://HOST:PORT"),
        ("HTTPS://meter.local", "raw TCP server, as socket://HOST:PORT"),
        ("socket://host:99999", "from 1 to 65535"),
        ("rfc2217://[::1]:65536", "from 1 to 65535"),
        ("socket://host:0", "from 1 to 65535"),
        ("COM3", "hanlogger doctor lists them"),
        ("com12:", "hanlogger doctor lists them"),
    ],
)
def test_what_is_clearly_none_says_what_to_do(given: str, advice: str) -> None:
    assert words(given).startswith("not a port. ")
    assert advice in words(given)
    assert "Did you mean" not in words(given)


@pytest.mark.parametrize("given", ["socket://host:65535", "rfc2217://[::1]:1"])
def test_the_first_and_the_last_tcp_port_are_ports(given: str) -> None:
    assert check_port(given) == given


def test_a_file_without_its_scheme_is_no_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("capture.p1").touch()
    assert words("capture.p1") == "not a port. Did you mean file:capture.p1?"
    assert words(str(tmp_path / "capture.p1")) == f"not a port. Did you mean file:{tmp_path / 'capture.p1'}?"


def test_a_device_may_be_plugged_in_later_and_a_name_in_this_folder_must_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for given in ("/dev/ttyUSB77", "./line", "../line"):
        assert check_port(given) == given
    assert words("line") == "not a port"
    master, slave = os.openpty()
    Path("line").symlink_to(os.ttyname(slave))
    assert check_port("line") == "line"
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize(
    ("arguments", "environ", "settings"),
    [
        (("run", "--port", "ttyUSB0"), {}, ""),
        (("run",), {"HANLOGGER_PORT": "ttyUSB0"}, ""),
        (("run",), {}, '[[meter]]\nname = "home"\nport = "ttyUSB0"\n'),
        (("config", "check"), {"HANLOGGER_PORT": "ttyUSB0"}, ""),
        (("doctor", "--port", "ttyUSB0"), {}, ""),
        (("detect", "ttyUSB0"), {}, ""),
        (("capture", "ttyUSB0", "new"), {}, ""),
    ],
)
def test_every_command_that_takes_a_port_says_it(
    tmp_path: Path, arguments: tuple[str, ...], environ: dict[str, str], settings: str
) -> None:
    (tmp_path / "hanlogger.toml").write_text(settings)
    done = call(tmp_path, *arguments, environ=environ)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "; allowed: a device" in line
    assert line.endswith(". Did you mean /dev/ttyUSB0?")


def test_the_name_of_a_meter_that_is_mistyped_is_known(tmp_path: Path) -> None:
    (tmp_path / "hanlogger.toml").write_text('[[meter]]\nname = "cellar"\nport = "/dev/ttyUSB0"\n')
    done = call(tmp_path, "capture", "celar", "new")
    assert done.returncode == 2
    assert done.stderr.endswith(". Did you mean cellar?\n")
