"""The demo's house: one house, however often it is opened and on whatever day."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from hanlogger.config import load
from hanlogger.decoding import decode
from hanlogger.framing import find_all
from hanlogger.journal import Entry, Journal, frame_of
from hanlogger.model import Frame, Meter
from hanlogger.running.run import Running
from hanlogger.simulate import DIALECTS, House, Sums
from hanlogger.sources import Opening, Port, open_port
from tests.ports import telegram
from tests.waiting import until

DEMO = Meter("demo")
COUNTERS = ("1-0:1.8.0", "1-0:2.8.0", "1-0:3.8.0", "1-0:4.8.0")
DAY = timedelta(days=1)
STEP = 25  # Wh: more than what any house takes in a few seconds
RATE = 5  # Wh a second: 18 kW


def counters(frame: Frame) -> list[int]:
    values = {str(register.obis): register.value for register in decode(frame).registers}
    return [int(values[code]) for code in COUNTERS]


def run_once(journal: Path) -> list[list[int]]:
    """What the meter has shown, up to a telegram of this run: the first, or on a slow machine a later one."""
    settings = load(None, {"HANLOGGER_JOURNAL": str(journal), "HANLOGGER_PORT": "demo:"})
    with Running(settings, threading.Event()) as running:
        known = len(list(running.journal.frames("demo")))
        until(lambda: len(list(running.journal.frames("demo"))) > known, 20, "a telegram of the demo")
        return [counters(frame_of(record)) for record in running.journal.frames("demo")]


def test_the_demo_goes_on_where_it_was_also_on_another_day(tmp_path: Path) -> None:
    evening = datetime.now(UTC).replace(hour=23, minute=59, second=55) - DAY
    house = House(1, evening - DAY)
    data = DIALECTS["p1-sagemcom"].pushes[-1].encode(house.at(evening))
    with Journal.open(tmp_path / "j.sqlite3") as journal:
        journal.append([Entry(Frame("p1", data, evening, verified=True), DEMO)])
    began = time.monotonic()
    run_once(tmp_path / "j.sqlite3")
    shown = run_once(tmp_path / "j.sqlite3")
    assert len(shown) >= 3, "the one before, and of each run at least one"
    most = STEP + RATE * (time.monotonic() - began)
    for before, after in pairwise(shown):
        assert all(0 <= new - old < most for old, new in zip(before, after, strict=True)), shown


def test_a_demo_that_is_opened_again_has_counted_meanwhile(tmp_path: Path) -> None:
    begun = datetime.now(UTC) - timedelta(minutes=10)
    port = Port("demo:", DEMO, opening=Opening(begun, Sums.of_totals(1000, 2000, 3000, 4000)))
    first, second = (opened(port) for _ in range(2))
    assert first[0] + first[1] > 3000
    assert all(0 <= new - old < STEP for old, new in zip(first, second, strict=True))


def test_what_is_no_telegram_of_a_demo_lets_it_begin_anew(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "j.sqlite3") as journal:
        journal.append([Entry(Frame("hdlc", telegram(dialect="aidon-no")[:20], datetime.now(UTC)), DEMO)])
    settings = load(None, {"HANLOGGER_JOURNAL": str(tmp_path / "j.sqlite3"), "HANLOGGER_PORT": "demo:"})
    with Running(settings, threading.Event()) as running:
        until(lambda: len(list(running.journal.frames("demo"))) > 1, 20, "a telegram of the demo")


def test_a_clock_that_is_set_back_does_not_silence_the_demo() -> None:
    port = Port("demo:", DEMO, opening=Opening(datetime.now(UTC) + timedelta(hours=1), Sums.of_totals(1, 2, 3, 4)))
    assert all(new - old < STEP for old, new in zip((1, 2, 3, 4), opened(port), strict=True))


def opened(port: Port) -> list[int]:
    """The counters in the first telegram of an open port."""
    source, data = open_port(port), b""
    try:
        while not data.endswith(b"\n") or b"!" not in data:
            data += source.read(5).data
    finally:
        source.close()
    frame = find_all(data, datetime.now(UTC))[0]
    assert isinstance(frame, Frame)
    return counters(frame)
