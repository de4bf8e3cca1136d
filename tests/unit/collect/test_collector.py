"""A port that is read for ever: what its state is while it is silent, and what a pause in a telegram does."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hanlogger.collect import Collector, Recorder
from hanlogger.journal import Journal
from hanlogger.model import Meter
from hanlogger.sources import Port
from tests.support.ports import bridge, telegram
from tests.support.waiting import PATIENCE, until


@contextmanager
def collecting(folder: Path, url: str, silence: float | None = None) -> Iterator[tuple[Collector, Journal]]:
    stop = threading.Event()
    with Journal.open(folder / "journal.sqlite3") as journal:
        recorder = Recorder(journal)
        collector = Collector(Port(url, Meter("home"), silence=silence), recorder, journal, stop, lambda *_: None)
        collector.start()
        try:
            yield collector, journal
        finally:
            stop.set()
            collector.join(PATIENCE)
            recorder.close(PATIENCE)


def test_a_port_that_is_silent_for_ever_is_silent_at_every_look(tmp_path: Path) -> None:
    seen, done = list[str](), threading.Event()

    def look(collector: Collector) -> None:
        while not done.wait(0.001):
            seen.append(collector.state)

    with bridge(lambda _: None) as quiet, collecting(tmp_path, quiet.url, silence=0.2) as (collector, _):
        until(lambda: collector.state == "silent")
        looking = threading.Thread(target=look, args=(collector,))
        looking.start()
        opened = len(quiet.connections)
        until(lambda: len(quiet.connections) >= opened + 2, "it is opened again, twice")
        done.set()
        looking.join()
    assert set(seen) == {"silent"}


def test_a_silent_port_is_open_again_with_its_first_telegram(tmp_path: Path) -> None:
    with bridge(lambda _: None) as quiet, collecting(tmp_path, quiet.url, silence=0.2) as (collector, _):
        until(lambda: collector.state == "silent")
        opened = len(quiet.connections)
        until(lambda: len(quiet.connections) > opened, "it is opened again")
        quiet.connections[-1].sendall(telegram(0))
        until(lambda: collector.state == "open" and not collector.words)


def test_a_device_that_cannot_be_looked_for_is_waited_for(tmp_path: Path) -> None:
    with collecting(tmp_path, f"/dev/{'x' * 300}") as (collector, _):
        until(lambda: collector.words)
        told = collector.heartbeat.at
        until(lambda: collector.heartbeat.at > told, "it waits, and looks again and again")


def test_a_pause_in_a_telegram_that_is_shorter_than_five_seconds_costs_nothing(tmp_path: Path) -> None:
    with bridge(lambda _: None) as line, collecting(tmp_path, line.url) as (_, journal):
        until(lambda: line.connections)
        for number in range(10):
            octets, begun = telegram(number), time.monotonic()
            line.connections[0].sendall(octets[:300])
            until(lambda: time.monotonic() - begun > 1.5)  # noqa: B023 done before the next
            line.connections[0].sendall(octets[300:])
            if time.monotonic() - begun < 3:  # else this machine was too slow: once more
                break
        until(lambda: any(frame.data == octets.rstrip() for frame in journal.records.read_frames()), "the telegram")
        if number == 0:
            until(lambda: journal.counters.get_all() == {"home": {"frames": 1}})


def test_a_telegram_that_is_not_finished_within_five_seconds_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hanlogger.collect.collector.QUIET", 0.5)
    with bridge(lambda _: None) as line, collecting(tmp_path, line.url) as (_, journal):
        until(lambda: line.connections)
        line.connections[0].sendall(telegram(0)[:300])
        until(lambda: journal.counters.get_all() == {"home": {"unfinished": 1}})
        line.connections[0].sendall(telegram(1))
        until(lambda: journal.counters.get_all() == {"home": {"unfinished": 1, "frames": 1}})
