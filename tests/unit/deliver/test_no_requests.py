"""Without a database telegrams are decoded and listed all the same, and one that is set later gets everything."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

from hanlogger.deliver.no_requests import NO_DATABASE
from hanlogger.journal import Entry, Journal
from hanlogger.journal.rows import CORRUPT
from hanlogger.model import Frame
from tests.support.delivering import HOME, delivering, record, to, until_served
from tests.support.journals import START, get_counts
from tests.support.octets import telegram
from tests.support.scripted_server import ScriptedServer
from tests.support.telegrams import ROWS
from tests.support.vectors import KEY, octets
from tests.support.waiting import until


def odd(number: int) -> Entry:
    """A telegram of which one row cannot be read."""
    return Entry(Frame("p1", telegram(*ROWS, "garbage row without groups"), START + timedelta(seconds=number)), HOME)


def examine(journal: Journal) -> None:
    with delivering(journal, None):
        until_served(journal, NO_DATABASE)


def test_what_cannot_be_read_is_listed_and_counted_once(journal: Journal) -> None:
    record(journal, 0)
    journal.records.append([odd(1), odd(2)])
    assert journal.destinations.count_unexamined() == 3
    examine(journal)
    assert journal.destinations.count_unexamined() == 0
    assert [(entry.record_id, entry.reason) for entry in journal.undecoded.list_newest()] == [
        (2, "1 of 7 values cannot be read: garbage row without groups")
    ]
    assert journal.counters.get_all()["home"]["unread"] == 2


def test_a_database_that_is_set_later_gets_everything_and_counts_nothing_anew(
    journal: Journal, server: ScriptedServer
) -> None:
    record(journal, 0)
    journal.records.append([odd(1)])
    examine(journal)
    listed, counted = journal.undecoded.list_newest(), journal.counters.get_all()
    with delivering(journal, to(server)):
        until_served(journal)
    with_database = b"".join(server.bodies)
    assert with_database.count(b"active_energy,") == 3
    assert (journal.undecoded.list_newest(), journal.counters.get_all()) == (listed, counted)


def test_a_record_whose_checksum_is_wrong_is_listed_and_counted(journal: Journal) -> None:
    record(journal, 0, 1)
    with closing(sqlite3.connect(journal.path)) as connection, connection:
        connection.execute("UPDATE record SET data = replace(data, '230.1', '430.1') WHERE id = 2")
    examine(journal)
    assert [(entry.record_id, entry.reason) for entry in journal.undecoded.list_newest()] == [(2, CORRUPT)]
    assert get_counts(journal) == {"home": {"damaged_in_journal": 1}}


def test_a_key_that_is_set_later_is_tried(journal: Journal) -> None:
    journal.records.append([Entry(Frame("hdlc", octets("v20-hdlc"), START), HOME)])
    examine(journal)
    assert ["key" in entry.reason for entry in journal.undecoded.list_newest()] == [True]
    with delivering(journal, None, {"home": [KEY]}):
        until(
            lambda: not journal.undecoded.list_newest() and journal.redeliveries.get_first(NO_DATABASE) is None,
            what="it is decoded",
        )


def test_what_a_database_had_is_not_decoded_again(journal: Journal) -> None:
    journal.records.append([odd(1), odd(2)])
    journal.destinations.confirm("influxdb", 2)
    record(journal, 5)
    examine(journal)
    assert journal.undecoded.list_newest() == []
    assert get_counts(journal) == {}
