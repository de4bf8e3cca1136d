"""Replay: recorded octets come out as they were, at the times at which they came, where a reader expects them."""

from __future__ import annotations

import json
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanlogger.decoding import decode
from hanlogger.errors import CaptureError
from hanlogger.framing import Framer, find_all, read_octets
from hanlogger.model import Chunk, Frame, Meter
from hanlogger.points.timestamp import convert_meter_clock, convert_register_clock
from hanlogger.recordings.capture import Writer
from hanlogger.recordings.replay import Output, PseudoTerminal, TcpServer, load, play, shift_clocks
from hanlogger.simulate import DIALECTS, simulate_telegrams
from hanlogger.sources import Port, open_port
from tests.support.axdr import code, date_time, notification, octets, structure, u32
from tests.support.octets import find, frames, hdlc, telegram
from tests.support.waiting import PATIENCE

AT = datetime(2026, 1, 14, 14, 4, 10, tzinfo=UTC)
WINTER = datetime(2025, 1, 31, 12, 59, 50, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 8, 30, 20, tzinfo=UTC)
TELEGRAM = b"/TST5\r\n\r\n1-0:1.7.0(0001.234*kW)\r\n!F4EA\r\n"


def every(milliseconds: float, *octets: bytes) -> list[Chunk]:
    return [Chunk(data, AT + number * timedelta(milliseconds=milliseconds)) for number, data in enumerate(octets)]


def capture(path: Path, chunks: Sequence[Chunk]) -> Path:
    with path.open("w") as file:
        writer = Writer(file, {})
        for chunk in chunks:
            writer.write(chunk)
    return path


class Player(threading.Thread):
    """Plays in the background."""

    def __init__(self, out: Output, chunks: Sequence[Chunk], speed: float = 0) -> None:
        super().__init__(daemon=True)
        self.stop = threading.Event()
        self.out, self.chunks, self.speed = out, chunks, speed
        self.start()

    def run(self) -> None:
        self.out.wait(self.stop)
        self.played = play(self.chunks, self.out, self.stop, speed=self.speed)
        self.out.close(self.stop)


def listen(out: Output, expected: int) -> list[tuple[bytes, float]]:
    """What hanlogger itself reads there, and when."""
    source = open_port(Port(out.where, Meter()))
    got: list[tuple[bytes, float]] = []
    try:
        while sum(len(data) for data, _ in got) < expected:
            chunk = source.read(PATIENCE)
            assert chunk.data, "nothing more comes"
            got.append((chunk.data, time.monotonic()))
    finally:
        source.close()
    return got


@pytest.fixture(params=["pty", "tcp"])
def output(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Output]:
    return lambda: PseudoTerminal(tmp_path / "meter") if request.param == "pty" else TcpServer("127.0.0.1", 0)


def test_every_octet_comes_out_even_far_more_than_the_line_holds(output: Callable[[], Output]) -> None:
    octets = bytes(range(256)) * 400
    out = output()
    player = Player(out, every(0, octets[:70_000], octets[70_000:]))
    assert b"".join(data for data, _ in listen(out, len(octets))) == octets
    player.join(PATIENCE)
    assert player.played == (len(octets), 0)


def test_reads_come_at_the_times_at_which_they_came_or_faster(output: Callable[[], Output]) -> None:
    out = output()
    Player(out, every(4000, b"a", b"b", b"c"), speed=20)
    got = listen(out, 3)
    assert b"".join(data for data, _ in got) == b"abc"
    assert 0.1 < got[-1][1] - got[0][1] < 4, "0.4 seconds of eight"


def test_what_nobody_listens_to_is_lost_and_counted_and_later_listeners_get_the_rest(
    output: Callable[[], Output],
) -> None:
    out = output()
    stop = threading.Event()
    assert out.write(b"nobody", stop) == 0
    player = Player(out, every(0, b"heard"))
    assert listen(out, 5)[0][0] == b"heard"
    player.join(PATIENCE)


def test_what_was_played_to_nobody_is_told_in_octets(output: Callable[[], Output]) -> None:
    out = output()
    assert play(every(0, b"nobody", b"hears"), out, threading.Event(), speed=0) == (0, 11)
    out.close(threading.Event())


def test_nothing_is_lost_when_the_last_octet_has_been_written_but_not_read(tmp_path: Path) -> None:
    out = PseudoTerminal(tmp_path / "meter")
    reader = os.open(out.where, os.O_RDONLY | os.O_NOCTTY)
    player = Player(out, every(0, TELEGRAM))
    player.join(0.3)
    assert player.is_alive(), "it waits for the reader"
    assert select.select([reader], [], [], PATIENCE)[0]
    assert os.read(reader, 1000) == TELEGRAM
    player.join(PATIENCE)
    assert not player.is_alive()
    os.close(reader)


def test_a_name_is_given_to_the_pseudo_terminal_and_taken_back_and_never_taken_from_another(tmp_path: Path) -> None:
    name = tmp_path / "meter"
    name.symlink_to("/dev/pts/99999")  # of a replay that was killed
    out = PseudoTerminal(name)
    assert out.where == str(name)
    assert str(name.readlink()).startswith("/dev/")
    out.close(threading.Event())
    assert not name.is_symlink()
    name.write_text("mine")
    with pytest.raises(CaptureError, match="give another name"):
        PseudoTerminal(name)
    assert name.read_text() == "mine"


def test_several_may_listen_over_tcp_and_one_that_goes_disturbs_nobody() -> None:
    out = TcpServer("127.0.0.1", 0)
    host, port = out.where.removeprefix("socket://").rsplit(":", 1)
    one, other = (socket.create_connection((host, int(port)), 5) for _ in range(2))
    stop = threading.Event()
    assert out.wait(stop)
    assert out.write(b"both", stop) == 4
    assert (one.recv(10), other.recv(10)) == (b"both", b"both")
    one.close()
    assert out.write(b"still", stop) == 5
    assert out.write(b" here", stop) == 5
    assert other.recv(20) in (b"still", b"still here")
    out.close(stop)
    other.close()


def test_an_address_that_is_taken_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CaptureError, match="cannot be listened on"):
        TcpServer("127.0.0.1", taken.getsockname()[1])


# --- what can be played


def test_a_capture_is_played_read_for_read(tmp_path: Path) -> None:
    chunks = every(300, TELEGRAM[:10], TELEGRAM[10:], b"\x7e")
    assert load(capture(tmp_path / "file", chunks)) == (chunks, True)


def test_hex_text_is_played_message_by_message_and_by_the_clocks_in_them(tmp_path: Path) -> None:
    messages = [data for _, data in islice(simulate_telegrams(1, WINTER, "kaifa-no"), 4)]
    times = [time.replace(microsecond=0) for time, _ in islice(simulate_telegrams(1, WINTER, "kaifa-no"), 4)]
    file = tmp_path / "messages.hex"
    file.write_text("\n".join(message.hex(" ", -16) for message in messages))
    recording = load(file)
    assert [chunk.data for chunk in recording.chunks] == messages
    assert [chunk.received_at for chunk in recording.chunks] == times
    assert not recording.timed


@pytest.mark.parametrize(("step", "played"), [(0, 7), (1, 1), (-1, 7), (3600, 3600), (3601, 7)])
def test_a_file_is_played_by_its_clocks_where_they_go_on_by_at_most_an_hour(
    tmp_path: Path, step: int, played: int
) -> None:
    clocks = [datetime(2026, 1, 14, 15, 4, 10) + number * timedelta(seconds=step) for number in range(3)]  # noqa: DTZ001
    file = tmp_path / "telegrams"
    file.write_bytes(b"".join(telegram(f"0-0:1.0.0({clock:%y%m%d%H%M%S}W)", "1-0:1.7.0(1*kW)") for clock in clocks))
    times = [chunk.received_at for chunk in load(file, interval=timedelta(seconds=7)).chunks]
    assert times[0] == datetime(2026, 1, 14, 14, 4, 10, tzinfo=UTC)
    assert times[1] - times[0] == timedelta(seconds=played)
    assert len(times) == 3


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=1, max_size=60), st.data())
def test_hex_text_means_the_same_however_it_is_folded(octets: bytes, data: st.DataObject) -> None:
    digits = octets.hex() if data.draw(st.booleans()) else octets.hex().upper()
    blanks = st.lists(st.sampled_from(["", "", " ", "\n", "\r\n", "\t", "\n\n  "]), min_size=len(digits) + 1)
    text = "".join(blank + digit for blank, digit in zip(data.draw(blanks), (*digits, ""), strict=False))
    with NamedTemporaryFile() as file:
        Path(file.name).write_text(text)
        assert b"".join(chunk.data for chunk in load(Path(file.name)).chunks) == octets
    assert read_octets(text.encode()) == octets


def test_text_that_is_no_hex_is_played_as_it_is(tmp_path: Path) -> None:
    for text in (b"7e a", b"7e:a0", b"0x7ea0", b" \r\n"):
        (tmp_path / "file").write_bytes(text)
        assert [chunk.data for chunk in load(tmp_path / "file").chunks] == [text]


def test_messages_without_a_clock_are_played_at_the_interval_given(tmp_path: Path) -> None:
    file = tmp_path / "telegrams"
    file.write_bytes(b"noise" + TELEGRAM * 3)
    chunks = load(file, interval=timedelta(seconds=2)).chunks
    assert [chunk.data for chunk in chunks] == [b"noise" + TELEGRAM, TELEGRAM, TELEGRAM]
    assert [b.received_at - a.received_at for a, b in pairwise(chunks)] == [timedelta(seconds=2)] * 2


@pytest.mark.parametrize(
    ("content", "words"), [(None, "cannot be read"), (b"", "no octets"), (b"# hanlogger capture 1\n", "no octets")]
)
def test_what_cannot_be_played_is_said_in_one_line(tmp_path: Path, content: bytes | None, words: str) -> None:
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CaptureError, match=words):
        load(file)


def test_reads_of_the_corpus_come_out_as_the_port_gave_them(corpus: Path, tmp_path: Path) -> None:
    played = 0
    for facts_file in sorted(corpus.glob("stream-*.json")):
        facts = json.loads(facts_file.read_text())
        if not facts.get("reads"):
            continue
        data = bytes.fromhex(facts_file.with_suffix(".hex").read_text())
        ends = [sum(facts["reads"][: number + 1]) for number in range(len(facts["reads"]))]
        reads = [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]
        chunks = load(capture(tmp_path / "file", every(100, *reads))).chunks
        assert [chunk.data for chunk in chunks] == reads
        framer = Framer()
        frames = [event for chunk in chunks for event in framer.feed(chunk) if isinstance(event, Frame)]
        assert len(frames) == facts["valid_messages"], facts_file.name
        played += 1
    assert played >= 4


# --- the clocks of what is played


@pytest.mark.parametrize("dialect", [name for name, row in DIALECTS.items() if not row.key])
@pytest.mark.parametrize(("recorded", "now"), [(WINTER, SUMMER), (SUMMER, WINTER)])
def test_clocks_are_moved_to_now_through_the_change_of_seasons(dialect: str, recorded: datetime, now: datetime) -> None:
    sent = [Chunk(data, time) for time, data in islice(simulate_telegrams(1, recorded, dialect), 12)]
    moved = shift_clocks(sent, now, 1.0)
    assert [len(chunk.data) for chunk in moved.chunks] == [len(chunk.data) for chunk in sent]
    for old, new in zip(sent, moved.chunks, strict=True):
        before, after = (decode(*find_all(chunk.data, AT)) for chunk in (old, new))  # type: ignore[arg-type]
        was, came = convert_meter_clock(before, Meter()), old.received_at - sent[0].received_at + now
        if was is None:
            assert new.data == old.data
            continue
        off = convert_meter_clock(after, Meter()) - came  # type: ignore[operator]
        assert abs(off - (was - old.received_at)) <= timedelta(seconds=0.5)
        assert [row[:3] for row in after.registers] == [row[:3] for row in before.registers]
        for row in (row for row in after.registers if row.time):
            own = convert_register_clock(row, after, Meter())
            assert own is not None
            assert timedelta() <= convert_meter_clock(after, Meter()) - own < timedelta(minutes=5)  # type: ignore[operator]
    assert moved.moved + moved.without == 12
    assert moved.unreadable == 0


def test_played_faster_clocks_stay_as_far_off_as_they_were() -> None:
    sent = [Chunk(data, time) for time, data in islice(simulate_telegrams(1, WINTER), 7)]
    moved = shift_clocks(sent, SUMMER, 10.0)
    clocks = [convert_meter_clock(decode(*find_all(chunk.data, AT)), Meter()) for chunk in moved.chunks]  # type: ignore[arg-type]
    assert clocks == [SUMMER + timedelta(seconds=number) for number in range(7)]


def test_a_message_cut_over_reads_has_its_clock_moved_in_place() -> None:
    ((at, data),) = islice(simulate_telegrams(1, WINTER), 1)
    cut = data.index(b"0-0:1.0.0(") + 14
    moved = shift_clocks([Chunk(data[:cut], at), Chunk(data[cut:], at + timedelta(milliseconds=5))], SUMMER, 1.0)
    assert [len(chunk.data) for chunk in moved.chunks] == [cut, len(data) - cut]
    assert isinstance(find_all(b"".join(chunk.data for chunk in moved.chunks), AT)[0], Frame)


def test_clocks_in_two_rows_and_in_long_form_are_moved_in_their_own_form() -> None:
    from hanlogger.simulate.p1 import make_telegram

    two = make_telegram("ISk5", ["1-0:0.9.1(203805)", "1-0:0.9.2(220910)", "1-0:1.7.0(0001.234*kW)"])
    long = make_telegram("NES5:83335-3E", ["0-0:1.0.0(20240111 09:35:00)", "1-0:1.7.0(0001.234*kW)"])
    moved = shift_clocks(every(10_000, two, long), AT.replace(hour=20, minute=0) + timedelta(days=10), 1.0)
    first, second = (chunk.data for chunk in moved.chunks)
    shift = AT.replace(hour=20, minute=0) + timedelta(days=10) - AT
    assert f"{datetime(2022, 9, 10, 20, 38, 5) + shift:1-0:0.9.1(%H%M%S)\r\n1-0:0.9.2(%y%m%d)}".encode() in first  # noqa: DTZ001
    assert f"{datetime(2024, 1, 11, 9, 35) + shift:(%Y%m%d %H:%M:%S)}".encode() in second  # noqa: DTZ001
    assert moved.moved == 2


def test_the_first_clock_and_the_times_of_sub_meters_are_moved_wherever_they_stand_and_no_other_time() -> None:
    from hanlogger.simulate.p1 import make_telegram

    kept = ["1-0:1.6.0(1.5*kW)(240102010000)", "0-0:1.0.0(220201000000W)", "1-0:1.8.0(1*kWh)"]
    moving = ["0-0:1.0.0(24-01-11 09:35:00)", "0-1:24.2.1(240111093000W)(1*m3)", "0-2:24.2.3(2*m3)(240111093000)"]
    (moved,) = shift_clocks(every(10_000, make_telegram("TST5", [*moving, *kept])), AT + timedelta(days=10), 1.0).chunks
    new = datetime(2024, 1, 11, 9, 35) + timedelta(days=10)  # noqa: DTZ001
    found = moved.data.decode().splitlines()[2:-1]
    assert found == [
        f"0-0:1.0.0({new:%y-%m-%d %H:%M:%S})",
        f"0-1:24.2.1({new - timedelta(minutes=5):%y%m%d%H%M%S}W)(1*m3)",
        f"0-2:24.2.3(2*m3)({new - timedelta(minutes=5):%y%m%d%H%M%S})",
        *kept,
    ]


@pytest.mark.parametrize("dialect", [name for name, row in DIALECTS.items() if row.key])
def test_what_is_enciphered_keeps_its_clock_and_is_counted(dialect: str) -> None:
    sent = [Chunk(data, time) for time, data in islice(simulate_telegrams(1, WINTER, dialect), 3)]
    moved = shift_clocks(sent, SUMMER, 1.0)
    assert moved == (sent, 0, 0, 3)


@pytest.mark.parametrize(
    "rows",
    [
        ("0-0:1.0.0(991399256161W)",),
        ("0-0:1.0.0(20260114 15041099)",),
        ("0-0:1.0.0(20260114 150410:9)",),
        ("1-0:0.9.1(150410)", "1-0:0.9.2(263014)"),
        ("1-0:0.9.1(15041099)", "1-0:0.9.2(260114)"),
        ("1-0:0.9.1(150410)", "1-0:0.9.2(0020260114)"),
        ("1-0:0.9.1(99:99:99)", "1-0:0.9.2(2026-01-14)"),
        ("1-0:0.9.1(::::::)", "1-0:0.9.2(------)"),
    ],
)
def test_a_time_that_is_none_stays_and_the_rest_is_played(rows: tuple[str, ...]) -> None:
    (chunk,) = shift_clocks([Chunk(telegram(*rows, "1-0:1.7.0(0001.234*kW)"), AT)], AT + timedelta(hours=5), 1).chunks
    assert len(frames(find(chunk.data))) == 1
    assert len(chunk.data) == len(telegram(*rows, "1-0:1.7.0(0001.234*kW)"))


@pytest.mark.parametrize(
    ("clock", "by"),
    [
        (datetime(9999, 12, 31, 23, 59, 50), timedelta(days=365 * 7000)),  # noqa: DTZ001
        (datetime(1, 1, 1, 0, 0, 10), -timedelta(days=365 * 1900)),  # noqa: DTZ001
    ],
)
def test_a_clock_at_the_end_of_all_years_stays_there(clock: datetime, by: timedelta) -> None:
    stated = octets(date_time(clock, weekday=clock.isoweekday()))
    body = structure(structure(code("0-0:1.0.0"), stated), structure(code("1-0:1.8.0"), u32(1)))
    stream = hdlc(b"\xe6\xe7\x00" + notification(body))
    moved = shift_clocks([Chunk(stream, AT)], AT + by, 1)
    assert len(frames(find(moved.chunks[0].data))) == 1
    assert moved.chunks[0].data == stream


@pytest.mark.parametrize(("at", "octet"), [(4, 0xFF), (7, 0xFF), (8, 0x55), (9, 0x00), (11, 0x80)])
def test_what_a_meter_leaves_open_in_its_time_stays_open(at: int, octet: int) -> None:
    before = bytearray(date_time(datetime(2026, 1, 14, 15, 4, 10), weekday=3))  # noqa: DTZ001
    before[at] = octet
    body = structure(structure(code("0-0:1.0.0"), octets(bytes(before))), structure(code("1-0:1.8.0"), u32(1)))
    stream = hdlc(b"\xe6\xe7\x00" + notification(body))
    (chunk,) = shift_clocks([Chunk(stream, AT)], AT + timedelta(days=1, seconds=5), 1).chunks
    after = bytearray(date_time(datetime(2026, 1, 15, 15, 4, 15), weekday=4))  # noqa: DTZ001
    after[at] = octet
    assert bytes(after) in chunk.data
