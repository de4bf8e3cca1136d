"""The settings of devices that are asked by HTTP or listened to by WebSocket."""

from __future__ import annotations

from pathlib import Path

import pytest

from hanlogger.config import load
from hanlogger.errors import ConfigError

PRINT = "0123456789abcdef" * 4


def of(folder: Path, port: str, *lines: str) -> object:
    file = folder / "hanlogger.toml"
    file.write_text("\n".join(["[[meter]]", f'port = "{port}"', *lines]))
    return load(file, {}).ports[0].web


@pytest.mark.parametrize(
    "port",
    [
        "http://192.0.2.7/api/v1/telegram",
        "https://p1.local:444/api/telegram",
        "http://bridge/data.json?node_id=1",
        "ws://dongle/ws",
        "wss://dongle/any",
    ],
)
def test_a_device_is_a_port(tmp_path: Path, port: str) -> None:
    assert of(tmp_path, port) is not None


def test_what_it_wants_to_be_shown_is_in_files_beside_the_settings(tmp_path: Path) -> None:
    colons = ":".join(PRINT[at : at + 2] for at in range(0, 64, 2)).upper()
    lines = ('http.user = "admin"', 'http.password_file = "secret"', f'http.fingerprint = "{colons}"')
    web = of(tmp_path, "https://h/api/telegram", *lines)
    assert web.user == "admin"  # type: ignore[attr-defined]
    assert web.password_file == tmp_path / "secret"  # type: ignore[attr-defined]
    assert web.fingerprint == PRINT  # type: ignore[attr-defined]


def test_what_is_for_a_device_is_refused_beside_another_port(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"http\.user: found beside the port socket://h:1; allowed: with http, https"):
        of(tmp_path, "socket://h:1", 'http.user = "admin"')


@pytest.mark.parametrize("text", ["", "12:34", PRINT + "00", "x" * 64])
def test_what_is_no_fingerprint_is_said(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"http\.fingerprint: found .*64 hex digits"):
        of(tmp_path, "https://h/api/telegram", f'http.fingerprint = "{text}"')
