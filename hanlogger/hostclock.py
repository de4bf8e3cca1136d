"""Whether the host's clock is known to be set.

A computer whose clock has no battery (a Raspberry Pi) starts with a guess, such as the time of its last shutdown, until
the network tells the time. The clock is taken for set when NTP has told the kernel the time (adjtimex), when
systemd-timesyncd says so, or when a clock with a battery has kept it, which a PC has, and a virtual machine's host. A
time before WRITTEN is never right.
"""

from __future__ import annotations

import ctypes
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

WRITTEN = datetime(2025, 1, 1, tzinfo=UTC)
"""A time before hanlogger was written."""

PATIENCE = 900.0
"""Seconds after the computer's start for which frames without a meter clock wait for the host's clock to be set."""

_TIMESYNCD = Path("/run/systemd/timesync/synchronized")
_BATTERY_CLOCKS = Path("/sys/class/rtc")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_HAVE_BATTERY = ("x86_64", "i686", "i386")


class Uptime(NamedTuple):
    """A time by the clock that nobody sets: the start of the computer, and the seconds since."""

    boot: str  # the kernel's id of this start
    seconds: float


class Mark(NamedTuple):
    """What is recorded with a frame about its arrival time."""

    judged: bool  # whether the meter's clock can be compared with it
    uptime: Uptime | None = None  # by which it can be corrected once the clock is set


class HostClock:
    """A host clock that is set once and then stays set. Any thread may use it."""

    def __init__(self, known: Callable[[], bool] | None = None) -> None:
        self._known = known
        self._is_set = False

    @property
    def is_set(self) -> bool:
        """Whether the clock is known to be set; found out anew, within microseconds, until it is."""
        self._is_set = self._is_set or (self._known or is_known)()
        return self._is_set

    @property
    def overdue(self) -> bool:
        """Whether the clock has been waited for long enough."""
        return get_uptime().seconds > PATIENCE


HOST = HostClock()
"""The clock of this host."""


class Marker:
    """Makes the marks of the frames of one port."""

    def __init__(self, clock: HostClock = HOST) -> None:
        self._clock = clock
        self._was_set = clock.is_set
        self._steps = _Steps()

    def mark(self, received_at: datetime, now: datetime) -> Mark:
        """Return the mark of a frame whose first octet came at `received_at`, before or after the clock was set."""
        known, self._was_set = self._was_set, self._clock.is_set
        boot, seconds = get_uptime()
        if known or self._clock.overdue:
            return Mark(known and self._steps.look(received_at, now, seconds))
        age = (now - received_at).total_seconds()
        return Mark(False, Uptime(boot, seconds - age if 0 <= age < _LONGEST_FRAME else seconds))


class _Steps:
    """Notices that the host's clock is put forward or back, by the clock that nobody sets.

    Nobody knows at first which of its times is right. So after a step it says nothing of a meter's clock until it is
    back where it was, or has gone on from there for as long as it is waited for after the start of the computer.
    """

    def __init__(self) -> None:
        self._offset: float | None = None  # seconds that the host's clock is ahead of the uptime
        self._since: float | None = None  # the uptime at which it was first seen elsewhere

    def look(self, received_at: datetime, now: datetime, seconds: float) -> bool:
        """Return whether the clock is where it was, when a frame came and now; `seconds`: the uptime."""
        offset = now.timestamp() - seconds
        if self._offset is None or abs(offset - self._offset) < _STEP:
            self._offset, self._since = offset, None
        elif self._since is None:
            self._since = seconds
        elif seconds - self._since > PATIENCE:
            self._offset, self._since = offset, None
        return self._since is None and abs((now - received_at).total_seconds()) < _STEP


_STEP = 3600.0  # seconds: what is less moves no point far, and daylight saving time is no step at all
_LONGEST_FRAME = 10.0  # seconds: no frame takes longer on the wire


def is_known() -> bool:
    """Return whether the host's clock is known to be set."""
    return datetime.now(UTC) >= WRITTEN and (is_told_by_ntp() or _TIMESYNCD.exists() or is_kept_by_battery())


def is_told_by_ntp() -> bool:
    """Return whether the kernel's clock is synchronised; True on systems that cannot tell."""
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


def is_kept_by_battery() -> bool:
    """Return whether a battery clock has kept the time; one whose battery is gone starts in 1970 or 2000."""
    clocks = [_read_seconds(clock / "since_epoch") for clock in _BATTERY_CLOCKS.glob("rtc*")]
    if clocks:
        return max(clocks) >= WRITTEN.timestamp()
    return platform.machine() in _HAVE_BATTERY


def _read_seconds(file: Path) -> int:
    try:
        return int(file.read_text("ascii"))
    except (OSError, ValueError):
        return 0


def get_uptime() -> Uptime:
    """Return the present time by the clock that is never set."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # CLOCK_BOOTTIME counts in sleep too
    return Uptime(read_boot_id(), time.clock_gettime(clock))


@cache  # no process outlives a start of the computer, and each frame asks
def read_boot_id() -> str:
    """Return the kernel's id of this start of the computer; "unknown" where it tells none."""
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return "unknown"


def compute_start(now: datetime, up: Uptime) -> datetime:
    """Return when the computer was started: `now`, of a clock that is set, less the time since then."""
    return now - timedelta(seconds=up.seconds)
