"""A computer that does not know the time: meters' clocks are used, and telegrams without one get theirs later."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hanlogger import hostclock
from hanlogger.collect.intake import Intake
from hanlogger.deliver import Delivery
from hanlogger.hostclock import HostClock, Mark, Marker, Uptime, compute_start, get_uptime, is_known
from hanlogger.influxdb import Destination
from hanlogger.journal import Entry, Journal
from hanlogger.model import Frame, Meter
from hanlogger.running.arrival_times import ArrivalTimeCorrector
from hanlogger.sources import Port
from tests.support.octets import telegram
from tests.support.servers import Bucket
from tests.support.telegrams import ROWS, SWEDISH, octets_of
from tests.support.waiting import until

GUESS = datetime(2020, 1, 1, tzinfo=UTC)  # what a computer without a battery may take the time for
CLOCKLESS = telegram(*ROWS[1:])
HOME = Meter("home")


class Clock:
    """A host's time that becomes known when the test says so."""

    def __init__(self) -> None:
        self.known = False

    def __call__(self) -> bool:
        return self.known


@pytest.fixture
def clock() -> Clock:
    return Clock()


# --- what vouches for the time


@pytest.fixture
def nobody_knows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A Raspberry Pi that has just been started."""
    monkeypatch.setattr(hostclock, "is_told_by_ntp", lambda: False)
    monkeypatch.setattr(hostclock, "_TIMESYNCD", tmp_path / "synchronized")
    monkeypatch.setattr(hostclock, "_BATTERY_CLOCKS", tmp_path / "rtc")
    monkeypatch.setattr("platform.machine", lambda: "aarch64")


@pytest.mark.usefixtures("nobody_knows")
def test_a_computer_without_a_battery_clock_does_not_know_the_time() -> None:
    assert not is_known()


@pytest.mark.usefixtures("nobody_knows")
def test_systemd_vouches_for_the_time(tmp_path: Path) -> None:
    (tmp_path / "synchronized").touch()
    assert is_known()


@pytest.mark.usefixtures("nobody_knows")
def test_ntp_vouches_for_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hostclock, "is_told_by_ntp", lambda: True)
    assert is_known()


@pytest.mark.usefixtures("nobody_knows")
@pytest.mark.parametrize(("since_epoch", "known"), [(1_790_000_000, True), (946_684_812, False), (12, False)])
def test_a_battery_clock_vouches_for_the_time_unless_its_battery_is_gone(
    tmp_path: Path, since_epoch: int, known: bool
) -> None:
    (tmp_path / "rtc" / "rtc0").mkdir(parents=True)
    (tmp_path / "rtc" / "rtc0" / "since_epoch").write_text(f"{since_epoch}\n")
    assert is_known() is known


@pytest.mark.usefixtures("nobody_knows")
def test_a_virtual_machine_has_its_time_from_its_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert is_known()


def test_no_time_before_this_was_written_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hostclock, "is_told_by_ntp", lambda: True)
    monkeypatch.setattr(hostclock, "WRITTEN", datetime.now(UTC) + timedelta(days=1))
    assert not is_known()


def test_a_time_that_was_known_stays_known(clock: Clock) -> None:
    host = HostClock(clock)
    assert not host.is_set
    clock.known = True
    assert host.is_set
    clock.known = False
    assert host.is_set


# --- what is kept with a frame


def just_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hostclock, "PATIENCE", 1e12)


def test_a_frame_of_a_known_time_is_judged_and_keeps_nothing_else(clock: Clock) -> None:
    clock.known = True
    now = datetime.now(UTC)
    assert Marker(HostClock(clock)).mark(now, now) == Mark(True)


def test_a_frame_of_an_unknown_time_keeps_when_it_came_by_a_clock_that_nobody_sets(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    just_started(monkeypatch)
    before = get_uptime()
    mark = Marker(HostClock(clock)).mark(GUESS, GUESS + timedelta(seconds=2))
    assert not mark.judged
    assert mark.uptime is not None
    assert mark.uptime.boot == before.boot
    assert -2 <= mark.uptime.seconds - before.seconds < 0


def test_a_frame_during_which_the_clock_was_set_is_still_of_an_unknown_time(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    just_started(monkeypatch)
    marker = Marker(HostClock(clock))
    clock.known = True
    now = datetime.now(UTC)
    mark = marker.mark(GUESS, now)
    assert mark.uptime is not None
    assert abs(mark.uptime.seconds - get_uptime().seconds) < 1
    assert marker.mark(now, now) == Mark(True)


def test_a_clock_that_is_put_ten_years_ahead_judges_no_meter_until_it_is_back(clock: Clock) -> None:
    clock.known = True
    marker, now, ahead = Marker(HostClock(clock)), datetime.now(UTC), timedelta(days=3652)
    assert marker.mark(now, now).judged
    assert not marker.mark(now, now + ahead).judged, "while a frame came"
    assert not marker.mark(now + ahead, now + ahead).judged
    assert not marker.mark(now + ahead, now).judged, "put back while a frame came"
    assert marker.mark(now, now).judged


def test_a_clock_that_is_put_elsewhere_for_good_judges_again_after_a_quarter_of_an_hour(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.known = True
    marker, now = Marker(HostClock(clock)), datetime.now(UTC)
    there = now + timedelta(days=2)
    assert marker.mark(now, now).judged
    assert not marker.mark(there, there).judged
    monkeypatch.setattr(hostclock, "PATIENCE", -1.0)
    marker.mark(there, there)
    assert marker.mark(there, there).judged
    assert not marker.mark(now, now).judged


def test_a_clock_that_is_set_for_the_first_time_judges_at_once(clock: Clock) -> None:
    marker, now = Marker(HostClock(clock)), datetime.now(UTC)
    assert not marker.mark(GUESS, GUESS).judged
    clock.known = True
    assert not marker.mark(GUESS, now).judged
    assert marker.mark(now, now).judged


def test_after_a_quarter_of_an_hour_nothing_waits_any_more(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hostclock, "PATIENCE", 0.0)
    assert Marker(HostClock(clock)).mark(GUESS, GUESS) == Mark(False)


def test_what_a_port_receives_is_marked(journal: Journal, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    just_started(monkeypatch)
    intake = Intake(Port("demo:", HOME), journal, journal.records.append, lambda *_: None, HostClock(clock))
    intake.take([Frame("p1", SWEDISH, GUESS)])
    (record,) = journal.records.read_frames()
    assert (record.judged, record.provisional) == (False, True)


# --- putting it right


def append(journal: Journal, data: bytes, at: datetime, up: Uptime | None) -> None:
    journal.records.append([Entry(Frame("p1", data, at), HOME, judged=False, uptime=up)])


def test_frames_get_their_times_once_the_clock_is_set(journal: Journal, clock: Clock) -> None:
    now = get_uptime()
    append(journal, CLOCKLESS, GUESS, Uptime(now.boot, now.seconds - 60))
    append(journal, CLOCKLESS, GUESS + timedelta(seconds=10), Uptime(now.boot, now.seconds - 50))
    clock.known = True
    ArrivalTimeCorrector(journal, HostClock(clock)).correct()
    first, second = journal.records.read_frames()
    assert abs(first.received_at - (datetime.now(UTC) - timedelta(seconds=60))) < timedelta(seconds=2)
    assert second.received_at - first.received_at == timedelta(seconds=10)
    assert not first.provisional


def test_frames_of_an_earlier_start_keep_their_times(
    journal: Journal, clock: Clock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    just_started(monkeypatch)
    append(journal, CLOCKLESS, GUESS, Uptime("an earlier one", 60))
    ArrivalTimeCorrector(journal, HostClock(clock)).correct()
    (record,) = journal.records.read_frames()
    assert (record.received_at, record.provisional) == (GUESS, False)
    assert "before the clock of this computer was set" in caplog.text


def test_frames_of_this_start_wait(journal: Journal, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    just_started(monkeypatch)
    append(journal, CLOCKLESS, GUESS, get_uptime())
    ArrivalTimeCorrector(journal, HostClock(clock)).correct()
    (record,) = journal.records.read_frames()
    assert record.provisional


def test_frames_wait_for_a_quarter_of_an_hour_at_most(
    journal: Journal, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hostclock, "PATIENCE", 0.0)
    append(journal, CLOCKLESS, GUESS, get_uptime())
    ArrivalTimeCorrector(journal, HostClock(clock)).correct()
    (record,) = journal.records.read_frames()
    assert (record.received_at, record.provisional) == (GUESS, False)
    assert "1 telegram received before the clock of this computer was set" in caplog.text


def test_the_time_of_the_start_is_now_less_the_uptime() -> None:
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert compute_start(now, Uptime("this", 3600)) == datetime(2026, 1, 1, 11, tzinfo=UTC)


# --- what reaches the database


@contextmanager
def delivering(journal: Journal, bucket: Bucket) -> Iterator[None]:
    token = SecretText(bucket.token("write"))
    stop = threading.Event()
    to = Destination(bucket.server.url, bucket=bucket.name, token=token)
    delivery = Delivery(journal, to, {}, stop, "test")
    delivery.start()
    try:
        yield
    finally:
        stop.set()
        delivery.join()


class SecretText:
    def __init__(self, text: str) -> None:
        self._text = text

    def get_secret_value(self) -> str:
        return self._text


def test_a_meter_with_a_clock_is_delivered_at_once_and_one_without_when_the_time_is_known(
    journal: Journal, bucket: Bucket, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    just_started(monkeypatch)
    now = get_uptime()
    append(journal, SWEDISH, GUESS, Uptime(now.boot, now.seconds - 30))
    append(journal, CLOCKLESS, GUESS + timedelta(seconds=10), Uptime(now.boot, now.seconds - 20))
    corrector = ArrivalTimeCorrector(journal, HostClock(clock))
    corrector.correct()
    with delivering(journal, bucket):
        until(lambda: journal.destinations.get_cursor("influxdb") == 1, what="the one with a clock")
        assert bucket.count("voltage") == 1
        assert journal.destinations.count_waiting("influxdb").frames == 1
        clock.known = True
        corrector.correct()
        until(lambda: bucket.count("voltage") == 2, what="the one without")
    times = [row["time"] for row in bucket.query("SELECT value FROM voltage")]
    own = datetime(2025, 1, 14, 14, 4, 10, tzinfo=UTC)
    stamped = datetime.now(UTC) - timedelta(seconds=20)
    assert times[0] == own.timestamp() * 1000
    assert abs(times[1] - stamped.timestamp() * 1000) < 5000


def test_norwegian_lists_without_a_clock_wait_too(journal: Journal, corpus: Path) -> None:
    from hanlogger.deliver.drafts import Drafter

    drafter = Drafter(journal.records.get_previous, {}, "test")
    for name, waits in {"aidon-6534-no-list1": True, "kaifa-ma304h4-no-list1": False}.items():
        journal.records.append(
            [Entry(Frame("hdlc", octets_of(corpus, name), GUESS), HOME, judged=False, uptime=get_uptime())]
        )
        record = journal.records.get_last("home")
        assert record is not None
        assert drafter.must_wait(record) is waits, name
