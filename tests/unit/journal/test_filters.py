"""What a destination does not take never waits for it, and is never kept for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hanlogger.journal import Cleaned, Entry, Journal
from hanlogger.model import Frame, Meter
from tests.support.journals import append, ids, refuse

ONE, TWO = Meter("flat-1"), Meter("flat-2")
TENANT, ALL = "tenant", "influxdb"
KEEP = timedelta(days=90)


def restrict(journal: Journal) -> None:
    journal.destinations.use_filters({TENANT: lambda name: name == "flat-1"})


def daily(journal: Journal, days: int, *meters: Meter) -> None:
    """A frame of each meter on each of so many days, the last one today."""
    now = datetime.now(UTC)
    for day in range(days - 1, -1, -1):
        journal.records.append([Entry(Frame("p1", b"/", now - timedelta(days=day)), meter) for meter in meters])


def test_only_what_it_takes_waits_for_a_destination(journal: Journal) -> None:
    restrict(journal)
    append(journal, 3, TWO)
    assert journal.destinations.count_waiting(TENANT) == (0, None)
    assert not journal.destinations.has_waiting(TENANT)
    append(journal, 2, ONE)
    append(journal, 3, TWO)
    assert journal.destinations.count_waiting(TENANT).frames == 2
    assert journal.destinations.has_waiting(TENANT)
    journal.destinations.confirm(TENANT, 4)
    assert journal.destinations.count_waiting(TENANT).frames == 1
    journal.destinations.confirm(TENANT, 5)
    assert not journal.destinations.has_waiting(TENANT)


def test_of_a_long_backlog_the_share_is_taken(journal: Journal) -> None:
    restrict(journal)
    append(journal, 100, TWO)
    for _ in range(30):
        append(journal, 75, ONE)
        append(journal, 25, TWO)
    waiting = journal.destinations.count_waiting(TENANT)
    assert waiting.frames == 3000 * 75 // 100
    assert waiting.oldest == journal.records.read_after(100, 1)[0].received_at
    append(journal, 1, TWO)
    journal.destinations.confirm(TENANT, journal.newest - 2)
    assert journal.destinations.count_waiting(TENANT) == (0, None)


def test_a_destination_without_a_filter_counts_every_meter_beside_one_with(journal: Journal) -> None:
    restrict(journal)
    append(journal, 3, TWO)
    append(journal, 2, ONE)
    assert journal.destinations.count_waiting(ALL).frames == 5


def test_a_message_counts_as_served_when_each_has_what_it_takes(journal: Journal) -> None:
    restrict(journal)
    append(journal, 2, TWO)
    append(journal, 1, ONE)
    append(journal, 2, TWO)
    assert journal.destinations.get_served([TENANT]).covers(1, 2)
    assert not journal.destinations.get_served([TENANT]).covers(1, 3)
    assert not journal.destinations.get_served([TENANT, ALL]).covers(1, 2)
    journal.destinations.confirm(TENANT, 3)
    assert journal.destinations.get_served([TENANT]).covers(1, 5)


def test_a_dead_destination_keeps_old_telegrams_of_its_own_meters_only(journal: Journal) -> None:
    restrict(journal)
    daily(journal, 95, TWO, ONE)
    journal.destinations.confirm(ALL, journal.newest)
    assert journal.retention.clean(KEEP, 10**9, [ALL, TENANT]) == Cleaned(3, 0)
    left = journal.records.read_after(0, 1000)
    assert sum(record.meter.name == "flat-1" for record in left) == 95
    journal.destinations.confirm(TENANT, 2)
    assert journal.retention.clean(KEEP, 10**9, [ALL, TENANT]) == Cleaned(1, 0)


def test_at_its_largest_size_the_journal_gives_up_what_only_others_wait_for(journal: Journal) -> None:
    restrict(journal)
    for _ in range(20):
        append(journal, 50, ONE, size=2000)
        append(journal, 50, TWO, size=2000)
    journal.destinations.confirm(ALL, journal.newest)
    cleaned = journal.retention.clean(KEEP, 3_000_000, [ALL, TENANT])
    assert cleaned.undelivered == 0
    assert cleaned.delivered > 0
    kept = journal.records.read_after(0, 5000)
    assert sum(record.meter.name == "flat-1" for record in kept) == 1000


def test_what_it_refused_or_is_sent_again_is_kept_for_it_and_no_other_meter(journal: Journal) -> None:
    restrict(journal)
    daily(journal, 95, TWO, ONE)
    for name in (ALL, TENANT):
        journal.destinations.confirm(name, journal.newest)
    refuse(journal, TENANT, 1, 6, None, "no")
    journal.redeliveries.request(TENANT)
    assert journal.retention.clean(KEEP, 10**9, [ALL, TENANT]) == Cleaned(3, 0)
    assert ids(journal.records.read_after(0, 3)) == [2, 4, 6]


def test_filters_alone_keep_nothing_of_a_meter_that_nobody_takes(journal: Journal) -> None:
    restrict(journal)
    daily(journal, 95, TWO)
    assert journal.retention.clean(KEEP, 10**9, [TENANT]) == Cleaned(3, 0)


def test_meters_that_are_left_out_are_not_read(journal: Journal) -> None:
    append(journal, 2, TWO)
    append(journal, 1, ONE)
    append(journal, 2, TWO)
    append(journal, 2, ONE)
    assert ids(journal.records.read_after(0, 2, {"flat-2"})) == [3, 6]
    assert ids(journal.records.read_after(3, 9, ["flat-2", "flat-3"])) == [6, 7]
    assert journal.records.read_after(0, 9, ["flat-1", "flat-2"]) == []
