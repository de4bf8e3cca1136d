"""The relay: every frame as it came, to any number of clients, of which none delays the reading."""

from __future__ import annotations

import logging
import socket
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hanlogger.address import Address
from hanlogger.collect import Recorder
from hanlogger.framing import close_frame, find_all
from hanlogger.journal import Entry, Journal
from hanlogger.model import Frame, Meter
from hanlogger.relay import clients
from hanlogger.relay.server import Relay
from tests.support.ports import telegram
from tests.support.relaying import entry, read, relaying
from tests.support.servers import free_port
from tests.support.waiting import PATIENCE, until

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_each_client_gets_every_telegram_with_the_line_end_that_other_programs_wait_for(tmp_path: Path) -> None:
    with relaying(tmp_path) as one, closing(one.client()) as first, closing(one.client()) as second:
        sent = b"".join(telegram(number) for number in range(3))
        one.record(sent)
        assert read(first, len(sent)) == read(second, len(sent)) == sent


@pytest.mark.parametrize("dialect", ["p1-sagemcom", "aidon-no", "kamstrup", "austria", "luxembourg"])
def test_a_frame_of_any_format_is_closed_as_the_meter_closes_it(dialect: str) -> None:
    octets = telegram(0, dialect)
    (frame,) = (one for one in find_all(octets, NOW) if isinstance(one, Frame))
    assert close_frame(frame) == octets


def test_the_line_end_behind_seven_bits_has_its_parity() -> None:
    octets = bytes(one | (one.bit_count() % 2) << 7 for one in telegram())
    (frame,) = (one for one in find_all(octets, NOW) if isinstance(one, Frame))
    assert close_frame(frame) == octets


def test_a_client_that_comes_later_begins_with_a_whole_telegram(tmp_path: Path) -> None:
    with relaying(tmp_path) as one, closing(one.client()) as early:
        one.record(telegram(0))
        read(early, len(telegram(0)))
        with closing(one.client()) as late:
            one.record(telegram(1))
            assert read(late, len(telegram(1))) == telegram(1)


def test_a_telegram_is_in_the_journal_when_a_client_has_it(tmp_path: Path) -> None:
    with relaying(tmp_path) as one, closing(one.client()) as client:
        for number in range(20):
            (frame,) = one.record(telegram(number))
            read(client, len(telegram(number)))
            with Journal.open(tmp_path / "journal.sqlite3", read_only=True) as journal:
                assert [record.data for record in journal.records.read_frames()][-1] == frame


def test_a_frame_that_the_journal_does_not_take_is_not_relayed(tmp_path: Path) -> None:
    relayed: list[Entry] = []
    journal = Journal.open(tmp_path / "journal.sqlite3")
    journal.close()
    recorder = Recorder(journal, on_recorded=relayed.extend, retry_seconds=0.01)
    recorder.record([entry(one) for one in find_all(telegram(), NOW)])
    until(lambda: recorder.stuck, "the journal did not take it")
    recorder.close(0.1)
    assert not relayed


def test_a_client_that_takes_nothing_is_dropped_and_delays_neither_the_reading_nor_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "MOST_UNSENT", 20_000)
    batch = [telegram(number) for number in range(20)]
    with relaying(tmp_path) as one, closing(one.client()) as good, closing(one.client(takes=4096)):
        for at in range(100):
            one.record(*batch)
            assert read(good, sum(map(len, batch))) == b"".join(batch), at
        assert one.relay.report()[0].dropped == 1
        assert one.clients == 1
        until(lambda: one.journal.records.count_frames() == 2000, "the journal has all")


def test_a_client_beyond_the_most_is_refused_and_the_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "MOST", 2)
    with relaying(tmp_path) as one, closing(one.client()) as first, closing(one.client()) as second:
        with socket.create_connection(one.address, PATIENCE) as third:
            third.settimeout(PATIENCE)
            with suppress(ConnectionError):
                assert third.recv(1) == b""
        assert one.relay.report()[0].refused == 1
        one.record(telegram())
        assert read(first, len(telegram())) == read(second, len(telegram())) == telegram()


def test_a_client_that_has_gone_makes_room(tmp_path: Path) -> None:
    with relaying(tmp_path) as one:
        one.client().close()
        until(lambda: one.clients == 0, "the relay knows that it has gone")


def test_what_a_client_sends_changes_nothing(tmp_path: Path) -> None:
    with relaying(tmp_path) as one, closing(one.client()) as client:
        client.sendall(b"GET / HTTP/1.1\r\n\r\n" + bytes(range(256)) * 100)
        one.record(telegram())
        assert read(client, len(telegram())) == telegram()


def test_a_taken_address_is_said_once_and_used_as_soon_as_it_is_free(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    with ExitStack() as stack:
        taken = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        address = Address("127.0.0.1", taken.getsockname()[1])
        relay = Relay({"home": address, "flat": Address("127.0.0.1", free_port())}, retry_seconds=0.01)
        stack.enter_context(closing(relay))
        relay.start()
        until(lambda: "cannot listen" in relay.report()[0].words, "it is said")
        until(lambda: not relay.report()[1].words, "the other meter is relayed all the same")
        relay.send([Entry(Frame("p1", telegram(), NOW), Meter("home"))])
        taken.close()
        until(lambda: not relay.report()[0].words, "it listens")
    assert sum(one.levelno == logging.WARNING for one in caplog.records) == 1
    assert f"cannot listen at {address}" in caplog.text


def test_each_meter_has_an_address_of_its_own(tmp_path: Path) -> None:
    with relaying(tmp_path) as one, closing(one.client()) as client:
        one.record(telegram(0), meter="flat")
        one.record(telegram(1))
        assert read(client, len(telegram(1))) == telegram(1)


def test_what_was_read_from_a_file_is_not_relayed(tmp_path: Path) -> None:
    with relaying(tmp_path) as one, closing(one.client()) as client:
        one.relay.send([Entry(Frame("p1", telegram(0).rstrip(), NOW), Meter("home"), live=False)])
        one.record(telegram(1))
        assert read(client, len(telegram(1))) == telegram(1)


def test_a_relay_that_has_ended_takes_frames_and_does_nothing() -> None:
    relay = Relay({"home": Address("127.0.0.1", free_port())})
    relay.start()
    relay.close()
    assert not relay.is_alive()
    relay.send([Entry(Frame("p1", telegram(), NOW), Meter("home"))])
    relay.close()


@pytest.mark.parametrize("text", ["127.0.0.1:2001", "[::1]:2001", "localhost:1", "0.0.0.0:65535"])
def test_an_address_is_written_as_it_is_read(text: str) -> None:
    assert str(Address.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "2001", ":2001", "host", "host:", "host:0", "host:65536", "host:x", "http://h:1", "h:1/x", "a@h:1"]
)
def test_another_text_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Address.parse(text)
