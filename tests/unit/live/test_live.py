"""The live view, on a terminal of 80 by 24 and on others."""

from __future__ import annotations

import io
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from hanlogger.archive.history import History
from hanlogger.framing import Framer
from hanlogger.live.past import Past
from hanlogger.live.view import Message, show_view
from hanlogger.model import Chunk, Frame, Meter
from hanlogger.running.latest import Latest
from hanlogger.simulate import DIALECTS
from hanlogger.sources import Port
from hanlogger.status.state import AnswerState, DestinationState, JournalState, MeterState, State
from tests.support.costing import COSTS
from tests.support.octets import telegram as by_hand
from tests.support.ports import telegram

NOW = datetime(2026, 1, 1, 12, 0, 3, tzinfo=UTC)
HEARD = NOW - timedelta(seconds=3)


def meter(dialect: str = "p1-sagemcom", **changes: object) -> MeterState:
    port = Port("/dev/ttyUSB0", Meter(name="home"))
    latest = Latest(port)
    for event in Framer().feed(Chunk(telegram(0, dialect), HEARD)):
        assert isinstance(event, Frame)
        latest.note_frame(event)
    latest.update()
    offset = latest.offset.total_seconds() if latest.offset is not None else None
    state = MeterState("home", port.url, "open", last=latest.at, interval=10.0, clock_offset=offset, fuse=20)
    return replace(state, **{"registers": latest.registers, "words": latest.words, **changes})  # type: ignore[arg-type]


def state(*meters: MeterState, destinations: tuple[DestinationState, ...] = ()) -> State:
    journal = JournalState("/var/lib/hanlogger/journal.sqlite3", 12_345_678)
    return State("0.1.0", 1, "cellar", NOW - timedelta(hours=2), NOW, journal, meters, destinations)


def shown(shown: State, *messages: str, width: int = 80, height: int = 24, past: Past | None = None) -> str:
    console = Console(width=width, height=height, file=io.StringIO(), force_terminal=True, color_system=None)
    with console.capture() as capture:
        lines = [Message(NOW.timestamp(), logging.INFO, text) for text in messages]
        console.print(show_view(shown, lines, console.size, past))
    text = capture.get().rstrip("\n")
    lines_shown = text.splitlines()
    assert len(lines_shown) <= height
    assert all(len(line) <= width for line in lines_shown)
    return text


def test_a_meter_is_whole_at_80_by_24() -> None:
    text = shown(state(meter()))
    assert "import 0 W    export 118 W    net -118 W" in text
    for phase in ("L1    -43 W", "L2    -83 W", "L3      8 W", "232.0 V", "230.5 V", "0.2 A", "0.4 A"):
        assert phase in text
    assert "imported 8 956.540 kWh    exported 11 380.566 kWh" in text
    assert "0 telegrams, none damaged    clock right" in text
    assert "3 s ago, every 10 s" in text
    assert "hanlogger 0.1.0 on cellar, running for 2 h" in text
    assert "12.3 MB  /var/lib/hanlogger/journal.sqlite3" in text
    assert "none is set: everything is kept, and can be delivered later" in text
    assert "…" not in text


def test_a_month_and_its_running_hour_are_shown_where_a_tariff_is_set() -> None:
    text = shown(state(meter(costs=COSTS)), width=140)
    assert "2026-01: 1 842.10 SEK so far" in text
    assert "this hour 5.10 kW, which raises the fee by 13.50 SEK" in text
    assert "none damaged" in text  # the lines below have room still


def test_the_demo_is_marked() -> None:
    assert "DEMO: a simulated house" in shown(state(meter(port="demo:", name="demo")))
    assert "DEMO" not in shown(state(meter()))


def test_a_value_is_shown_in_its_unit_or_not_at_all() -> None:
    def said(*rows: str) -> str:
        latest = Latest(Port("/dev/ttyUSB0", Meter(name="home")))
        latest.note_frame(Frame("p1", by_hand(*rows), HEARD))
        latest.update()
        return shown(state(meter(registers=latest.registers)))

    kilo = said("1-0:32.7.0(0.242*kV)", "1-0:31.7.0(0.005*kA)", "1-0:1.7.0(0.001234*MW)", "1-0:1.8.0(1.5*MWh)")
    for words in ("242.0 V", "5.0 A", "import 1 234 W", "imported 1 500.000 kWh"):
        assert words in kilo
    other = said("1-0:32.7.0(230100*mV)", "1-0:31.7.0(250*mA)", "1-0:1.7.0(1234)")
    for words in ("- V", "- A", "no power yet"):
        assert words in other


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_meter_that_can_be_simulated_can_be_shown(dialect: str) -> None:
    text = shown(state(meter(dialect)))
    assert "home" in text
    assert "…" not in text
    assert ("a key is needed" in text) == (DIALECTS[dialect].key is not None)
    assert ("import 0 W" in text) == (DIALECTS[dialect].key is None)


def test_a_list_with_power_alone_leaves_the_rest_open() -> None:
    registers = {code: value for code, value in meter().registers.items() if code == "1-0:1.7.0"}
    text = shown(state(meter(registers=registers)))
    assert "import 0 W" in text
    assert "- V" in text
    assert "no counters yet (some meters send them once an hour)" in text


def test_damage_is_told_by_kind() -> None:
    counts = {"frames": 1234, "checksum": 2, "cut off": 1, "noise": 100}
    assert "1 234 telegrams, 3 damaged (checksum 2, cut off 1)" in shown(state(meter(counts=counts)))


def test_a_scale_that_is_probably_wrong_is_told_beside_the_telegrams() -> None:
    text = shown(state(meter(doubts={"scale.energy": "0.1", "clock": "+1"}, counts={"frames": 1234})))
    assert "1 234 telegrams, none damaged    energy 10 times too large?    clock right" in text


def test_a_clock_that_is_off_by_a_whole_hour_points_at_the_setting() -> None:
    assert "clock 1 h ahead: is the setting `clock` right?" in shown(state(meter(clock_offset=3598.0)))
    assert "clock 12 min behind" in shown(state(meter(clock_offset=-725.0)))


def test_a_port_that_is_waited_for_says_why() -> None:
    waiting = MeterState("barn", "/dev/ttyUSB1", "waiting", words="/dev/ttyUSB1 is not there")
    text = shown(state(waiting))
    assert "/dev/ttyUSB1 is not there" in text
    assert "no telegram yet" in text


def test_a_databases_answer_is_shown_whole() -> None:
    words = "InfluxDB does not know the token: put a valid one in /etc/hanlogger/token (it says: unauthorized access)"
    answer = AnswerState(NOW - timedelta(seconds=20), False, words)
    waiting = DestinationState("influxdb", "http://localhost:8086", 1234, NOW - timedelta(hours=3), 2, answer)
    text = shown(state(meter(), destinations=(waiting,)), *map(str, range(50)))
    assert "1 234 telegrams wait, 2 refused: InfluxDB does not know the token" in " ".join(text.split())
    assert "(it says: unauthorized access) (20 s ago)" in " ".join(text.split())


def test_a_telegram_on_its_way_is_not_called_waiting() -> None:
    well = DestinationState("influxdb", "http://h", 1, NOW, 0, AnswerState(NOW, True, "all is well"))
    assert "nothing waits: all is well (0 s ago)" in shown(state(meter(), destinations=(well,)))


def test_one_telegram_waits_when_the_database_does_not_take_it() -> None:
    ill = DestinationState("influxdb", "http://h", 1, NOW, 0, AnswerState(NOW, False, "no token"))
    assert "1 telegram waits: no token (0 s ago)" in shown(state(meter(counts={"frames": 1}), destinations=(ill,)))
    assert "1 telegram, none damaged" in shown(state(meter(counts={"frames": 1})))


@pytest.mark.parametrize("width", [80, 81, 100, 120, 200])
def test_bars_are_as_wide_as_the_terminal_allows(width: int) -> None:
    (row,) = (line for line in shown(state(meter(fuse=0.1)), width=width).splitlines() if "L2" in line)
    assert 3 <= len(row) - len(row.rstrip("│ ")) <= 4


def test_the_newest_messages_fill_what_is_left() -> None:
    text = shown(state(meter()), *(f"message {number}" for number in range(50)))
    assert len(text.splitlines()) == 24
    assert "message 49" in text
    assert "message 20" not in text


@pytest.mark.parametrize("number", [2, 3, 20, 200])
def test_many_meters_have_a_line_each(number: int) -> None:
    text = shown(state(*(meter(name=f"flat-{one}") for one in range(number))), "message")
    assert "flat-0" in text
    assert "flat-1" in text


@pytest.mark.parametrize(("height", "width"), [(15, 40), (24, 80), (50, 120)])
def test_a_curve_is_drawn_once_there_is_power_and_where_there_is_room(height: int, width: int, tmp_path: Path) -> None:
    past, title = Past(History(tmp_path / "none.sqlite3", {})), "net power of the last 6 h"
    for silent in (state(), state(MeterState("home", "/dev/ttyUSB0", "open"))):
        assert title not in shown(silent, "message", width=width, height=height, past=past)
    text = shown(state(meter()), "message", width=width, height=height, past=past)
    assert (title in text) == (height > 15)
    assert text.endswith("message")


def test_a_higher_terminal_shows_several_meters_whole() -> None:
    text = shown(state(meter(name="home"), meter(name="barn")), height=40)
    assert text.count("imported") == 2


def test_a_narrow_terminal_shows_the_meter_the_database_and_the_messages_too() -> None:
    text = shown(state(meter()), "message", width=40, height=12)
    for words in ("home  import 0 W", "export 118 W", "net -118 W", "3 s ago,", "every 10 s"):
        assert words in text
    assert "none is set: everything is" in text
    assert text.splitlines()[-1].endswith("message")


def test_what_is_held_in_memory_and_undecoded_is_said(tmp_path: Path) -> None:
    journal = JournalState("/j", 1, held=321, undecoded=4)
    assert "321 telegrams held in memory, 4 undecoded" in shown(replace(state(meter()), journal=journal))


@pytest.mark.parametrize("width", [35, 40, 45, 60, 80])
@pytest.mark.parametrize("number", [1, 2, 30])
@pytest.mark.parametrize("words", ["all is well", "it does not answer: Connection refused", "a b " * 20])
def test_sentences_that_break_at_words_never_make_the_view_higher_than_the_terminal(
    width: int, number: int, words: str
) -> None:
    to = DestinationState("influxdb", "http://h", 3, NOW, 0, AnswerState(NOW, False, words))
    for height in (14, 16, 24):  # `shown` counts the lines
        text = shown(state(*[meter()] * number, destinations=(to,)), "message", width=width, height=height)
        assert "ago)" in text
