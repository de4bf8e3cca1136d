"""From the plug to whole telegrams: what the doctor says of a device, a line and its octets."""

from __future__ import annotations

import contextlib
import grp
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hanlogger.doctor import Level
from hanlogger.journal import Entry, Journal
from hanlogger.model import Frame, Meter
from hanlogger.sources import LineSettings
from tests.support.doctoring import SHORT, bridge, english, examined, keys, now_telegram, wrong
from tests.support.octets import telegram
from tests.support.telegrams import SWEDISH, octets_of
from tests.support.uart import through
from tests.support.wires import Wire, meter, wire

P1 = LineSettings(115200)
AIDON = LineSettings(2400, 8, "E")


# --- the device


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A /dev in which nothing is plugged in."""
    monkeypatch.setattr("hanlogger.sources.adapter.DEV", tmp_path / "dev")
    monkeypatch.setattr("hanlogger.sources.adapter.HOST", tmp_path / "host")
    return tmp_path / "dev"


def plug(dev: Path, name: str, device: str) -> str:
    by_id = dev / "serial" / "by-id"
    by_id.mkdir(parents=True, exist_ok=True)
    (by_id / name).symlink_to(device)
    return str(by_id / name)


@pytest.mark.usefixtures("dev")
def test_no_adapter_is_plugged_in(tmp_path: Path) -> None:
    assert wrong(examined(tmp_path, port="auto")).key == "adapter-none"


@pytest.mark.usefixtures("dev")
def test_without_settings_the_adapter_that_is_plugged_in_is_looked_at(tmp_path: Path) -> None:
    found = examined(tmp_path)
    assert "no-port" in keys(found)
    assert wrong(found).key == "adapter-none"


def test_several_adapters_are_named(tmp_path: Path, dev: Path) -> None:
    with wire() as one, wire() as two:
        names = [plug(dev, "usb-a", one.device), plug(dev, "usb-b", two.device)]
        found = wrong(examined(tmp_path, port="auto"))
    assert found.key == "adapters-several"
    assert found.facts["ports"] == ", ".join(names)


def test_a_device_that_is_not_there_is_told_with_those_that_are(tmp_path: Path, dev: Path) -> None:
    with wire() as end:
        name = plug(dev, "usb-FTDI-if00", end.device)
        found = wrong(examined(tmp_path, port="/dev/ttyUSB7"))
    assert found.key == "device-missing"
    assert name in english(found)


def test_a_file_that_is_no_device_is_no_port(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "meter")
    assert wrong(examined(tmp_path, port=str(tmp_path / "meter"))).key == "device-no-port"


@pytest.fixture
def end() -> Iterator[Wire]:
    with wire() as made:
        yield made


def give(device: str, group: str, mode: int) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a device to a group")
    os.chown(device, 0, grp.getgrnam(group).gr_gid)
    Path(device).chmod(mode)


def test_a_permission_that_is_missing_is_told_with_its_group(tmp_path: Path, end: Wire) -> None:
    give(end.device, "dialout", 0o660)
    found = wrong(examined(tmp_path, port=end.device, nobody=True))
    assert found.key == "device-no-permission"
    assert "sudo usermod -aG dialout nobody" in english(found)


def test_a_permission_that_even_the_group_lacks_is_told(tmp_path: Path, end: Wire) -> None:
    give(end.device, "tty", 0o600)
    found = wrong(examined(tmp_path, port=end.device, nobody=True))
    assert found.key == "device-no-permission-for-group"
    assert "tty" in english(found)


def test_a_group_that_counts_from_the_next_login_on_is_told(
    tmp_path: Path, end: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(end.device, "dialout", 0o660)
    monkeypatch.setattr("hanlogger.doctor.device._list_members", lambda _: ["nobody"])
    found = wrong(examined(tmp_path, port=end.device, nobody=True))
    assert found.key == "device-log-in-again"


HOLD = """
import fcntl, os, sys
device = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
if sys.argv[2] == "alone":
    fcntl.flock(device, fcntl.LOCK_EX)
print("open", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def held(device: str, how: str) -> Iterator[int]:
    command = [sys.executable, "-c", HOLD, device, how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        try:
            yield process.pid
        finally:
            assert process.stdin is not None
            process.stdin.close()


def test_a_device_that_another_process_holds_is_told_with_its_name(tmp_path: Path, end: Wire) -> None:
    with held(end.device, "alone") as pid:
        name = Path(f"/proc/{pid}/comm").read_text("utf-8").strip()
        found = wrong(examined(tmp_path, port=end.device))
    assert found.key == "device-held"
    assert f"{name} ({pid})" in english(found)


def test_a_holder_that_may_not_be_seen_is_told_as_unknown(
    tmp_path: Path, end: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hanlogger.doctor.device.PROC", tmp_path)
    with held(end.device, "alone"):
        assert wrong(examined(tmp_path, port=end.device)).key == "device-held-by-unknown"


def test_a_program_that_reads_along_is_noted(tmp_path: Path) -> None:
    with meter(SWEDISH, P1) as (end, _), held(end.device, "too") as pid:
        found = examined(tmp_path, port=end.device, serial="115200 8N1")
    (shared,) = [finding for finding in found if finding.key == "device-shared"]
    assert shared.level is Level.NOTE
    assert str(pid) in str(shared.facts["holders"])


def test_a_bridge_that_does_not_answer_is_told(tmp_path: Path) -> None:
    with bridge() as url:
        pass
    assert wrong(examined(tmp_path, port=url)).key == "bridge-unreachable"


# --- no octets


def test_a_port_that_has_never_sent_is_most_likely_not_activated(tmp_path: Path, end: Wire) -> None:
    found = wrong(examined(tmp_path, port=end.device, listen=0.05))
    assert found.key == "silent-never"
    words = english(found)
    assert "grid company" in words
    assert "+5 V" in words
    assert "wait for half a minute" in words


def test_a_port_that_has_fallen_silent_needs_a_reset(tmp_path: Path, end: Wire) -> None:
    with Journal.open(tmp_path / "journal.sqlite3") as journal:
        journal.records.append(
            [Entry(Frame("p1", SWEDISH, datetime(2025, 1, 14, 14, 4, 10, tzinfo=UTC)), Meter("home"))]
        )
    found = wrong(examined(tmp_path, port=end.device, listen=0.05))
    assert found.key == "silent-now"
    assert "2025-01-14" in english(found)


def test_a_bridge_that_is_silent_is_told(tmp_path: Path) -> None:
    with bridge() as url:
        assert wrong(examined(tmp_path, wait=SHORT, port=url)).key == "silent-bridge"


# --- octets, and no telegram


def test_an_inverted_line_is_told(tmp_path: Path) -> None:
    with meter(lambda: through(SWEDISH, P1, P1, inverted=True), P1) as (end, _):
        found = wrong(examined(tmp_path, port=end.device))
    assert found.key == "line-inverted"
    assert "P1" in english(found)


def test_settings_that_are_wrong_are_told_with_the_right_ones(tmp_path: Path, corpus: Path) -> None:
    with meter(octets_of(corpus, "kaifa-ma304h4-no-list1"), AIDON) as (end, _):
        found = wrong(examined(tmp_path, wait=SHORT, port=end.device, serial="115200 8N1"))
    assert found.key == "line-settings"
    assert 'serial = "2400 8E1"' in english(found)


def test_seven_bits_at_a_wrong_speed_are_told_by_their_name(tmp_path: Path, corpus: Path) -> None:
    old = (corpus / "iskra-mt382-nl-dsmr22.p1").read_bytes()
    with meter(old, LineSettings(9600, 7, "E")) as (end, _):
        found = wrong(examined(tmp_path, wait=SHORT, port=end.device, serial="2400 8E1"))
    assert found.key == "line-settings"
    assert found.facts["right"] == LineSettings(9600, 7, "E")


def test_a_speed_that_is_none_of_the_usual_ones_is_told(tmp_path: Path) -> None:
    with meter(SWEDISH, LineSettings(19200)) as (end, _):
        assert wrong(examined(tmp_path, port=end.device)).key == "line-wrong-speed"


@pytest.mark.parametrize(
    ("message", "key"),
    [
        (SWEDISH.replace(b"\r\n", b"\n"), "line-line-ends"),
        (SWEDISH.hex().encode(), "line-hex-text"),
        (b'{"power": 1234}\n', "line-another-service"),
        (b"/KAM5\r\n\r\n", "line-identification-only"),
        (through(SWEDISH, P1, P1, inverted=True), "line-inverted"),
        (through(SWEDISH, P1, LineSettings(2400)), "line-wrong-speed"),
        (through(SWEDISH, LineSettings(2400), P1), "line-port-too-fast"),
    ],
)
def test_what_a_bridge_does_to_a_telegram_is_told_from_the_octets(tmp_path: Path, message: bytes, key: str) -> None:
    with bridge(message) as url:
        assert wrong(examined(tmp_path, wait=SHORT, port=url)).key == key


def test_a_bridge_that_cuts_the_eighth_bit_is_told(tmp_path: Path, corpus: Path) -> None:
    message = octets_of(corpus, "aidon-6534-no-list2-3phase-tn")
    with bridge(bytes(octet & 0x7F for octet in message)) as url:
        assert wrong(examined(tmp_path, wait=SHORT, port=url)).key == "line-eighth-bit-cut"


def test_a_line_that_nobody_drives_is_told(tmp_path: Path) -> None:
    with bridge(b"\0", b"\xff", every=0.2) as url:
        found = wrong(examined(tmp_path, wait=SHORT, port=url))
    assert found.key == "line-floating"
    assert "half-duplex" in english(found)


def test_a_meter_whose_checksums_never_fit_is_told(tmp_path: Path) -> None:
    with bridge(SWEDISH[:-6] + b"0000\r\n") as url:
        assert wrong(examined(tmp_path, wait=SHORT, port=url)).key == "checksums-all"


# --- telegrams that are damaged


def rate(tmp_path: Path, *messages: bytes) -> tuple[str, str]:
    whole = now_telegram()
    with bridge(*(message for bad in messages for message in (bad, whole)), every=0.01) as url:
        found = examined(tmp_path, port=url, wait=2)
    (finding,) = [finding for finding in found if finding.key.startswith("checksums")]
    return finding.key, english(finding)


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Listen to more than two."""
    monkeypatch.setattr("hanlogger.doctor.line.ENOUGH", 20)


@pytest.mark.usefixtures("many")
def test_octets_that_are_altered_are_told_with_their_rate(tmp_path: Path) -> None:
    key, words = rate(tmp_path, SWEDISH.replace(b"230.1", b"231.1"))
    assert key == "checksums-altered"
    assert "%" in words


@pytest.mark.usefixtures("many")
def test_octets_that_are_lost_are_told(tmp_path: Path) -> None:
    key, _ = rate(tmp_path, SWEDISH.replace(b"230.1", b"30.1"), SWEDISH.replace(b"00001234", b"1234"))
    assert key == "checksums-lost"


@pytest.mark.usefixtures("many")
def test_telegrams_that_are_cut_at_the_same_place_are_told_with_it(tmp_path: Path) -> None:
    key, words = rate(tmp_path, SWEDISH[:128])
    assert key == "checksums-cut"
    assert "128" in words


def test_a_line_that_is_well_is_said_to_be_well(tmp_path: Path) -> None:
    with meter(now_telegram, P1) as (end, _):
        found = examined(tmp_path, port=end.device)
    assert {"telegrams", "checksums", "decoded", "clock"} <= set(keys(found))
    assert {"device", "device-shared"} & set(keys(found)), (
        "a logger of another test may open again what was its port before"
    )
    assert all(finding.level.healthy for finding in found), keys(found)


def test_telegrams_without_a_checksum_are_noted(tmp_path: Path) -> None:
    bare = telegram("0-0:1.0.0(250114150410W)", "1-0:1.8.0(00001234.567*kWh)")
    with bridge(bare[: bare.index(b"!") + 1] + b"\r\n") as url:
        found = examined(tmp_path, port=url, clock_limit="off")
    assert "checksums-none" in keys(found)


def test_a_port_that_is_a_file_is_passed_over(tmp_path: Path) -> None:
    assert "port-ends" in keys(examined(tmp_path, port="demo:"))
