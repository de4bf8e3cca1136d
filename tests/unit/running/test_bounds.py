"""A meter that names new registers in each telegram: memory, series and what is shown stay bounded, and are counted."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from hanlogger.decoding import decode
from hanlogger.decoding.plans import memory as shapes
from hanlogger.deliver import Delivery, SeriesLimit
from hanlogger.deliver.series_limit import make_series_key
from hanlogger.journal import Entry, Journal
from hanlogger.model import Frame, Meter, Obis, Reading, Register
from hanlogger.points import encoder, lineprotocol, series
from hanlogger.running.latest import LONGEST, SHOWN, Latest
from hanlogger.sources import Port
from hanlogger.status import state, state_file
from tests.support.delivering import HURRIED, to, until_served
from tests.support.journals import get_counts
from tests.support.octets import telegram
from tests.support.plans import count, forget
from tests.support.points import encoded
from tests.support.scripted_server import ScriptedServer
from tests.support.waiting import PATIENCE

AT = datetime(2026, 1, 1, tzinfo=UTC)


def code(number: int) -> str:
    return f"1-{number % 250}:{200 + number // 62_500}.{number // 250 % 250}.7"


def naming(first: int, number: int) -> Frame:
    """A telegram of so many codes, one after the other."""
    rows = [f"{code(one)}(00{one % 10}.125*kW)" for one in range(first, first + number)]
    return Frame("p1", telegram("0-0:1.0.0(260101010000W)", *rows), AT + timedelta(seconds=first))


def lines(codes: Iterable[object], tags: str = "") -> list[bytes]:
    return [f"register{tags},meter=home,obis={one} value=1 1767225610000\n".encode() for one in codes]


# series


def test_a_thousand_series_of_a_meter_are_sent_and_others_are_not(journal: Journal) -> None:
    limit = SeriesLimit(journal)
    assert limit.admit("home", lines(range(999))) == lines(range(999))
    assert limit.admit("home", lines(range(998, 1002))) == lines((998, 999))
    assert limit.admit("home", lines((0, 1001, 999))) == lines((0, 999))
    assert limit.admit("cabin", lines((1001,))) == lines((1001,))


def test_series_that_were_sent_are_sent_for_ever_whatever_comes_first_after_a_restart(journal: Journal) -> None:
    SeriesLimit(journal, 3).admit("home", lines("abc"))
    again = SeriesLimit(journal, 3)
    assert again.admit("home", lines("xyzcba")) == lines("cba")
    raised = SeriesLimit(journal, 4)
    assert raised.admit("home", lines("xyzcba")) == lines("xcba")


def test_a_forgotten_meter_may_have_new_series_also_where_a_running_logger_knew_others(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit, at_its_end = SeriesLimit(journal, 4), SeriesLimit(journal, 3)
    limit.admit("home", lines("abc"))
    assert at_its_end.admit("home", lines("abcx")) == lines("abc")
    journal.learnt.delete(make_series_key("home"))
    assert at_its_end.admit("home", lines("x")) == []  # it has looked a moment ago
    monkeypatch.setattr("hanlogger.deliver.series_limit.READ_SECONDS", -1)
    assert at_its_end.admit("home", lines("xyzw")) == lines("xyz")
    journal.learnt.delete(make_series_key("home"))
    assert limit.admit("home", lines("stuvw")) == lines("s")  # the fourth; then it sees what has happened
    assert limit.admit("home", lines("stuvw")) == lines("stuv")


def test_a_new_label_makes_no_new_series(journal: Journal) -> None:
    limit = SeriesLimit(journal, 2)
    for label in ("cellar", "barn\\,\\ north", "flat=1"):
        tagged = lines("ab", f",label={label}")
        assert limit.admit("home", tagged) == tagged
        assert not limit.admit("home", lines("c", f",label={label}"))


@pytest.mark.parametrize("other", ["row=2", "unit=x", "phase=L2", "channel=2", "tariff=3", "direction=export"])
def test_what_the_meter_decides_makes_a_new_series(journal: Journal, other: str) -> None:
    limit = SeriesLimit(journal, 1)
    (first,) = lines("a")
    (second,) = lines("a", f",{other}")
    assert limit.admit("home", [first, second]) == [first]


def test_a_text_with_blanks_and_commas_is_no_part_of_a_series(journal: Journal) -> None:
    limit = SeriesLimit(journal, 1)
    for text in ("one", "two, three", "four=5 6"):
        line = f'meter_text,meter=home,obis=0-0:96.13.0 text="{text}" 1\n'.encode()
        assert limit.admit("home", [line]) == [line]
    other = b"meter_text,meter=home,obis=a\\ b value=1 1\n"
    assert not limit.admit("home", [other])


def test_a_journal_that_cannot_be_written_now_loses_no_series(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    with Journal.open(journal.path, read_only=True) as unwritable:
        limit = SeriesLimit(unwritable, 2)
        assert limit.admit("home", lines("ab")) == lines("ab")
    limit._journal = journal
    assert not limit.admit("home", lines("c"))
    assert SeriesLimit(journal, 2).admit("home", lines("cba")) == lines("ba")


def test_what_is_beyond_is_kept_counted_and_said_once(
    journal: Journal, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    meter = Meter("home", clock="normal-time", tags={"label": "cellar"})
    journal.records.append([Entry(naming(first, 10), meter) for first in range(0, 100, 10)])
    stop = threading.Event()
    delivery = Delivery(journal, to(server), {}, stop, "test", pace=HURRIED, series_limit=SeriesLimit(journal, 25))
    delivery.start()
    until_served(journal)
    stop.set()
    delivery.join(PATIENCE)
    sent = {line.split(b" ")[0] for request in server.requests for line in request.body.splitlines()}
    assert len(sent) == 25
    assert {b"clock_offset,label=cellar,meter=home"} < sent
    assert get_counts(journal) == {"home": {"over_max_series": 100 - 24, "superseded": 9}}
    assert len(list(journal.records.read_frames())) == 10
    assert [record.levelno for record in caplog.records if "25 different series" in record.getMessage()] == [
        logging.WARNING
    ]


# what is shown


def latest(*frames: Frame) -> Latest:
    shown = Latest(Port("/dev/ttyUSB0", Meter("home")))
    for frame in frames:
        shown.note_frame(frame)
        shown.update()
    return shown


def test_what_is_shown_of_a_meter_is_bounded_and_the_rest_is_counted() -> None:
    shown = latest(naming(0, 300), naming(300, 300), naming(0, 1))
    assert list(shown.registers) == [code(number) for number in range(SHOWN)]
    assert shown.unshown == 600 - SHOWN
    assert shown.registers[code(0)].received_at == AT
    assert shown.registers[code(1)].value == "1125"


def test_a_long_text_is_shown_shortened() -> None:
    shown = latest(Frame("p1", telegram(f"0-0:96.13.0({'31' * 600})"), AT))
    assert shown.registers["0-0:96.13.0"].value == ("31" * 600)[:LONGEST]


def test_the_state_of_a_meter_that_names_what_it_likes_stays_small(tmp_path: Path) -> None:
    shown = latest(*(naming(first, 300) for first in range(0, 6000, 300)))
    told = state.MeterState("home", "/dev/ttyUSB0", "open", registers=dict(shown.registers), unshown=shown.unshown)
    now = state.State("0.1.0", 1, "cellar", AT, AT, state.JournalState("j"), (told,))
    state_file.write_state(now, tmp_path / "state.json")
    assert (tmp_path / "state.json").stat().st_size < 100_000
    assert state_file.read_state(tmp_path / "state.json") == now


# memories


def test_what_is_remembered_of_shapes_is_bounded_by_octets() -> None:
    memory = shapes.Plans[int]()
    for number in range(400):
        octets = number.to_bytes(2, "big") + bytes(8190 + number % 40)
        memory.keep(octets, [], number)
        assert memory.find(octets) == number
        assert len(memory) * 8192 <= shapes._MOST_OCTETS
    assert len(memory) > 1


def test_messages_of_usual_length_are_all_remembered() -> None:
    memory = shapes.Plans[int]()
    for number in range(60):
        for turn in range(4):
            memory.keep(bytes((turn,)) + bytes(600 + number), [], number)
    assert len(memory) == 240


def test_telegrams_of_ever_new_codes_leave_bounded_memories() -> None:
    meter = Meter("home", clock="normal-time")
    forget()
    for first in range(0, 20_000, 400):  # twice the rows that are remembered
        frame = naming(first, 360 + first // 400 % 40)
        encoded(decode(frame, meter), meter, frame.received_at)
        assert encoder._forms.taken <= encoder._MOST_ROWS
    assert len(encoder._forms) > 1
    assert count() * 360 * 20 < shapes._MOST_OCTETS
    for cache in (series._make_series, lineprotocol.encode_head, lineprotocol._shorten):
        assert cache.cache_info().currsize <= 4096


def test_long_numbers_are_written_and_not_remembered() -> None:
    before = lineprotocol._shorten.cache_info().currsize
    for number in range(9):
        assert lineprotocol.shorten_digits(f"{number}.{'5' * 500}0") == f"{number}.{'5' * 500}"
    assert lineprotocol._shorten.cache_info().currsize == before


def test_a_unit_longer_than_any_makes_a_text() -> None:
    longest, longer = "x" * 32, "x" * 33
    frame = Frame("p1", telegram(f"1-0:99.1.0(1*{longest})", f"1-0:99.2.0(1*{longer})"), AT)
    assert decode(frame, Meter()).registers == (
        Register(Obis.parse("1-0:99.1.0"), Decimal(1), longest),
        Register(Obis.parse("1-0:99.2.0"), f"1*{longer}"),
    )


def test_a_layout_is_the_same_however_often_it_is_asked_for() -> None:
    reading = Reading((Register(Obis.parse("1-0:1.7.0"), Decimal(5), "W"),) * 2)
    shape = tuple((row.obis, row.unit, True) for row in reading.registers)
    first = series.assign_series(shape, (1, 2), (), (("meter", "home"),))
    assert [dict(one.tags)["row"] for one in first if one] == ["1", "2"]
    assert series.assign_series(shape, (1, 2), (), (("meter", "cabin"),)) != first
    assert series.assign_series(shape, (1, 2), (), (("meter", "home"),)) == first
