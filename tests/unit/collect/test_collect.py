"""How a meter's silence is learnt, and what is kept of what a port gave."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from hanlogger.collect import FiniteCollector
from hanlogger.collect.silence import FIRST, SilenceWatch
from hanlogger.journal import Journal
from hanlogger.model import Frame, Meter
from hanlogger.sources import Port
from tests.support.ports import telegram
from tests.support.waiting import PATIENCE, until


def silence(*times: float, limit: float | None = None) -> SilenceWatch:
    heard = SilenceWatch(limit)
    heard.note_opened(0)
    for time in times:
        heard.note_telegram(time)
    return heard


def test_the_first_telegram_may_take_a_minute_and_a_half() -> None:
    assert not silence().must_reopen(89)
    assert silence().must_reopen(91)


@pytest.mark.parametrize(
    ("times", "interval", "limit"),
    [
        ((0, 10, 20, 30), 10, 60),  # Sweden
        ((0, 1, 2, 3), 1, 20),  # DSMR 5
        ((0, 2.5, 5, 5.2, 7.5, 10, 12.5), 2.5, 20),  # Aidon's lists 1 and 2
        ((0, 900, 1800), 900, 5400),
        ((0, 10, 20, 4000, 4010, 4020), 10, 60),  # an outage is no interval
    ],
)
def test_silence_is_measured_in_the_meters_own_intervals(times: Sequence[float], interval: float, limit: float) -> None:
    learnt = silence(*times)
    assert learnt.interval == pytest.approx(interval)
    assert not learnt.must_reopen(times[-1] + limit - 1)
    assert learnt.must_reopen(times[-1] + limit + 1)


def test_a_port_that_stays_silent_is_opened_again_less_and_less_often() -> None:
    silent, opened = silence(), []
    for second in range(20_000):
        if silent.must_reopen(second):
            opened.append(second)
            silent.note_opened(second)
    pauses = [later - earlier for earlier, later in pairwise(opened)]
    assert pauses[:4] == [2 * FIRST, 4 * FIRST, 8 * FIRST, 16 * FIRST]
    assert max(pauses) == 3600


def test_a_telegram_ends_that_patience() -> None:
    learnt = silence(0, 10, 20)
    assert learnt.must_reopen(100)
    learnt.note_telegram(110)
    learnt.note_telegram(120)
    assert learnt.limit == 60


def test_a_limit_that_was_set_holds() -> None:
    assert silence(0, 10, 20, limit=15).must_reopen(36)
    assert not silence(0, 10, 20, limit=15).must_reopen(34)


def finished(tmp_path: Path, data: bytes) -> tuple[list[Frame], FiniteCollector, Journal]:
    file, frames = tmp_path / "capture", list[Frame]()
    file.write_bytes(data)
    journal = Journal.open(tmp_path / "journal.sqlite3")
    port = Port(f"file:{file}", Meter(name="home"))
    collector = FiniteCollector(port, journal, threading.Event(), lambda _, frame: frames.append(frame))
    collector.start()
    collector.join(PATIENCE)
    assert collector.state == "ended"
    return frames, collector, journal


def test_a_long_file_is_recorded_in_order(tmp_path: Path) -> None:
    messages = [telegram(number) for number in range(1200)]
    frames, _, journal = finished(tmp_path, b"".join(messages))
    with journal:
        wanted = [message.rstrip() for message in messages]
        assert [frame.data for frame in frames] == wanted
        assert [record.data for record in journal.records.read_frames()] == wanted


def test_a_file_too_large_to_be_looked_at_as_one_is_read_as_a_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hanlogger.collect.finite.WHOLE", 100_000)
    messages = [telegram(number) for number in range(400)]
    frames, _, journal = finished(tmp_path, b"".join(messages) + b"noise" + telegram(400)[:50])
    with journal:
        assert len(frames) == 400
        until(lambda: journal.counters.get_all() == {"home": {"frames": 400, "noise": 5, "unfinished": 1}})


def test_an_empty_file_is_said_to_have_no_message(tmp_path: Path) -> None:
    frames, _, journal = finished(tmp_path, b"")
    with journal:
        assert not frames
        until(lambda: journal.counters.get_all() == {"home": {"no message": 1}})


def test_a_telegram_that_nothing_proves_is_counted_as_unverified(tmp_path: Path) -> None:
    bare = telegram(0)[: telegram(0).index(b"!") + 1] + b"\r\n"
    frames, _, journal = finished(tmp_path, bare)
    with journal:
        assert len(frames) == 1
        until(lambda: journal.counters.get_all() == {"home": {"frames": 1, "unverified": 1}})


def test_the_last_damaged_octets_are_kept_for_reports(tmp_path: Path) -> None:
    bad = [telegram(number).replace(b"kW)", b"kV)", 1) for number in range(25)]
    _, _, journal = finished(tmp_path, b"".join(bad))
    with journal:
        kept = until(journal.damaged.list_all)
        assert len(kept) == 20
        assert kept[-1].meter == "home"
        assert kept[-1].data == bad[-1].rstrip()
