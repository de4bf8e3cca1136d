"""`hanlogger live`: the curve of the last hours, and the real command on a terminal beside a real logger."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice, takewhile
from pathlib import Path

import pytest

from hanlogger.archive.history import History
from hanlogger.archive.hours import Hours, get_net_power
from hanlogger.decoding import decode
from hanlogger.framing import find_all
from hanlogger.intervals import QUARTER
from hanlogger.intervals.levels import Level
from hanlogger.journal import Entry, Journal
from hanlogger.journal.model import EXPORT, IMPORT, to_ms
from hanlogger.live.curve import draw_curve
from hanlogger.live.past import Past
from hanlogger.model import Frame, Meter
from hanlogger.simulate import DIALECTS, House, simulate_telegrams
from tests.support.logger import command, logger
from tests.support.terminal import Terminal
from tests.support.waiting import until

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEN_MINUTES = timedelta(minutes=10)
HOME = Meter("home")


def frames(dialect: str, start: datetime, end: datetime) -> Iterator[Frame]:
    sent = takewhile(lambda each: each[0] < end, simulate_telegrams(1, start, dialect))
    return (event for time, data in sent for event in find_all(data, time) if isinstance(event, Frame))


@contextmanager
def journal_of(folder: Path, dialect: str, start: datetime, end: datetime) -> Iterator[Journal]:
    with Journal.open(folder / "journal.sqlite3") as journal:
        journal.records.append([Entry(frame, HOME) for frame in frames(dialect, start, end)])
        yield journal


@pytest.mark.parametrize("dialect", ["p1-sagemcom", "kaifa-no", "kamstrup-dk"])
def test_a_curve_follows_the_house_whatever_its_meter_sends(dialect: str, tmp_path: Path) -> None:
    key = DIALECTS[dialect].key
    with journal_of(tmp_path, dialect, NOW - HOUR, NOW) as journal:
        values = Hours(journal, "home", {"home": [key] if key else []}, HOUR).compute_means(
            6, NOW - timedelta(seconds=1)
        )
    house = House(1, NOW - HOUR)
    for number, value in enumerate(values):
        start = NOW - HOUR + number * TEN_MINUTES
        powers = [house.compute_state(start + timedelta(seconds=10 * step)).active for step in range(61)]
        assert value is not None
        assert min(powers) - 500 <= value <= max(powers) + 500


def test_a_stretch_without_messages_is_a_gap_and_what_was_looked_at_is_not_read_again(tmp_path: Path) -> None:
    with journal_of(tmp_path, "p1-sagemcom", NOW - HOUR, NOW - HOUR / 2) as journal:
        hours = Hours(journal, "home", {}, HOUR)
        before = hours.compute_means(6, NOW - timedelta(seconds=1))
        assert [value is None for value in before] == [False] * 3 + [True] * 3
        journal.records.forget("home")
        assert hours.compute_means(6, NOW - timedelta(seconds=1)) == before


def test_a_long_curve_is_that_of_the_intervals_and_a_gap_stays_empty(tmp_path: Path) -> None:
    def levels(wh: int) -> list[Level]:
        start, known = NOW - 4 * HOUR, [number for number in range(17) if not 4 < number < 9]
        return [Level(to_ms(start + number * QUARTER), Decimal(number * wh)) for number in known]

    with Journal.open(tmp_path / "journal.sqlite3") as journal:
        journal.intervals.merge([(HOME, {IMPORT: levels(250), EXPORT: levels(400)})])
        means = Hours(journal, "home", {}, 4 * HOUR).compute_means(4, NOW - timedelta(seconds=1))
        assert means == [-600, None, -600, -600]
        thirds = Hours(journal, "home", {}, 4 * HOUR).compute_means(12, NOW - timedelta(seconds=1))
        assert thirds == [-600] * 3 + [None] * 3 + [-600] * 6


def test_power_is_net_and_unknown_where_a_message_does_not_say_it() -> None:
    (frame,) = islice(frames("p1-sagemcom", NOW, NOW + HOUR), 1)
    assert get_net_power(decode(frame)) == House(1, NOW).compute_state(NOW).active < 0
    (other,) = find_all(b"/TST5\r\n\r\n1-0:32.7.0(230.1*V)\r\n!\r\n", NOW)
    assert isinstance(other, Frame)
    assert get_net_power(decode(other)) is None


def drawn(*values: float | None) -> list[str]:
    return [line.rstrip() for line in draw_curve(values, 6, HOUR, NOW).plain.splitlines()]


def test_what_is_taken_stands_above_the_line_and_what_is_fed_in_below() -> None:
    assert drawn(4000, 2000, 1000, 20, None, -20, -1000, *[None] * 13) == [
        "  4 000 W █",
        "          █▄",
        "          ██▆▁",
        "      0 W ────────────────────",
        " -1 000 W      ▀█",
        "          11:00  11:30   12:00",
    ]


def test_a_house_that_only_feeds_in_has_no_empty_upper_half() -> None:
    assert drawn(-50, -100)[:5] == [
        "      0 W ──",
        "          ██",
        "          ██",
        "           █",
        "   -100 W  █",
    ]


def test_nothing_known_is_no_error() -> None:
    assert drawn(None, None)[0] == "      0 W"


def test_a_running_logger_is_watched_and_its_end_is_said(tmp_path: Path) -> None:
    with logger(tmp_path, "--port", "demo:") as running:
        until(lambda: running.frames("demo") > 0, "a telegram")
        terminal = Terminal(tmp_path, "live", "--hours", "1")
        try:
            until(lambda: "net power of the last 1 h" in terminal.shown, "the curve")
            until(lambda: "L3" in terminal.shown and "█" in terminal.shown, "phases, and power in the curve")
            assert running.stop(signal.SIGTERM) == 0
            until(lambda: "the logger has ended, or hangs" in terminal.shown, "its end")
            terminal.process.send_signal(signal.SIGINT)
            assert until(lambda: terminal.process.poll() is not None, "the view ends")
            assert terminal.process.returncode == 0
        finally:
            terminal.close()


@pytest.mark.parametrize(("rows", "columns"), [(24, 80), (50, 120)])
def test_run_shows_today_and_on_a_terminal_with_room_the_curve(rows: int, columns: int, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "run", "--port", "demo:", rows=rows, columns=columns)
    try:
        until(lambda: "kWh imported" in terminal.shown, "the energy of today")
        until(lambda: "telegrams come" in terminal.shown, "the log")
        until(lambda: "net power of the last 6 h" in terminal.shown and "0 W ─" in terminal.shown, "the curve")
    finally:
        terminal.close()


def test_a_journal_that_cannot_be_read_leaves_the_view_as_it_is(tmp_path: Path) -> None:
    past = Past(History(tmp_path / "none.sqlite3", {}))
    assert past.describe_today("home", NOW) == ""
    assert "0 W" in past.draw("home", 80, 8, NOW)[1].plain


def test_what_was_read_of_the_past_is_shown_for_ten_seconds(tmp_path: Path) -> None:
    journals = journal_of(tmp_path, "p1-sagemcom", NOW - TEN_MINUTES, NOW)
    with journals as journal, closing(History(journal.path, {})) as history:
        past = Past(history, HOUR)
        first = past.describe_today("home", NOW)
        assert "kWh imported" in first
        assert "known since" in first
        drawn_first = past.draw("home", 80, 8, NOW)[1].plain
        journal.records.forget("home")
        assert past.describe_today("home", NOW + timedelta(seconds=9)) == first
        assert past.draw("home", 80, 8, NOW + timedelta(seconds=9))[1].plain == drawn_first
        assert past.describe_today("home", NOW + timedelta(seconds=10)) == ""
        assert past.draw("home", 60, 8, NOW)[1].plain != drawn_first


def test_without_a_terminal_or_a_logger_it_says_what_to_do(tmp_path: Path) -> None:
    done = command(tmp_path, "live")
    assert (done.returncode, "hanlogger status --json" in done.stderr) == (2, True)
    terminal = Terminal(tmp_path, "live")
    try:
        until(lambda: terminal.process.poll() is not None, "it ends")
        assert terminal.process.returncode == 2
        assert "start one by hanlogger run" in terminal.shown.replace("\r\n", " ")
    finally:
        terminal.close()
