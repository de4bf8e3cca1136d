"""The hour that comes twice in an autumn night, in frames from a file: told by their order, at each delivery alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from hanlogger.decoding import decode
from hanlogger.journal import Entry, Journal, Record, make_frame
from hanlogger.journal.order import Order
from hanlogger.model import Frame, Meter, Reading
from tests.support.autumn import LOCAL, READ_AT, TIMES, from_file
from tests.support.delivering import delivering, to, until_served
from tests.support.journals import SECOND
from tests.support.scripted_server import ScriptedServer


def times(server: ScriptedServer) -> list[datetime]:
    """The times of the voltages in the order in which they came."""
    lines = b"".join(server.bodies).splitlines()
    stamps = [int(line.rsplit(b" ", 1)[1]) for line in lines if line.startswith(b"voltage")]
    return [datetime.fromtimestamp(stamp / 1000, UTC) for stamp in stamps]


def test_each_of_the_two_hours_gets_its_own_readings(journal: Journal, server: ScriptedServer) -> None:
    journal.records.append([from_file(number, time) for number, time in enumerate(TIMES)])
    with delivering(journal, to(server)):
        until_served(journal)
    assert times(server) == TIMES


@pytest.mark.parametrize("first", [1, 4, 8, 9, 13, 17])
def test_a_part_sent_again_gets_the_same_times(journal: Journal, server: ScriptedServer, first: int) -> None:
    journal.records.append([from_file(number, time) for number, time in enumerate(TIMES)])
    journal.destinations.confirm("influxdb", len(TIMES))
    journal.redeliveries.request("influxdb", "home", READ_AT + first * SECOND)
    with delivering(journal, to(server)):
        until_served(journal)
    assert times(server) == TIMES[first:]


def test_another_meter_and_a_frame_that_cannot_be_read_do_not_disturb_the_order(
    journal: Journal, server: ScriptedServer
) -> None:
    other = Meter("cabin", clock="local", clock_limit=None)
    for number, time in enumerate(TIMES):
        journal.records.append([from_file(number, time), from_file(number, TIMES[-1 - number])._replace(meter=other)])
        journal.records.append([Entry(Frame("hdlc", b"\x7e\xa0", READ_AT + number * SECOND), LOCAL, live=False)])
    journal.destinations.confirm("influxdb", 3 * 10)
    with delivering(journal, to(server)):
        until_served(journal)
    lines = [line for line in b"".join(server.bodies).splitlines() if b"meter=home" in line]
    stamps = [datetime.fromtimestamp(int(line.rsplit(b" ", 1)[1]) / 1000, UTC) for line in lines]
    assert stamps == TIMES[10:]


def test_a_live_frame_is_told_by_its_time_of_receipt(journal: Journal, server: ScriptedServer) -> None:
    shuffled = [TIMES[index] for index in (12, 3, 9, 4, 10, 5)]
    journal.records.append([from_file(number, time, live=True) for number, time in enumerate(shuffled)])
    with delivering(journal, to(server)):
        until_served(journal)
    assert times(server) == shuffled


class Asked:
    """The journal's answers, counted: how often the record before one was asked for, and how often one was decoded."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.before = self.read = 0

    def record_before(self, record: Record) -> Record | None:
        self.before += 1
        return self._journal.records.get_previous(record)

    def reading(self, record: Record) -> Reading:
        self.read += 1
        return decode(make_frame(record), record.meter)

    def order(self) -> Order:
        return Order(self.record_before, self.reading)

    def told(self, order: Order, records: Iterable[Record]) -> list[datetime | None]:
        return [order.resolve(record, decode(make_frame(record), record.meter)).time for record in records]


def test_no_other_is_asked_for_where_the_time_of_receipt_tells_or_the_hour_comes_once(journal: Journal) -> None:
    journal.records.append([from_file(number, time, live=True) for number, time in enumerate(TIMES)])
    journal.records.append([from_file(number, time) for number, time in enumerate((TIMES[0], TIMES[1], TIMES[-1]))])
    asked = Asked(journal)
    assert asked.told(asked.order(), journal.records.read_frames()) == [*TIMES, TIMES[0], TIMES[1], TIMES[-1]]
    assert (asked.before, asked.read) == (0, 0)


def test_what_was_told_last_is_not_decoded_again(journal: Journal) -> None:
    journal.records.append([from_file(number, time) for number, time in enumerate(TIMES)])
    asked = Asked(journal)
    assert asked.told(asked.order(), journal.records.read_frames()) == TIMES
    assert (asked.before, asked.read) == (12, 0)  # each of the two hours has six


def test_back_to_the_last_reading_outside_the_hour_and_no_further_than_the_longest_hour(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.records.append([from_file(number, time) for number, time in enumerate(TIMES)])
    twelfth = list(journal.records.read_frames())[12]  # 01:40Z, the eleventh of the hour that comes twice
    asked = Asked(journal)
    assert asked.told(asked.order(), [twelfth]) == [TIMES[12]]
    assert asked.before == 11
    monkeypatch.setattr("hanlogger.journal.order.LONGEST", 4)
    asked = Asked(journal)
    asked.told(asked.order(), [twelfth])
    assert asked.before == 5
