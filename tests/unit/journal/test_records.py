"""What is recorded is read as it was, in order, found by meter and time; forgotten, or given other settings."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from hanlogger.journal import Entry, Journal, make_frame
from hanlogger.journal.records import PAGE
from hanlogger.model import Frame, Meter, Scale
from tests.support.journals import HOME, SECOND, START, append, entries, frame, ids, refuse, set_undecoded


def test_a_frame_comes_back_as_it_was_appended(path: Path) -> None:
    meter = Meter("cabin", clock="+02:00", clock_limit=None, scale=Scale(energy=Decimal(10)), tags={"flat": "ö 7"})
    sent = Frame("hdlc", bytes(range(256)), datetime(2026, 3, 29, 1, 2, 3, 456_789, UTC), verified=False)
    with Journal.open(path) as journal:
        journal.records.append([Entry(sent, meter, live=False, judged=False)])
        (record,) = journal.records.read_after(0, 10)
    assert make_frame(record) == sent._replace(received_at=datetime(2026, 3, 29, 1, 2, 3, 456_000, UTC))
    assert (record.id, record.kind, record.meter) == (1, "frame", meter)
    assert (record.live, record.judged, record.verified) == (False, False, False)


def test_each_frame_keeps_the_settings_that_were_in_force(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.records.append([Entry(frame(1), Meter("home")), Entry(frame(2), Meter("home", clock="utc"))])
    with Journal.open(path) as journal:
        journal.records.append([Entry(frame(3), Meter("home"))])
        assert [record.meter.clock for record in journal.records.read_after(0, 10)] == ["auto", "utc", "auto"]


def test_records_are_read_on_from_a_cursor_in_order(path: Path) -> None:
    with Journal.open(path) as journal:
        append(journal, 5)
        assert ids(journal.records.read_after(0, 2)) == [1, 2]
        assert ids(journal.records.read_after(2, 10)) == [3, 4, 5]
        assert journal.records.read_after(5, 10) == []


def test_a_minute_of_health_is_a_record_of_its_own_kind_without_settings(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Journal.open(path) as journal:
        journal.records.append_health({"home": {"telegrams": 6, "age": 0.5}}, START)
        journal.records.append_health({"": {"waiting": 0}}, START)
        about_meter, about_logger = journal.records.read_after(0, 10)
    assert (about_meter.kind, about_meter.meter.name, about_logger.meter.name) == ("health", "home", "")
    assert about_meter.data == b'{"age": 0.5, "telegrams": 6}'
    assert "settings" not in caplog.text


def test_the_last_frame_of_a_meter_is_the_one_received_last(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.records.append(entries(1, 9, 5))
        journal.records.append_health({"home": {"age": 1}}, START + 60 * SECOND)
        last = journal.records.get_last("home")
        assert last is not None
        assert last.id == 2
        assert journal.records.get_last("cabin") is None


def test_frames_are_found_by_meter_and_time_over_many_pages(path: Path) -> None:
    with Journal.open(path) as journal:
        append(journal, 1200)
        append(journal, 3, Meter("cabin"))
        journal.records.append_health({"home": {"age": 1}}, START)
        assert len(list(journal.records.read_frames())) == 1203
        some = journal.records.read_frames("home", START + 100 * SECOND, START + 1100 * SECOND)
        assert ids(some) == list(range(101, 1101))
        assert journal.records.list_meters() == ["cabin", "home"]


def test_the_frame_before_is_the_one_of_the_same_meter(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.records.append([*entries(1), *entries(1, meter=Meter("cabin")), *entries(2)])
        first, _, last = journal.records.read_after(0, 9)
        assert journal.records.get_previous(last) == first
        assert journal.records.get_previous(first) is None


DB = "influxdb"


def test_forgetting_a_meter_deletes_all_that_is_kept_of_it(journal: Journal) -> None:
    append(journal, 3)
    append(journal, 2, Meter("cabin"))
    journal.records.append_health({"home": {"age": 1}}, START)
    journal.destinations.confirm(DB, 6)
    set_undecoded(journal, 1, "too short")
    refuse(journal, DB, 2, 2, b"line", "no")
    refuse(journal, DB, 4, 4, b"line", "no")
    assert journal.records.forget("home") == 4
    assert ids(journal.records.read_after(0, 9)) == [4, 5]
    assert journal.undecoded.list_newest() == []
    assert [entry.refusal.first_id for entry in journal.refused.list_newest()] == [4]


def test_forgetting_a_part_leaves_the_rest(journal: Journal) -> None:
    append(journal, 5)
    assert journal.records.forget("home", START + SECOND, START + 3 * SECOND) == 2
    assert ids(journal.records.read_after(0, 9)) == [1, 4, 5]


def test_frames_can_be_given_other_settings(journal: Journal) -> None:
    append(journal, 3)
    append(journal, 1, Meter("cabin"))
    assert journal.records.reconfigure(Meter("home", clock="utc"), START + SECOND) == 2
    assert [record.meter.clock for record in journal.records.read_after(0, 9)] == ["auto", "utc", "utc", "auto"]


def test_other_settings_are_given_in_steps_so_that_no_append_waits_for_all_of_them(journal: Journal) -> None:
    append(journal, 2 * PAGE + 1)
    statements: list[str] = []
    connection = journal._database._connections._writing
    connection.set_trace_callback(statements.append)
    assert journal.records.reconfigure(Meter("home", clock="utc"), None, START + 2 * PAGE * SECOND) == 2 * PAGE
    connection.set_trace_callback(None)
    assert statements.count("COMMIT") == 2
    clocks = [frame.meter.clock for frame in journal.records.read_frames("home")]
    assert clocks == ["utc"] * 2 * PAGE + ["auto"]


def test_frames_are_counted_with_the_append_that_keeps_them(path: Path) -> None:
    with Journal.open(path) as journal:
        append(journal, 3)
        journal.records.append([Entry(Frame("p1", b"/bare", START, verified=False), Meter("cabin"))])
        with Journal.open(path, read_only=True) as other:
            assert other.counters.get_all() == {"home": {"frames": 3}, "cabin": {"frames": 1, "unverified": 1}}


def test_an_id_is_never_given_twice(path: Path) -> None:
    with Journal.open(path) as journal:
        append(journal, 3)
        journal.destinations.confirm(DB, 3)
        journal.records.forget("home")
    with Journal.open(path) as journal:
        journal.records.append(entries(9, meter=HOME))
        assert ids(journal.records.read_after(journal.destinations.get_cursor(DB), 9)) == [4]
