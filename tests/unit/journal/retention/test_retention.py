"""What is deleted, and what never is."""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from hanlogger.journal import Cleaned, Entry, Journal
from hanlogger.model import Frame, Meter
from tests.support.journals import HOME, append, get_counts, ids, refuse, set_undecoded

DB = "influxdb"
KEEP = timedelta(days=90)
LARGE = 10**9
SIZE = 2000  # octets of a frame: two on a page


def received(journal: Journal, *days_ago: float, judged: bool = True, now: datetime | None = None) -> None:
    now = now or datetime.now(UTC)
    journal.records.append(
        [Entry(Frame("p1", b"/", now - timedelta(days=days)), HOME, judged=judged) for days in days_ago]
    )


def daily(journal: Journal, days: int, now: datetime | None = None) -> None:
    """A frame on each of so many days, the last one today: id 1 is the oldest."""
    received(journal, *range(days - 1, -1, -1), now=now)


def kept(journal: Journal) -> list[int]:
    return ids(journal.records.read_after(0, 10_000))


KEPT_DAYS = 92  # the 90 of KEEP, today, and one to spare


def test_what_is_delivered_goes_when_it_is_older_than_keep(journal: Journal) -> None:
    daily(journal, KEPT_DAYS + 2)
    journal.destinations.confirm(DB, KEPT_DAYS + 2)
    assert journal.retention.clean(KEEP, LARGE, [DB]) == Cleaned(2, 0)
    assert kept(journal) == list(range(3, KEPT_DAYS + 3))
    assert journal.retention.clean(KEEP, LARGE, [DB]) == Cleaned(0, 0)


def test_what_is_not_delivered_stays_however_old(journal: Journal) -> None:
    daily(journal, KEPT_DAYS + 3)
    journal.destinations.confirm(DB, 1)
    assert journal.retention.clean(KEEP, LARGE, [DB]) == Cleaned(1, 0)
    assert kept(journal)[0] == 2


def test_delivered_means_to_every_destination(journal: Journal) -> None:
    daily(journal, KEPT_DAYS + 3)
    journal.destinations.confirm("one", KEPT_DAYS + 3)
    assert journal.retention.clean(KEEP, LARGE, ["one", "two"]) == Cleaned(0, 0)
    journal.destinations.confirm("two", 2)
    assert journal.retention.clean(KEEP, LARGE, ["one", "two"]) == Cleaned(2, 0)


def test_a_destination_that_is_no_longer_configured_keeps_nothing(journal: Journal) -> None:
    daily(journal, KEPT_DAYS + 1)
    journal.destinations.confirm("gone", 0)
    journal.destinations.confirm(DB, 1)
    assert journal.retention.clean(KEEP, LARGE, [DB]) == Cleaned(1, 0)


def test_without_a_destination_keep_alone_decides(journal: Journal) -> None:
    daily(journal, KEPT_DAYS + 1)
    assert journal.retention.clean(KEEP, LARGE, []) == Cleaned(1, 0)
    assert kept(journal)[0] == 2


def test_what_is_undecoded_refused_or_to_be_sent_again_is_not_delivered(journal: Journal) -> None:
    daily(journal, KEPT_DAYS + 10)
    journal.destinations.confirm(DB, 10)
    set_undecoded(journal, 2, "too short")
    refuse(journal, DB, 4, 4, b"line", "no")
    refuse(journal, DB, 6, 7, None, "no")
    refuse(journal, "gone", 1, 3, None, "no")
    journal.destinations.set_aside(DB, 9, 9)
    assert journal.retention.clean(KEEP, LARGE, [DB]) == Cleaned(5, 0)
    assert kept(journal)[:6] == [2, 4, 6, 7, 9, 11]


def test_what_goes_for_its_age_is_counted_and_told(journal: Journal, caplog: pytest.LogCaptureFixture) -> None:
    daily(journal, KEPT_DAYS + 3)
    with caplog.at_level(logging.INFO):
        journal.retention.clean(KEEP, LARGE, [])
    assert journal.counters.get_all()["home"]["deleted_age"] == 3
    assert "telegrams that are older than `keep` are deleted, 3 now" in caplog.text


@pytest.mark.parametrize("ahead", [timedelta(days=3650), timedelta(days=80), timedelta(days=1), timedelta(days=-3650)])
@pytest.mark.parametrize("destinations", [[], [DB]])
def test_a_step_of_the_clock_deletes_nothing(journal: Journal, ahead: timedelta, destinations: list[str]) -> None:
    """Seen from here: all that was recorded before lies so far back, and one day has been recorded since."""
    now = datetime.now(UTC)
    daily(journal, KEPT_DAYS - 1, now - ahead)
    received(journal, 0, now=now)
    journal.records.append_health({"": {"age": 1}}, now)
    journal.destinations.confirm(DB, journal.newest)
    assert journal.retention.clean(KEEP, LARGE, destinations) == Cleaned(0, 0)


def test_after_a_step_of_the_clock_as_many_days_go_as_are_recorded(journal: Journal) -> None:
    now = datetime.now(UTC)
    daily(journal, KEPT_DAYS, now - timedelta(days=3650))
    daily(journal, 5, now)
    assert journal.retention.clean(KEEP, LARGE, []) == Cleaned(5, 0)
    assert kept(journal)[0] == 6


def test_days_count_once_whichever_meter_they_are_recorded_of(journal: Journal) -> None:
    now = datetime.now(UTC)
    for name in ("home", "cabin"):
        journal.records.append(
            [Entry(Frame("p1", b"/", now - timedelta(days=days)), Meter(name)) for days in range(50)]
        )
    for days in range(50, KEPT_DAYS):
        journal.records.append_health({"": {"age": 1}}, now - timedelta(days=days))
    received(journal, KEPT_DAYS)
    assert journal.retention.clean(KEEP, LARGE, []) == Cleaned(1, 0)
    assert len(kept(journal)) == 100 + KEPT_DAYS - 50


def test_a_time_in_a_damaged_record_makes_nothing_old(journal: Journal) -> None:
    daily(journal, KEPT_DAYS - 1)
    received(journal, 0, 1)
    with closing(sqlite3.connect(journal.path)) as connection:
        moved = "UPDATE record SET received_at = received_at + id * 8589934592 WHERE id > ?"
        connection.execute(moved, (KEPT_DAYS - 1,))
        connection.commit()
    assert journal.retention.clean(KEEP, LARGE, []) == Cleaned(0, 0)


def test_a_damaged_record_does_not_go_for_the_age_that_it_shows(journal: Journal) -> None:
    daily(journal, KEPT_DAYS + 1)
    with closing(sqlite3.connect(journal.path)) as connection:
        connection.execute("UPDATE record SET received_at = received_at - 8589934592 WHERE id = 50")
        connection.commit()
    assert journal.retention.clean(KEEP, LARGE, []) == Cleaned(0, 0)  # one day less is recorded
    daily(journal, 1, datetime.now(UTC) + timedelta(days=1))
    assert journal.retention.clean(KEEP, LARGE, []) == Cleaned(1, 0)
    assert 50 in kept(journal)


def test_nothing_is_old_by_a_clock_that_is_not_set(journal: Journal) -> None:
    daily(journal, KEPT_DAYS + 3)
    assert journal.retention.clean(KEEP, LARGE, [], clock_is_set=False) == Cleaned(0, 0)


def test_an_age_by_a_clock_that_was_not_set_is_none(journal: Journal) -> None:
    received(journal, 20_000, judged=False)
    daily(journal, KEPT_DAYS)
    journal.destinations.confirm(DB, journal.newest)
    assert journal.retention.clean(KEEP, LARGE, [DB]) == Cleaned(0, 0)


def test_at_max_size_the_oldest_delivered_go_first(journal: Journal, caplog: pytest.LogCaptureFixture) -> None:
    append(journal, 1000, size=SIZE)
    journal.destinations.confirm(DB, 900)
    set_undecoded(journal, 1, "too short")
    cleaned = journal.retention.clean(timedelta(days=99_999), 1_000_000, [DB])
    assert cleaned.undelivered == 0
    assert 450 < cleaned.delivered < 600
    assert kept(journal) == [1, *range(cleaned.delivered + 2, 1001)]
    assert get_counts(journal) == {"home": {"deleted_size": cleaned.delivered}}
    assert not caplog.records


def test_what_was_never_delivered_goes_only_at_max_size_and_is_counted_and_said_once(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    append(journal, 1000, size=SIZE)
    journal.destinations.confirm(DB, 100)
    cleaned = journal.retention.clean(timedelta(days=99_999), 1_000_000, [DB])
    assert cleaned.delivered == 100
    assert 350 < cleaned.undelivered < 500
    assert kept(journal) == list(range(101 + cleaned.undelivered, 1001))
    assert journal.counters.get_all()["home"]["dropped"] == cleaned.undelivered
    append(journal, 50, size=SIZE)
    assert journal.retention.clean(KEEP, 1_000_000, [DB]).undelivered > 0
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "never delivered" in caplog.text


def test_without_a_destination_what_goes_for_its_size_is_counted(journal: Journal) -> None:
    append(journal, 1000, size=SIZE)
    cleaned = journal.retention.clean(timedelta(days=99_999), 1_000_000, [])
    assert cleaned.delivered == 0
    assert journal.counters.get_all()["home"]["dropped"] == cleaned.undelivered > 0


@pytest.mark.parametrize("destinations", [[], [DB]])
def test_at_max_size_the_meter_that_holds_most_gives_way(journal: Journal, destinations: list[str]) -> None:
    quiet, flood = Meter("quiet"), Meter("flood")
    append(journal, 100, quiet, SIZE)
    append(journal, 100, size=SIZE)
    append(journal, 2000, flood, SIZE)
    cleaned = journal.retention.clean(KEEP, 2_000_000, destinations)
    left = Counter(record.meter.name for record in journal.records.read_frames())
    assert (left["quiet"], left["home"]) == (100, 100)
    assert get_counts(journal) == {"flood": {"dropped": cleaned.undelivered}}
    assert cleaned.undelivered == 2000 - left["flood"] > 0
    assert [record.id for record in journal.records.read_frames("flood")] == list(
        range(journal.newest - left["flood"] + 1, 2201)
    )
    journal.retention.clean(KEEP, 250_000, destinations)
    left = Counter(record.meter.name for record in journal.records.read_frames())
    assert max(left.values()) - min(left.values()) <= 10
    assert sum(left.values()) > 60


def test_a_size_that_even_an_empty_journal_is_over_deletes_what_there_is(journal: Journal) -> None:
    assert journal.retention.clean(KEEP, 1, []) == Cleaned(0, 0)
    append(journal, 10)
    assert journal.retention.clean(KEEP, 1, []) == Cleaned(0, 10)


def test_what_is_deleted_is_counted_in_the_same_transaction(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    append(journal, 1000, size=SIZE)
    monkeypatch.setattr(journal._database._deferred, "take", lambda: lambda _: None)  # nothing that waits is written
    cleaned = journal.retention.clean(KEEP, 1_000_000, [DB])
    with closing(sqlite3.connect(journal.path)) as connection:
        assert connection.execute("SELECT value FROM counter WHERE name = 'dropped'").fetchall() == [
            (cleaned.undelivered,)
        ]


def test_what_makes_room_on_a_full_disk_is_counted(journal: Journal) -> None:
    append(journal, 100, size=SIZE)
    append(journal, 100, Meter("cabin"), SIZE)
    journal.destinations.confirm(DB, 150)
    assert journal.space.free(150 * SIZE, [DB]) == "inside"
    left = Counter(record.meter.name for record in journal.records.read_frames())
    assert 0 < left["cabin"] < 100
    assert get_counts(journal) == {"home": {"deleted_full": 100}, "cabin": {"deleted_full": 100 - left["cabin"]}}


def test_the_file_gets_smaller_when_max_size_does(journal: Journal) -> None:
    append(journal, 3000, size=SIZE)
    journal.destinations.confirm(DB, 3000)
    before = journal.path.stat().st_size
    journal.retention.clean(timedelta(days=99_999), 1_000_000, [DB])
    path = journal.path
    journal.close()  # what stands in the write-ahead log goes into the file
    assert path.stat().st_size <= 1_000_000 < before


def test_frames_are_counted_whatever_became_of_them(journal: Journal) -> None:
    assert journal.records.count_frames() == 0
    received(journal, 3, 2, 1)
    journal.destinations.confirm(DB, 3)
    set_undecoded(journal, 2, "too short")
    refuse(journal, DB, 3, 3, b"line", "no")
    assert journal.records.count_frames() == 3
    assert journal.size > 0


def test_with_nothing_delivered_a_full_disk_deletes_nothing(journal: Journal) -> None:
    append(journal, 100)
    assert journal.space.free(1000, []) == "none"
    assert journal.space.free(1000, [DB]) == "none"
    assert len(journal.records.read_after(0, 200)) == 100
