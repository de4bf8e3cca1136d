"""Line settings are found by trying. The meter at the other end sends right only when the line is set right."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from hanlogger.collect import Collector, Recorder
from hanlogger.detect import CANDIDATES, Search, find
from hanlogger.detect.search import PATIENCE
from hanlogger.errors import SourceError
from hanlogger.journal import Journal
from hanlogger.model import Meter
from hanlogger.sources import LineSettings, Port, find_stable_name, list_adapters, resolve_auto
from tests.support import waiting
from tests.support.remote_line import remote_meter
from tests.support.telegrams import SWEDISH, octets_of
from tests.support.waiting import until
from tests.support.wires import meter, wire

P1, AIDON, KAMSTRUP, OLD = CANDIDATES
SHORT = 1.5  # seconds for each setting: the meters of these tests send twenty times a second


def port(url: str) -> Port:
    return Port(url, Meter("home"))


# --- what is tried, and in which order


def test_what_worked_before_is_tried_first_and_only_once() -> None:
    search = Search(KAMSTRUP)
    tried = []
    for _ in range(4):
        tried.append(search.line)
        search.advance()
    assert tried == [KAMSTRUP, P1, AIDON, OLD]


def test_a_setting_that_gives_telegrams_is_kept_for_ever() -> None:
    search = Search(listen=10)
    search.note_opened(100)
    assert search.note_telegram()
    assert not search.note_telegram()
    assert not search.has_timed_out(10_000)


def test_a_setting_without_telegrams_is_left_after_its_time() -> None:
    search = Search(listen=10)
    search.note_opened(100)
    assert not search.has_timed_out(109)
    assert search.has_timed_out(110)


def test_a_meter_that_seldom_sends_is_waited_for_longer_in_the_next_round() -> None:
    search = Search(listen=10)
    for times in (1, 2, PATIENCE, PATIENCE):
        for _ in CANDIDATES:
            search.note_opened(0)
            assert not search.has_timed_out(10 * times - 1)
            assert search.has_timed_out(10 * times)
            search.advance()


# --- finding


def test_a_swedish_meter_is_found_at_once() -> None:
    with meter(SWEDISH, P1) as (end, _):
        found = find(port(end.device), SHORT)
    assert found.best
    assert found.best.line == P1
    assert len(found.hearings) == 1


def test_a_norwegian_meter_is_found_behind_the_octets_of_the_wrong_speed(corpus: Path) -> None:
    with meter(octets_of(corpus, "aidon-6534-no-list2-3phase-tn"), AIDON) as (end, sender):
        found = find(port(end.device), SHORT)
    assert found.best
    assert found.best.line == AIDON
    assert sender.seen == [115200, 2400]
    assert found.hearings[0].octets  # there were octets, and no frame in them
    assert not found.hearings[0].frames


def test_seven_bits_are_found_and_named(corpus: Path) -> None:
    telegram = (corpus / "iskra-mt382-nl-dsmr22.p1").read_bytes()
    with meter(telegram, LineSettings(9600, 7, "E")) as (end, _):
        found = find(port(end.device), SHORT)
    assert found.best
    assert found.best.line == OLD
    assert found.best.seven_bits


@pytest.mark.filterwarnings("ignore:set(Daemon|Name)")
def test_a_kamstrup_is_told_from_an_aidon_by_its_parity(corpus: Path) -> None:
    with remote_meter(octets_of(corpus, "kamstrup-no-list1-3phase-2018"), KAMSTRUP) as (url, seen):
        found = find(port(url), 2.0)  # on a busy machine a setting takes long to reach the meter
    assert found.best
    assert found.best.line == KAMSTRUP
    assert seen == [P1, AIDON, KAMSTRUP]
    assert found.hearings[1].octets
    assert not found.hearings[1].frames


def test_a_silent_port_is_tried_with_everything_and_nothing_is_found() -> None:
    tried: list[LineSettings | None] = []
    with wire() as end:
        found = find(port(end.device), 0.05, trying=tried.append)
    assert tried == list(CANDIDATES)
    assert found.best is None
    assert found.octets == 0


def test_a_port_that_is_not_there_is_an_error() -> None:
    with pytest.raises(SourceError, match="is not there"):
        find(port("/dev/does-not-exist"), SHORT)


# --- while it is read


@contextmanager
def collecting(url: str, journal: Path, **settings: object) -> Iterator[Collector]:
    stop = threading.Event()
    with Journal.open(journal) as kept:
        recorder = Recorder(kept)
        collector = Collector(
            replace(port(url), **settings),  # type: ignore[arg-type]
            recorder,
            kept,
            stop,
            lambda *_: None,
            listen=SHORT,
        )
        collector.start()
        try:
            yield collector
        finally:
            stop.set()
            collector.join()
            recorder.close(waiting.PATIENCE)


def frames(journal: Path) -> int:
    with Journal.open(journal, read_only=True) as kept:
        return sum(1 for _ in kept.records.read_frames())


def test_run_finds_the_settings_and_begins_with_them_the_next_time(tmp_path: Path, corpus: Path) -> None:
    journal = tmp_path / "journal.sqlite3"
    with meter(octets_of(corpus, "kaifa-ma304h4-no-list1"), AIDON) as (end, sender):
        with collecting(end.device, journal) as collector:
            until(lambda: collector.state == "open" and not collector.line_finder.searching, what="telegrams come")
            assert collector.line_finder.line == AIDON
            assert sender.seen == [115200, 2400]
        with Journal.open(journal, read_only=True) as kept:
            assert kept.learnt.get(end.device) == {"serial": "2400 8E1"}
        sender.seen.clear()
        with collecting(end.device, journal) as collector:
            until(lambda: not collector.line_finder.searching, what="telegrams come again")
            assert sender.seen == [2400]
    assert frames(journal) >= 2


def test_run_searches_again_when_the_meter_has_fallen_silent(tmp_path: Path, corpus: Path) -> None:
    """A grid company switches its meters from 2400 to 115200."""
    journal = tmp_path / "journal.sqlite3"
    message = octets_of(corpus, "kaifa-ma304h4-no-list1")
    with meter(message, AIDON) as (end, sender), collecting(end.device, journal, silence=0.5) as collector:
        until(lambda: collector.silence.interval, what="telegrams come")
        sender.sent = P1
        until(
            lambda: collector.line_finder.line == P1 and not collector.line_finder.searching,
            "the new speed is found",
        )


def test_a_dead_port_is_said_to_be_dead_once_all_settings_have_been_tried(tmp_path: Path) -> None:
    with wire() as end, collecting(end.device, tmp_path / "journal.sqlite3") as collector:
        words = "whatever the line settings (115200 8N1, 2400 8E1, 2400 8N1, 9600 8N1)"
        until(lambda: words in collector.words, what="all have been tried")
        assert collector.state == "silent"


def test_octets_without_a_telegram_are_kept_for_whoever_looks_for_the_reason(tmp_path: Path) -> None:
    with wire() as end, collecting(end.device, tmp_path / "journal.sqlite3") as collector:
        until(lambda: collector.state == "open", what="it is open")
        end.send(b"\x00\xf8\xff")
        until(lambda: b"\x00\xf8\xff" in collector.recent.octets.values(), what="the octets are kept")


def test_settings_that_are_given_are_not_searched_for(tmp_path: Path) -> None:
    with meter(SWEDISH, P1) as (end, sender), collecting(end.device, tmp_path / "j.sqlite3", line=AIDON) as collector:
        until(lambda: len(sender.seen) == 1 and collector.recent.octets, what="octets of the wrong speed")
        assert not collector.line_finder.searching
        assert sender.seen == [2400]


# --- which adapter


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("hanlogger.sources.adapter.DEV", tmp_path)
    monkeypatch.setattr("hanlogger.sources.adapter.HOST", tmp_path / "host")
    return tmp_path


def plug(dev: Path, name: str, device: str) -> str:
    by_id = dev / "serial" / "by-id"
    by_id.mkdir(parents=True, exist_ok=True)
    (by_id / name).symlink_to(device)
    return str(by_id / name)


def test_the_one_plugged_in_adapter_is_taken_by_the_name_that_stays(dev: Path) -> None:
    with wire() as end:
        name = plug(dev, "usb-FTDI_FT232R_A9K3-if00-port0", end.device)
        assert resolve_auto(port("auto")).url == name
        assert find_stable_name(end.device) == name


def test_no_adapter_is_said_so(dev: Path) -> None:
    with pytest.raises(SourceError, match="no serial adapter is plugged in"):
        resolve_auto(port("auto"))


def test_several_adapters_are_named(dev: Path) -> None:
    with wire() as one, wire() as two:
        names = [plug(dev, "usb-FTDI-if00", one.device), plug(dev, "usb-Prolific-if00", two.device)]
        with pytest.raises(SourceError, match=f"{names[0]}, {names[1]}"):
            resolve_auto(port("auto"))


def test_without_stable_names_the_device_itself_is_taken(dev: Path) -> None:
    (dev / "ttyUSB0").touch()
    assert list_adapters() == [dev / "ttyUSB0"]


def test_in_a_container_the_adapters_of_the_host_are_seen(dev: Path) -> None:
    name = plug(dev / "host" / "dev", "usb-FTDI-if00", "/dev/null")
    assert [str(one) for one in list_adapters()] == [name]


def test_port_auto_waits_for_an_adapter_and_reads_it(dev: Path, tmp_path: Path) -> None:
    journal = tmp_path / "journal.sqlite3"
    with meter(SWEDISH, P1) as (end, _), collecting("auto", journal) as collector:
        until(lambda: "no serial adapter" in collector.words, what="it says that there is none")
        plug(dev, "usb-FTDI-if00", end.device)
        until(lambda: collector.silence.interval, what="telegrams come")
