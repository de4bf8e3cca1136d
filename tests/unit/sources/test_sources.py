"""What a port is, from how it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from hanlogger.errors import SourceError
from hanlogger.model import Meter
from hanlogger.sources import LineSettings, Port, find_device_path, find_scheme, open_port, serial_port
from tests.support.ports import plugged_in, telegram


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("115200 8N1", LineSettings(115200, 8, "N")),
        ("2400 8E1", LineSettings(2400, 8, "E")),
        ("9600,7e1", LineSettings(9600, 7, "E")),
    ],
)
def test_a_line_is_a_speed_and_a_character(text: str, line: LineSettings) -> None:
    assert LineSettings.parse(text) == line
    assert LineSettings.parse(str(line)) == line


@pytest.mark.parametrize("text", ["115200", "8N1", "115201 8N1", "2400 8O1", "2400 8E2", "²400 8N1", ""])
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="no line settings"):
        LineSettings.parse(text)


def test_seven_bits_and_parity_are_opened_as_eight_without() -> None:
    assert LineSettings.parse("9600 7E1").opened == LineSettings(9600, 8, "N")
    assert LineSettings.parse("2400 8E1").opened == LineSettings(2400, 8, "E")


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("/dev/ttyUSB0", ""),
        ("/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0", ""),
        ("socket://[::1]:6638", "socket"),
        ("rfc2217://h:1", "rfc2217"),
        ("file:/tmp/a:b", "file"),
        ("demo:", "demo"),
        ("-", "-"),
        ("auto", "auto"),
    ],
)
def test_the_kind_of_a_port_is_told_by_its_beginning(url: str, kind: str) -> None:
    assert find_scheme(url) == kind


def test_ports_that_end_are_known() -> None:
    assert [Port(url, Meter()).ends for url in ("file:a", "-", "/dev/a", "demo:")] == [True, True, False, False]


def test_a_missing_device_is_looked_for_in_the_hosts_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serial_port, "HOST", tmp_path)
    (tmp_path / "dev").mkdir()
    assert find_device_path("/dev/ttyHAN7") == Path("/dev/ttyHAN7")
    with plugged_in(tmp_path / "dev" / "ttyHAN7") as line:
        assert find_device_path("/dev/ttyHAN7") == line.path
        port = open_port(Port("/dev/ttyHAN7", Meter(), LineSettings()))
        line.send(telegram(0))
        assert port.read(5).data
        port.close()
    assert find_device_path("/dev/null") == Path("/dev/null")


def test_an_open_failure_names_the_port_as_it_was_given() -> None:
    with pytest.raises(SourceError, match=r"^/dev/ttyHAN7 is not there$"):
        open_port(Port("/dev/ttyHAN7", Meter(), LineSettings()))
    with pytest.raises(SourceError, match=r"^/dev/null is no serial port$"):
        open_port(Port("/dev/null", Meter(), LineSettings()))
    with pytest.raises(SourceError, match=r"^socket://127.0.0.1:1 does not answer: Connection refused$"):
        open_port(Port("socket://127.0.0.1:1", Meter()))
