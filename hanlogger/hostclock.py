"""Whether the time of this host is known to be right. A computer without a clock battery (a Raspberry Pi) starts with a
guess: the time of its last shutdown, or 1970, until the network has told it better.

It is right when the kernel has been told the time by NTP (adjtimex), when systemd-timesyncd says so, or when a clock
with a battery has kept it: a PC has one, or its host when it is a virtual machine. And never before this was written.
"""

from __future__ import annotations

import ctypes
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

WRITTEN = datetime(2025, 1, 1, tzinfo=UTC)
PATIENCE = 900.0
"""Seconds after the start of the computer for which clockless frames wait for the time."""

_TIMESYNCD = Path("/run/systemd/timesync/synchronized")
_BATTERY_CLOCKS = Path("/sys/class/rtc")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_HAVE_BATTERY = ("x86_64", "i686", "i386")


class Uptime(NamedTuple):
    """A moment by the one clock that nobody sets."""

    boot: str  # which start of the computer
    seconds: float  # since then


class Mark(NamedTuple):
    """What is to be kept with a frame about the time of its receipt."""

    judged: bool  # whether it says anything about the meter's clock
    uptime: Uptime | None = None  # by which it can be put right later


class HostClock:
    """Known to be set, once and for all: what sets it does not unset it. May be asked from any thread."""

    def __init__(self, known: Callable[[], bool] | None = None) -> None:
        self._known = known
        self._is_set = False

    @property
    def is_set(self) -> bool:
        """Asked anew until it is: some microseconds."""
        self._is_set = self._is_set or (self._known or is_known)()
        return self._is_set

    @property
    def overdue(self) -> bool:
        """Whether the time has been waited for long enough."""
        return uptime().seconds > PATIENCE


HOST = HostClock()
"""This host's."""


class Marker:
    """Marks what one port receives."""

    def __init__(self, clock: HostClock = HOST) -> None:
        self._clock = clock
        self._was_set = clock.is_set

    def mark(self, received_at: datetime, now: datetime) -> Mark:
        """Of a frame whose first octet came at `received_at`. While it came the clock may have been set."""
        known, self._was_set = self._was_set, self._clock.is_set
        if known or self._clock.overdue:
            return Mark(known)
        boot, seconds = uptime()
        age = (now - received_at).total_seconds()
        return Mark(False, Uptime(boot, seconds - age if 0 <= age < _LONGEST_FRAME else seconds))


_LONGEST_FRAME = 10.0  # seconds on the wire, and more


def is_known() -> bool:
    """Whether anything vouches for the host's time."""
    return datetime.now(UTC) >= WRITTEN and (told_by_ntp() or _TIMESYNCD.exists() or kept_by_battery())


def told_by_ntp() -> bool:
    """Whether the kernel's clock is synchronised; True on systems that cannot tell."""
    if sys.platform != "linux":
        return True
    answer = ctypes.create_string_buffer(_TIMEX_OCTETS)
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(answer))
    status = int.from_bytes(answer.raw[_STATUS : _STATUS + 4], sys.byteorder)
    return 0 <= state < _TIME_ERROR and not status & _STA_UNSYNC


_TIMEX_OCTETS = 512  # struct timex has 208 or less
_STATUS = 5 * ctypes.sizeof(ctypes.c_long)  # modes (padded), offset, freq, maxerror, esterror, status
_TIME_ERROR = 5
_STA_UNSYNC = 0x0040


def kept_by_battery() -> bool:
    """Whether a battery clock has kept the time. One without its battery starts in 1970 or 2000."""
    clocks = [_seconds(clock / "since_epoch") for clock in _BATTERY_CLOCKS.glob("rtc*")]
    if clocks:
        return max(clocks) >= WRITTEN.timestamp()
    return platform.machine() in _HAVE_BATTERY


def _seconds(file: Path) -> int:
    try:
        return int(file.read_text("ascii"))
    except (OSError, ValueError):
        return 0


def uptime() -> Uptime:
    """Now."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # CLOCK_BOOTTIME counts in sleep too
    try:
        boot = _BOOT_ID.read_text("ascii").strip()
    except OSError:
        boot = "unknown"
    return Uptime(boot, time.clock_gettime(clock))


def started(now: datetime, up: Uptime) -> datetime:
    """When the computer was started, by a clock that is set."""
    return now - timedelta(seconds=up.seconds)
