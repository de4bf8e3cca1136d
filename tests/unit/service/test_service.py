"""The unit in systemd's own judgement, what install and uninstall do, and what they refuse."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hanlogger import service
from hanlogger.config import Settings, load
from hanlogger.errors import ConfigError
from hanlogger.service.binary import refuse_home
from tests.support.logger import command, logger
from tests.support.ports import plugged_in, telegram
from tests.support.waiting import until

BY_ID = "/dev/serial/by-id/usb-FTDI_FT232R-if00-port0"
SETTINGS = f'[[meter]]\nname = "home"\nport = "{BY_ID}"\n'
RULES = Path(__file__).parents[3] / "packaging" / "70-hanlogger.rules"


SECTIONS = {
    "[Unit]": [
        "Description=hanlogger: electricity meters to InfluxDB, losing nothing",
        "After=network.target time-set.target modprobe@usbserial.service modprobe@cdc_acm.service",
        "Wants=modprobe@usbserial.service modprobe@cdc_acm.service",
        "StartLimitIntervalSec=0",
    ],
    "[Service]": [
        "Type=notify",
        "ExecStart={python} run --config {folder}/hanlogger.toml",
        "Restart=always",
        "RestartSec=5",
        "RestartPreventExitStatus=2",
        "WatchdogSec=180",
        "TimeoutStartSec=30min",
        "TimeoutStopSec=20",
        "User=hanlogger",
        "Group=hanlogger",
        "SupplementaryGroups=dialout",
        "StateDirectory=hanlogger",
        "StateDirectoryMode=0750",
        "RuntimeDirectory=hanlogger",
        "UMask=0077",
        "DevicePolicy=closed",
        "DeviceAllow=char-ttyUSB rw",
        "DeviceAllow=char-ttyACM rw",
        "DeviceAllow=char-ttyS rw",
        "DeviceAllow=char-ttyAMA rw",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "AmbientCapabilities=",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "ProtectProc=invisible",
        "ProtectKernelTunables=yes",
        "ProtectKernelModules=yes",
        "ProtectKernelLogs=yes",
        "ProtectControlGroups=yes",
        "ProtectHostname=yes",
        "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK",
        "RestrictNamespaces=yes",
        "RestrictRealtime=yes",
        "RestrictSUIDSGID=yes",
        "LockPersonality=yes",
        "MemoryDenyWriteExecute=yes",
        "RemoveIPC=yes",
        "KeyringMode=private",
        "LimitCORE=0",
        "SystemCallArchitectures=native",
        "SystemCallErrorNumber=EPERM",
        "SystemCallFilter=@system-service",
        "SystemCallFilter=~@privileged @resources",
        "SystemCallFilter=adjtimex clock_adjtime",
    ],
    "[Install]": [
        "WantedBy=multi-user.target",
    ],
}
"""Every line that does something, in its order: later filters of system calls take back earlier ones."""


def settings(folder: Path, text: str = SETTINGS) -> Settings:
    file = folder / "hanlogger.toml"
    file.write_text(text)
    return load(file, {"STATE_DIRECTORY": str(service.STATE)})


def unit(folder: Path, text: str = SETTINGS, groups: tuple[str, ...] = ("dialout", "root")) -> str:
    return service.make_unit(Path(sys.executable), folder / "hanlogger.toml", settings(folder, text), groups)


def lines(text: str, name: str) -> list[str]:
    return [line.removeprefix(f"{name}=") for line in text.splitlines() if line.startswith(f"{name}=")]


# in systemd's judgement


needs_analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="no systemd-analyze (package systemd) to judge the unit"
)


def judged(folder: Path, text: str, *how: str) -> subprocess.CompletedProcess[str]:
    (folder / "hanlogger.service").write_text(text)
    arguments = ["systemd-analyze", *how, str(folder / "hanlogger.service")]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


@needs_analyze
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    done = judged(tmp_path, unit(tmp_path), "verify")
    assert [line for line in done.stderr.splitlines() if "hanlogger.service" in line] == []
    assert done.returncode == 0, done.stderr


@needs_analyze
def test_systemd_finds_a_fault_where_there_is_one(tmp_path: Path) -> None:
    done = judged(tmp_path, unit(tmp_path).replace("ProtectHome=yes", "ProtectHome=maybe"), "verify")
    assert "hanlogger.service:" in done.stderr


@needs_analyze
def test_the_service_is_exposed_to_little(tmp_path: Path) -> None:
    done = judged(tmp_path, unit(tmp_path), "security", "--offline=yes", "--no-pager")
    exposure = re.search(r"Overall exposure level.*: (\d+\.\d) (\w+)", done.stdout)
    assert exposure is not None, done.stderr
    assert exposure[2] == "OK"
    assert float(exposure[1]) <= 2.1


# what it says


def test_the_unit_has_each_of_its_lines_and_no_other(tmp_path: Path) -> None:
    found: dict[str, list[str]] = {}
    for line in unit(tmp_path).splitlines():
        if line.startswith("["):
            lines_of_it = found.setdefault(line, [])
        elif line and not line.startswith("#"):
            lines_of_it.append(line)
    wanted = {
        name: [line.format(python=sys.executable, folder=tmp_path) for line in lines]
        for name, lines in SECTIONS.items()
    }
    assert found == wanted


@pytest.mark.parametrize("word", ["it's", "a;b", "a#b", "a\\b", "tür", "$HOME", "${HOME}", "50%", 'a "b"', "-x", "a b"])
def test_systemd_reads_a_path_as_it_is(tmp_path: Path, word: str) -> None:
    text = unit(tmp_path, f"journal = {json.dumps(f'/srv/{word}/j.sqlite3')}\n{SETTINGS}")
    (written,) = lines(text, "ReadWritePaths")
    assert unquoted(written) == f"/srv/{word}"
    text = service.make_unit(Path("/opt/h/bin/hanlogger"), tmp_path / word, settings(tmp_path), ())
    (command_line,) = lines(text, "ExecStart")
    assert unquoted(command_line.removeprefix("/opt/h/bin/hanlogger run --config ")).replace("$$", "$") == str(
        tmp_path / word
    )
    assert "$" not in command_line.replace("$$", "")
    text = unit(tmp_path, SETTINGS.replace(json.dumps(BY_ID), json.dumps(f"/dev/x {word}")))
    assert unquoted(lines(text, "DeviceAllow")[-1].removesuffix(" rw")) == f"/dev/x {word}"


def unquoted(word: str) -> str:
    """systemd.syntax(7), and specifiers."""
    if word.startswith('"'):
        word = re.sub(r"\\(.)", r"\1", word[1:-1])
    else:
        assert re.fullmatch(r"[^\s'\"\\;#]+", word)
    return word.replace("%%", "%")


def test_a_path_that_no_unit_can_name_is_refused(tmp_path: Path) -> None:
    for name in ("a\nUser=root", "a\tb", "a\u2028b"):
        with pytest.raises(ConfigError, match="a systemd unit cannot hold this path"):
            service.make_unit(Path("/opt/h/bin/hanlogger"), tmp_path / name, settings(tmp_path), ())
        with pytest.raises(ConfigError, match=r"cannot hold this path|journal: found .*; allowed: the path of a file"):
            unit(tmp_path, f"journal = {json.dumps(f'/srv/{name}/j')}\n{SETTINGS}")


def test_the_service_may_use_serial_ports_by_whichever_group_owns_them(tmp_path: Path) -> None:
    assert lines(unit(tmp_path), "SupplementaryGroups") == ["dialout"]
    assert lines(unit(tmp_path, groups=("uucp",)), "SupplementaryGroups") == ["uucp"]
    assert lines(unit(tmp_path, groups=()), "SupplementaryGroups") == []
    assert "char-ttyUSB rw" in lines(unit(tmp_path), "DeviceAllow")


def test_a_device_of_another_kind_is_let_in_by_its_name(tmp_path: Path) -> None:
    text = unit(tmp_path, SETTINGS.replace(BY_ID, "/dev/ttymxc1"))
    assert lines(text, "DeviceAllow")[-1] == "/dev/ttymxc1 rw"
    assert BY_ID not in unit(tmp_path)


def test_a_journal_in_another_place_can_be_written(tmp_path: Path) -> None:
    assert lines(unit(tmp_path), "ReadWritePaths") == []
    text = unit(tmp_path, f'journal = "/srv/meter data/j.sqlite3"\n{SETTINGS}')
    assert lines(text, "ReadWritePaths") == ['"/srv/meter data"']


def test_an_odd_path_is_one_word(tmp_path: Path) -> None:
    config = tmp_path / 'a "b" 100%$x'
    text = service.make_unit(Path("/opt/h/bin/hanlogger"), config, settings(tmp_path), ())
    assert lines(text, "ExecStart")[0].endswith(f'run --config "{tmp_path}/a \\"b\\" 100%%$$x"')


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no port"),
        (SETTINGS.replace(BY_ID, "file:/srv/capture.p1"), "which ends"),
        (f'journal = "/home/anna/j.sqlite3"\n{SETTINGS}', "under a home folder"),
    ],
)
def test_settings_that_no_service_can_have_are_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        unit(tmp_path, text)


def test_a_binary_under_a_home_folder_is_refused_with_the_way_out(tmp_path: Path) -> None:
    home = tmp_path / "anna"
    (home / "venv").mkdir(parents=True)
    linked = tmp_path / "opt"
    linked.symlink_to(home / "venv")
    for part in (home / "venv" / "bin" / "hanlogger", linked / "bin" / "hanlogger"):
        with pytest.raises(ConfigError, match="sudo python3 -m venv /opt/hanlogger"):
            refuse_home([Path("/usr/bin/python3"), part], [home])
    refuse_home([Path("/usr/bin/python3")], [home])


# install, uninstall


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> service.SystemdPaths:
    """A machine that systemd runs; its commands write down how they are called."""
    commands = tmp_path / "bin"
    commands.mkdir()
    for name in ("systemctl", "systemd-sysusers"):
        (commands / name).write_text(f'#!/bin/sh\necho {name} "$@" >> {tmp_path}/called\n')
        (commands / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{commands}:{os.environ['PATH']}")
    (tmp_path / "run").mkdir()
    return service.SystemdPaths(
        tmp_path / "etc" / "hanlogger.service", tmp_path / "etc" / "user.conf", tmp_path / "run"
    )


def called(folder: Path) -> list[str]:
    return (folder / "called").read_text().splitlines()


def test_install_can_be_repeated_and_uninstall_takes_away_what_it_made(
    tmp_path: Path, paths: service.SystemdPaths
) -> None:
    said: list[str] = []
    for _ in range(2):
        service.install(unit(tmp_path), paths, said.append)
    assert paths.unit.read_text() == unit(tmp_path)
    assert paths.unit.stat().st_mode & 0o777 == 0o644
    service.uninstall(paths, said.append)
    assert not paths.unit.exists()
    assert not paths.user.exists()
    each = ["daemon-reload", "enable hanlogger.service", "restart hanlogger.service"]
    installs = [f"systemd-sysusers {paths.user}", *(f"systemctl {words}" for words in each)] * 2
    assert called(tmp_path) == [*installs, "systemctl disable --now hanlogger.service", "systemctl daemon-reload"]
    assert "journalctl -u hanlogger" in said[0]
    assert "/var/lib/hanlogger" in said[-1]


def test_systemd_can_read_what_a_careful_root_installs(tmp_path: Path, paths: service.SystemdPaths) -> None:
    before = os.umask(0o077)
    try:
        service.install(unit(tmp_path), paths, print)
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o777 for path in (paths.unit, paths.user)] == [0o644, 0o644]


def test_the_user_is_made_by_systemd(tmp_path: Path, paths: service.SystemdPaths) -> None:
    sysusers = "/usr/bin/systemd-sysusers"
    if not Path(sysusers).exists():
        pytest.skip("no systemd-sysusers")
    service.install(unit(tmp_path), paths, print)
    (tmp_path / "root" / "etc").mkdir(parents=True)
    subprocess.run([sysusers, f"--root={tmp_path}/root", "-"], input=paths.user.read_bytes(), check=True)
    (user,) = (tmp_path / "root" / "etc" / "passwd").read_text().splitlines()
    assert user.startswith("hanlogger:x:")
    assert user.endswith(":/var/lib/hanlogger:/usr/sbin/nologin")


def test_a_command_of_systemd_that_fails_is_told_in_its_words(tmp_path: Path, paths: service.SystemdPaths) -> None:
    (tmp_path / "bin" / "systemctl").write_text("#!/bin/sh\necho Access denied >&2\nexit 4\n")
    with pytest.raises(ConfigError, match="systemctl daemon-reload: Access denied"):
        service.install(unit(tmp_path), paths, print)


def test_without_systemd_nothing_is_written(tmp_path: Path, paths: service.SystemdPaths) -> None:
    elsewhere = paths._replace(running=tmp_path / "not-there")
    with pytest.raises(ConfigError, match="systemd does not run this machine"):
        service.install(unit(tmp_path), elsewhere, print)
    with pytest.raises(ConfigError, match="systemd does not run this machine"):
        service.uninstall(elsewhere, print)
    assert not paths.unit.parent.exists()


def test_what_is_not_installed_cannot_be_uninstalled(paths: service.SystemdPaths) -> None:
    with pytest.raises(ConfigError, match="nothing to uninstall"):
        service.uninstall(paths, print)


def test_what_may_not_be_written_says_sudo(tmp_path: Path, paths: service.SystemdPaths) -> None:
    paths.unit.mkdir(parents=True)
    with pytest.raises(ConfigError, match="call it with sudo"):
        service.install(unit(tmp_path), paths, print)


# the command


def test_print_shows_the_unit_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "hanlogger.toml").write_text(SETTINGS)
    done = command(tmp_path, "service", "install", "--print", "--config", "hanlogger.toml")
    assert {file.name for file in tmp_path.iterdir()} == {"hanlogger.toml"}
    assert done.returncode == 0
    (start,) = lines(done.stdout, "ExecStart")
    assert start.endswith(f"hanlogger run --config {tmp_path}/hanlogger.toml")


def test_without_settings_the_unit_can_be_seen_and_is_not_installed(tmp_path: Path) -> None:
    if Path("/etc/hanlogger/hanlogger.toml").exists():
        pytest.skip("this machine has settings")
    done = command(tmp_path, "service", "install", "--print")
    assert "hanlogger config example" in done.stderr
    assert done.returncode == 0
    (start,) = lines(done.stdout, "ExecStart")
    assert start.endswith("hanlogger run --config /etc/hanlogger/hanlogger.toml")
    assert "char-ttyUSB rw" in lines(service.make_unit(Path("/h"), Path("/c"), None, ()), "DeviceAllow")
    done = command(tmp_path, "service", "install")
    assert (done.returncode, "hanlogger config example" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("config", "words"),
    [("missing.toml", "hanlogger config example"), ("/home/anna/hanlogger.toml", "a service sees no home folders")],
)
def test_a_config_that_the_service_could_not_read_is_refused(tmp_path: Path, config: str, words: str) -> None:
    done = command(tmp_path, "service", "install", "--print", "--config", config)
    assert done.returncode == 2
    assert words in done.stderr


# the adapter


def test_an_adapter_that_comes_back_under_another_name_goes_on_by_its_stable_name(tmp_path: Path) -> None:
    by_id = tmp_path / "usb-FTDI_FT232R-if00-port0"
    with plugged_in(by_id) as line, logger(tmp_path, "--port", str(by_id)) as running:
        until(lambda: running.state and running.state.meters[0].state == "open")
        line.send(telegram(0))
        until(lambda: running.frames("home") == 1)
        before = by_id.resolve()
        line.unplug()
        until(lambda: running.state and running.state.meters[0].state == "waiting")
        in_its_place = [descriptor for _ in range(5) for descriptor in os.openpty()]
        line.plug_in()
        assert by_id.resolve() != before
        until(lambda: running.state and running.state.meters[0].state == "open")
        line.send(telegram(1))
        until(lambda: running.frames("home") == 2)
        for descriptor in in_its_place:
            os.close(descriptor)
