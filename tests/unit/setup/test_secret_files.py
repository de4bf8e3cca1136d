"""The first of compose's one-shots: random secrets in files, a folder a reader."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from hanlogger.setup import secret_files as credentials

NAMES = ["influxdb/admin_password", "influxdb/admin_token", "grafana/admin_password", "grafana/influx_password"]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def contents(directory: Path) -> dict[str, str]:
    return {name: (directory / name).read_text() for name in NAMES}


def test_each_secret_is_made_once_and_none_is_like_another(tmp_path: Path) -> None:
    assert sorted(credentials.make_secrets(tmp_path)) == sorted(NAMES)
    made = contents(tmp_path)
    assert len({secret.strip() for secret in made.values()}) == len(NAMES)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}\n", secret) for secret in made.values())
    assert credentials.make_secrets(tmp_path) == []
    assert contents(tmp_path) == made


@pytest.mark.parametrize("damage", [b"", b" \n", b"\xff\xfe\x00"])
def test_only_a_secret_that_is_absent_or_empty_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    credentials.make_secrets(tmp_path)
    before = contents(tmp_path)
    lost = tmp_path / "grafana/influx_password"
    lost.chmod(0o600)
    lost.write_bytes(damage)
    assert credentials.make_secrets(tmp_path) == ["grafana/influx_password"]
    after = contents(tmp_path)
    assert {name for name in NAMES if after[name] != before[name]} == {"grafana/influx_password"}


def test_a_secret_of_ones_own_stays(tmp_path: Path) -> None:
    own = tmp_path / "grafana/admin_password"
    own.parent.mkdir()
    own.write_text("mitt eget lösenord")
    assert "grafana/admin_password" not in credentials.make_secrets(tmp_path)
    assert credentials.read_secret(own) == "mitt eget lösenord"


def test_its_reader_alone_can_read_a_secret(tmp_path: Path) -> None:
    credentials.make_secrets(tmp_path)
    for name in NAMES:
        assert mode(tmp_path / name) == 0o400
        assert mode((tmp_path / name).parent) & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_each_folder_belongs_to_the_service_that_reads_it(tmp_path: Path) -> None:
    credentials.make_secrets(tmp_path)
    carelessly = tmp_path / "influxdb/admin_token"  # as `cat >admin_token` in a root shell leaves it
    carelessly.unlink()
    carelessly.write_text("token")
    credentials.make_secrets(tmp_path)
    for service, uid in {"influxdb": 1000, "grafana": 472, "hanlogger": 10001}.items():
        for path in (tmp_path / service, *(tmp_path / service).iterdir()):
            assert (path.stat().st_uid, path.stat().st_gid) == (uid, uid)
            assert mode(path) == (0o500 if path.is_dir() else 0o400)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_a_secret_is_its_readers_alone_from_its_first_moment(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "token"
    before = os.umask(umask)
    try:
        credentials.write_secret(path, "secret", 10001)
        assert mode(path) == 0o400
        credentials.write_secret(path, "another", 10001)
    finally:
        os.umask(before)
    assert (mode(path), credentials.read_secret(path)) == (0o400, "another")
    if os.geteuid() == 0:
        assert (path.stat().st_uid, path.stat().st_gid) == (10001, 10001)


def test_modes_that_were_opened_are_closed_again_whatever_they_were(tmp_path: Path) -> None:
    credentials.make_secrets(tmp_path)
    for opened in (0o777, 0o444, 0o000 if os.getuid() == 0 else 0o400):  # who owns it may not read it without a mode
        for name in NAMES:
            (tmp_path / name).chmod(opened)
        for folder in ("influxdb", "grafana", "hanlogger"):
            (tmp_path / folder).chmod(0o777)
        assert credentials.make_secrets(tmp_path) == []
        assert {mode(tmp_path / name) for name in NAMES} == {0o400}
        assert {mode(folder) & 0o277 for folder in tmp_path.iterdir()} <= {0o000, 0o200}


def test_a_write_that_fails_leaves_the_old_secret_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "token"
    credentials.write_secret(path, "old", os.getuid())
    with pytest.raises(UnicodeEncodeError):
        credentials.write_secret(path, "\ud800", os.getuid())
    assert credentials.read_secret(path) == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["token"]


def test_no_secret_is_a_value_with_white_space_around_it(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("\n  token \r\n")
    assert credentials.read_secret(path) == "token"
    assert credentials.read_secret(tmp_path / "absent") == ""
