"""What vouches for the host's time, read from the kernel and from files, and each limit of it from both sides."""

from __future__ import annotations

import ctypes
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hanlogger import hostclock
from hanlogger.hostclock import HostClock, Marker, get_uptime, is_kept_by_battery, is_told_by_ntp

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
linux = pytest.mark.skipif(sys.platform != "linux", reason="adjtimex and /proc are Linux's")


class Timex(ctypes.Structure):
    """The kernel's struct timex, as adjtimex(2) has it."""

    _fields_ = [
        ("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long), ("status", ctypes.c_int), ("constant", ctypes.c_long),
        ("precision", ctypes.c_long), ("tolerance", ctypes.c_long), ("room", ctypes.c_char * 400),
    ]  # fmt: skip


class Kernel:
    """A C library whose adjtimex answers what the test says."""

    def __init__(self, state: int, status: int) -> None:
        self._state, self._status = state, status

    def adjtimex(self, answer: Any) -> int:
        timex = Timex.from_buffer(answer._obj)
        assert timex.modes == 0, "it only asks, and sets nothing"
        timex.offset = timex.freq = timex.maxerror = timex.esterror = timex.constant = -1
        timex.status = self._status
        return self._state


@linux
@pytest.mark.parametrize(
    ("state", "status", "told"),
    [
        (0, 0x2001, True),  # TIME_OK; PLL, nanoseconds
        (1, 0x2011, True),  # a leap second is to come
        (4, 0x2001, True),  # a leap second was
        (5, 0x2001, False),  # TIME_ERROR
        (0, 0x2041, False),  # STA_UNSYNC
        (5, 0x0040, False),
        (0, 0x0000, True),
        (-1, 0x2001, False),  # refused, as in a sandbox
    ],
)
def test_the_kernel_says_by_its_state_and_its_status_whether_ntp_has_told_it(
    state: int, status: int, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: Kernel(state, status))
    assert is_told_by_ntp() is told


@linux
def test_this_kernel_is_read_as_its_struct_says() -> None:
    timex = Timex()
    state = ctypes.CDLL(None).adjtimex(ctypes.byref(timex))
    assert is_told_by_ntp() is (0 <= state < 5 and not timex.status & 0x40)


def test_a_system_that_cannot_tell_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert is_told_by_ntp()


# --- a clock with a battery


@pytest.fixture
def rtc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(hostclock, "_BATTERY_CLOCKS", tmp_path)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    return tmp_path


@pytest.mark.parametrize(
    ("clocks", "kept"),
    [
        (["1735689600"], True),  # the first second of 2025
        (["1735689599"], False),
        (["12", "1790000000"], True),
        (["1790000000", "12"], True),
        (["soon"], False),
        (["soon", "1790000000"], True),
    ],
)
def test_one_battery_clock_with_a_time_since_2025_is_enough_and_a_pc_with_none_of_them_right_does_not_know(
    rtc: Path, clocks: list[str], kept: bool
) -> None:
    for number, since_epoch in enumerate(clocks):
        (rtc / f"rtc{number}").mkdir()
        (rtc / f"rtc{number}" / "since_epoch").write_text(f"{since_epoch}\n")
    assert is_kept_by_battery() is kept


@pytest.mark.parametrize(
    ("machine", "kept"), [("x86_64", True), ("i686", True), ("i386", True), ("armv7l", False), ("aarch64", False)]
)
def test_without_a_battery_clock_to_ask_a_pc_is_believed_and_a_small_computer_is_not(
    rtc: Path, machine: str, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert is_kept_by_battery() is kept


# --- the clock that nobody sets


@linux
def test_uptime_is_the_kernels_of_this_start() -> None:
    before = float(Path("/proc/uptime").read_text().split()[0])
    found = get_uptime()
    after = float(Path("/proc/uptime").read_text().split()[0])
    assert before - 0.02 <= found.seconds <= after + 0.02
    assert found.boot == Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def test_a_start_that_has_no_name_is_unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(hostclock, "_BOOT_ID", tmp_path / "none")
    monkeypatch.setattr(hostclock, "read_boot_id", hostclock.read_boot_id.__wrapped__)
    assert get_uptime().boot == "unknown"


@pytest.mark.parametrize(("age", "taken_off"), [(0.0, 0.0), (9.9, 9.9), (10.0, 0.0), (3e8, 0.0), (-0.1, 0.0)])
def test_a_frame_came_as_long_ago_as_a_frame_takes_at_most(
    age: float, taken_off: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hostclock, "PATIENCE", 1e12)
    before = get_uptime().seconds
    mark = Marker(HostClock(lambda: False)).mark(NOW - timedelta(seconds=age), NOW)
    assert not mark.judged
    assert mark.uptime is not None
    assert before <= mark.uptime.seconds + taken_off <= get_uptime().seconds


def test_the_time_is_waited_for_a_quarter_of_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hostclock.PATIENCE == 15 * 60
    clock = HostClock(lambda: False)
    monkeypatch.setattr(hostclock, "PATIENCE", get_uptime().seconds + 3600)
    assert not clock.overdue
    monkeypatch.setattr(hostclock, "PATIENCE", get_uptime().seconds - 1)
    assert clock.overdue
