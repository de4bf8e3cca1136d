"""Octets to frames: what is found, what is refused, and what is never lost because of something else."""

from __future__ import annotations

import pytest

from hanlogger.decoding.link import extract_content
from hanlogger.errors import DecodeError
from hanlogger.framing import Framer
from hanlogger.framing.formats import REASONS
from hanlogger.model import BadFrame, Chunk, Frame
from hanlogger.wire.crc import calculate_arc, ends_with_x25
from tests.support.octets import (
    RECEIVED_AT,
    even_parity,
    feed,
    find,
    frames,
    hdlc,
    later,
    mbus,
    reasons,
    telegram,
    with_checksum,
)
from tests.support.octets import arc as arc_by_bits
from tests.support.octets import x25 as x25_by_bits
from tests.support.readings import complete
from tests.support.vectors import FRAMED, Vector, octets

ROW = "1-0:1.7.0(0001.234*kW)"
TELEGRAM = telegram(ROW)
OTHER = telegram("1-0:1.7.0(0005.678*kW)")
WITHOUT = telegram(ROW, checksum=False)
APDU = b"\xe6\xe7\x00\x0f\x40\x00\x00\x00\x00" + b"\x02\x01\x06\x00\x00\x04\xd2"


def text(data: bytes) -> bytes:
    """Without the line end: what a frame keeps of a telegram."""
    return data.removesuffix(b"\r\n")


def messages(data: bytes) -> list[bytes]:
    return [event.data for event in find(data) if complete(event)]


# --- every vector, whole, byte by byte, and with octets left over


@pytest.mark.parametrize("vector", FRAMED, ids=lambda v: v.name)
def test_a_vector_is_one_frame_however_it_is_cut(vector: Vector) -> None:
    data = vector.octets
    whole = find(data)
    assert frames(whole) == [joined(vector, data)]
    assert not reasons(whole)
    for pieces in (1, 2, 7, 64):
        assert find(data, pieces=pieces) == whole


def joined(vector: Vector, data: bytes) -> bytes:
    """What its frame keeps: in the segmented one not the flag between the segments, which is the second one's first."""
    return data[: len(data) - vector.end]


@pytest.mark.parametrize("vector", FRAMED, ids=lambda v: v.name)
def test_octets_left_over_cost_a_vector_nothing(vector: Vector) -> None:
    data = vector.octets
    framer = Framer()
    events = feed(framer, b"\x00\xff noise\x00" + data + b"\xff\x00\x55")
    assert frames(events) == frames(find(data))
    assert not reasons(events)
    assert framer.noise == len(b"\x00\xff noise\x00") + 3


@pytest.mark.parametrize("vector", FRAMED, ids=lambda v: v.name)
def test_one_bit_flipped_anywhere_never_gives_a_verified_frame_of_other_octets(vector: Vector) -> None:
    """But whole frames of a message that is none any more."""
    data = vector.octets
    good = set(frames(find(data)))
    for at in range(len(data)):
        for bit in range(8):
            events = find(data[:at] + bytes((data[at] ^ 1 << bit,)) + data[at + 1 :])
            for event in events:
                if isinstance(event, Frame) and (event.verified or vector.verified):
                    whole = event.data in good or event.data.lower() in {known.lower() for known in good}
                    assert whole or any(event.data in known and not complete(event) for known in good)


@pytest.mark.parametrize("vector", [v for v in FRAMED if v.verified], ids=lambda v: v.name)
def test_a_frame_cut_short_does_not_take_the_next_with_it(vector: Vector) -> None:
    data = vector.octets
    good = frames(find(data))
    for cut in (len(data) // 3, len(data) // 2, len(data) - vector.end - 1):
        events = find(data[:cut] + data)
        assert [event.data for event in events if complete(event)] == good, cut
        assert reasons(events), cut


# --- telegrams


def test_a_telegram_may_begin_in_mid_line() -> None:
    events = find(b"1-0:2.7.0(00" + TELEGRAM)
    assert frames(events) == [text(TELEGRAM)]
    assert not reasons(events)


def test_a_telegram_that_breaks_off_ends_where_the_next_one_begins() -> None:
    start = b"/ISK5\\2M550T-1012\r\n\r\n1-0:1.7.0(00.111*kW)\r\n1-0:32.32.0(0"
    for restart in (b"", b"\r\n"):
        events = find(start + restart + TELEGRAM)
        assert events == [
            BadFrame("p1", start + restart, RECEIVED_AT, "cut off"),
            Frame("p1", text(TELEGRAM), RECEIVED_AT),
        ]


def test_a_second_slash_in_the_identification_is_part_of_it() -> None:
    data = telegram(ROW, identification="/HLY5/D545-METER")
    assert frames(find(data)) == [text(data)]
    assert not reasons(find(data))


@pytest.mark.parametrize("identification", ["/KAM5", "/ADN9 6534", "/ELL5\\253833635_A", "/NES5:83335-3E", "/NWA-X"])
def test_identification_lines_of_the_wild_begin_a_telegram(identification: str) -> None:
    data = telegram(ROW, identification=identification)
    assert frames(find(data)) == [text(data)]


def test_only_an_exclamation_mark_at_a_line_start_or_behind_a_bracket_ends_a_telegram() -> None:
    data = telegram("1-0:1.8.1(000095.052*kWh!", "0-0:96.13.0(Hello! World)", ROW)
    assert frames(find(data)) == [text(data)]
    glued = b"/TST5\r\n\r\n1-0:71.7.0(123.1*A)!"
    assert frames(find(with_checksum(glued))) == [glued + b"%04X" % arc_by_bits(glued)]


def test_a_checksum_may_lack_its_leading_zero_or_be_in_lower_case() -> None:
    good = octets("v3")
    assert frames(find(good.replace(b"!0DA2", b"!DA2"))) == [text(good).replace(b"!0DA2", b"!DA2")]
    assert frames(find(good.replace(b"!0DA2", b"!0da2"))) == [text(good).replace(b"!0DA2", b"!0da2")]
    assert not frames(find(octets("v1").replace(b"!F4EA", b"!4EA")))


def test_a_short_checksum_at_the_end_of_what_arrived_waits_for_the_rest() -> None:
    framer = Framer()
    assert feed(framer, octets("v3")[:-4], quiet=False) == []  # !0D
    assert frames(feed(framer, b"A2\r\n")) == [text(octets("v3"))]


def test_line_feeds_alone_make_the_checksum_wrong() -> None:
    events = find(octets("v2").replace(b"\r\n", b"\n"))
    assert reasons(events) == ["checksum"]
    assert not frames(events)


def test_a_telegram_without_a_checksum_is_taken_by_its_form_and_called_unverified() -> None:
    events = find(WITHOUT * 3)
    assert [event for event in events if isinstance(event, Frame) and not event.verified] == events
    assert frames(events) == [text(WITHOUT)] * 3


@pytest.mark.parametrize(
    "rows",
    [
        ("1-3:0.2.8(50)", ROW),  # DSMR 5 has a checksum
        ("1-3:0.2.8(42)", ROW),
        ("0-0:96.1.4(50217)", ROW),
        ("*kW)", ROW),
        ("1-021.7.0(00.000*kW", ROW),
        ("1-0:1.7.0(00", "/TST5", ROW),
        (),
    ],
    ids=["version 50", "version 42", "Belgian version", "half a row", "no bracket", "another begins", "no rows"],
)
def test_a_telegram_without_a_checksum_is_refused_where_anything_speaks_against_it(rows: tuple[str, ...]) -> None:
    events = find(telegram(*rows, checksum=False))
    assert len(frames(events)) == ("/TST5" in rows)
    assert reasons(events)


@pytest.mark.parametrize("version", ["1-3:0.2.8(22)", "1-3:0.2.8(30)"])
def test_an_older_version_needs_no_checksum(version: str) -> None:
    assert len(frames(find(telegram(version, ROW, checksum=False)))) == 1


def test_a_port_that_has_sent_a_checksum_must_go_on_sending_it() -> None:
    framer = Framer()
    assert not framer.checksummed
    assert frames(feed(framer, TELEGRAM)) == [text(TELEGRAM)]
    assert framer.checksummed
    assert reasons(feed(framer, WITHOUT)) == ["checksum"]
    assert reasons(feed(Framer(checksummed=True), WITHOUT)) == ["checksum"]


def test_a_damaged_first_digit_does_not_make_a_checksum_missing() -> None:
    assert reasons(find(octets("v1").replace(b"!F4EA", b"!G4EA"))) == ["checksum"]


def test_forms_that_need_no_checksum_pass_without_one() -> None:
    rows = (
        "0-1:24.3.0(090212160000)(00)(60)(1)(0-1:24.2.1)(m3)",
        "(00001.001)",
        "1.8.0(0000010*kwh)",
        "F.F(00000000)",
        "1-0:0.2.0((ER11))",
        "1-0:1.8.0*255(00032549.5061662*kWh)",
        "1.6.0*01(0.000*kW)(00000101000000)",
        "0-0:96.13.0()",
    )
    data = telegram(*rows, checksum=False)
    assert frames(find(data + b"  25818685\r\nDE0000000000003\r\n" + b"\xff" * 20)) == [text(data)]


def test_a_telegram_longer_than_any_is_given_up() -> None:
    endless = b"/TST5\r\n\r\n" + b"0-0:96.13.0(" + b"F" * 20_000
    events = find(endless + b"\r\n" + TELEGRAM)
    assert reasons(events) == ["length"]
    assert frames(events) == [text(TELEGRAM)]
    assert find(endless + b"\r\n" + TELEGRAM, pieces=100) == events


def test_binary_octets_end_a_telegram_at_once() -> None:
    framer = Framer()
    events = feed(framer, b"/TST5\r\n\r\n1-0:1.7.0(00\x00\x00" + hdlc(APDU), quiet=False)
    assert reasons(events) == ["octets"]
    assert frames(events) == [hdlc(APDU)[:-1]]


# --- seven data bits


def test_seven_bits_read_as_eight_are_recognised_by_their_parity() -> None:
    data = even_parity(octets("v2"))
    assert find(data) == [Frame("p1", data[:-2], RECEIVED_AT)]
    assert find(data, pieces=1) == find(data)


def test_an_octet_with_odd_parity_is_damage() -> None:
    data = bytearray(even_parity(telegram(ROW, checksum=False)))
    assert find(bytes(data)) == [Frame("p1", bytes(data[:-2]), RECEIVED_AT, verified=False)]
    data[20] ^= 0x80
    assert reasons(find(bytes(data))) == ["parity"]


def test_seven_bits_survive_restarts_and_length_as_eight_do() -> None:
    good = even_parity(TELEGRAM)
    assert frames(find(good[:20] + good)) == [good[:-2]]
    assert frames(find(even_parity(b"/TST5\r\n\r\n(" + b"F" * 17_000) + b"\x8d\n" + good)) == [good[:-2]]


# --- block check character


def test_a_block_check_character_is_checked() -> None:
    good = octets("v5")
    for data in (good, b"/KAM5\r\n" + good):
        assert find(data) == [Frame("p1", data, RECEIVED_AT)]
        assert find(data, pieces=1) == find(data)
        assert find(even_parity(data)) == [Frame("p1", even_parity(data), RECEIVED_AT)]
        assert not frames(find(data[:-1] + b"Q"))
    assert not frames(find(b"/KAM5\r\n" + good[:-2] + b"\r\n"))


# --- HDLC


def test_flags_and_escapes_inside_a_frame_are_data() -> None:
    frame = hdlc(APDU[:-4] + b"\x7e\x7d\x7e\x7e")
    assert frames(find(frame)) == [frame[:-1]]


def test_a_frame_is_delivered_before_its_closing_flag_has_come() -> None:
    framer = Framer()
    assert frames(feed(framer, hdlc(APDU)[:-1], quiet=False)) == [hdlc(APDU)[:-1]]
    assert feed(framer, b"\x7e", quiet=True) == []
    assert framer.noise == 0


def test_one_flag_between_two_frames_closes_the_one_and_opens_the_other() -> None:
    frame = hdlc(APDU)
    assert frames(find(frame[:-1] * 3 + b"\x7e")) == [frame[:-1]] * 3


def test_a_flag_that_is_shared_long_after_does_not_date_the_second_frame_back() -> None:
    framer = Framer()
    feed(framer, hdlc(APDU))
    assert feed(framer, hdlc(APDU)[1:], at=later(10)) == [Frame("hdlc", hdlc(APDU)[:-1], later(10))]


def test_a_frame_is_received_when_its_first_octet_is() -> None:
    framer = Framer()
    feed(framer, TELEGRAM[:30], quiet=False)
    [frame] = feed(framer, TELEGRAM[30:], at=later(1))
    assert frame.received_at == RECEIVED_AT


@pytest.mark.parametrize("reads", [2, 3, 5, 20])
@pytest.mark.parametrize("before", [b"", b"noise\r\n", TELEGRAM])
def test_a_telegram_in_many_reads_is_received_at_the_first(reads: int, before: bytes) -> None:
    framer = Framer()
    feed(framer, before, quiet=False)
    size = len(TELEGRAM) // reads + 1
    starts = range(0, len(TELEGRAM), size)
    [frame] = [
        event
        for second, start in enumerate(starts, 1)
        for event in feed(framer, TELEGRAM[start : start + size], quiet=False, at=later(second))
    ]
    assert frame.received_at == later(1)
    [after] = feed(framer, TELEGRAM, quiet=False, at=later(100))
    assert after.received_at == later(100)


def test_a_message_memory_of_octets_ff_is_part_of_a_telegram() -> None:
    text = b"/TST5\r\n\r\n1-0:1.7.0(1*kW)\r\n0-0:96.13.0(" + b"\xff" * 1024 + b")\r\n!"
    for data in (with_checksum(text), text + b"\r\n"):
        assert frames(find(data)) == [data.rstrip()]


def test_a_wrong_length_or_header_is_told_from_a_wrong_frame_check() -> None:
    frame = bytearray(hdlc(APDU))
    frame[2] ^= 1
    assert reasons(find(bytes(frame))) == ["header"]
    frame[2] ^= 1
    frame[15] ^= 1
    assert reasons(find(bytes(frame))) == ["checksum"]
    assert reasons(find(hdlc(APDU)[:11])) == ["unfinished"]


def test_a_false_start_inside_a_damaged_frame_is_not_counted_again() -> None:
    inner = hdlc(APDU)
    damaged = bytearray(hdlc(b"\xe6\xe7\x00\x0f" + inner[:12] + b"\x55" * 40))
    damaged[-10] ^= 1
    events = find(bytes(damaged) + hdlc(APDU))
    assert reasons(events) == ["checksum"]
    assert frames(events) == [hdlc(APDU)[:-1]]


def test_a_good_frame_inside_a_damaged_one_is_found() -> None:
    inner = hdlc(APDU)
    broken = bytearray(hdlc(b"\xe6\xe7\x00\x0f" + inner + b"\x55" * 40))
    broken[-10] ^= 1
    events = find(bytes(broken))
    assert frames(events) == [inner[:-1]]


def segments(*informations: bytes) -> list[bytes]:
    last = len(informations) - 1
    return [hdlc(information, segmented=at < last) for at, information in enumerate(informations)]


def test_segments_are_joined_into_one_frame() -> None:
    first, second, third = segments(APDU[:9], APDU[9:12], APDU[12:])
    assert frames(find(first + second + third)) == [first[:-1] + second[:-1] + third[:-1]]


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_damaged_segment_costs_its_message_and_no_other(lost: int) -> None:
    parts = segments(APDU[:9], APDU[9:12], APDU[12:])
    parts[lost] = parts[lost][:-4] + bytes((parts[lost][-4] ^ 1,)) + parts[lost][-3:]
    stream = b"".join(parts) + hdlc(APDU)
    assert messages(stream) == [hdlc(APDU)[:-1]]
    assert reasons(find(stream)) == ["checksum"]
    kept = b"".join(frames(find(stream)))
    assert [part[:-1] in kept for part in parts] == [at != lost for at in range(3)]


def test_a_segment_whose_start_is_lost_costs_its_message() -> None:
    first, second, third = segments(APDU[:9], APDU[9:12], APDU[12:])
    stream = first + b"\x7d" + second[1:] + third
    assert frames(find(stream)) == [first[:-1], third[:-1]]
    assert not messages(stream)


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_of_a_message_with_a_missing_segment_every_other_is_kept(lost: int) -> None:
    parts = segments(APDU[:9], APDU[9:12], APDU[12:])
    del parts[lost]
    stream = b"".join(parts) + hdlc(APDU)
    assert b"".join(frames(find(stream))) == b"".join(part[:-1] for part in parts) + hdlc(APDU)[:-1]
    if lost != 1:  # nothing numbers segments: without the middle one it is a message that cannot be read
        assert messages(stream) == [hdlc(APDU)[:-1]]


def test_a_lone_first_segment_is_given_when_the_line_falls_quiet() -> None:
    first = segments(APDU[:9], APDU[9:])[0]
    framer = Framer()
    assert feed(framer, first, quiet=False) == []
    assert framer.waiting == len(first)
    assert feed(framer, b"") == [Frame("hdlc", first[:-1], RECEIVED_AT)]
    assert framer.waiting == 1
    assert not messages(first)


def test_segments_of_two_meters_are_not_joined() -> None:
    first = hdlc(APDU[:9], segmented=True)
    second = hdlc(APDU[9:], header=b"\x01\x02\x01\x10")
    assert frames(find(first + second)) == [first[:-1], second[:-1]]
    assert not messages(first + second)


def test_segments_that_repeat_their_llc_are_joined_without_it() -> None:
    stream = b"".join(segments(APDU[:9], APDU[:3] + APDU[9:]))
    [event] = find(stream)
    assert isinstance(event, Frame)
    assert extract_content(event) == APDU[3:]


@pytest.mark.parametrize(
    "information",
    [
        b"\xe6\xe7\x00\xc4\x01\xc1\x00",
        b"\xe6\xe7\x00\x0e\x01\x01",
        b"\x81\x80\x14\x05\x02",
        b"\xe6\xe8\x00\x0f",
        b"\xe0\x40\x00",
    ],
)
def test_a_frame_of_a_kind_that_cannot_be_read_is_kept(information: bytes) -> None:
    frame = hdlc(information)
    assert find(frame * 2) == [Frame("hdlc", frame[:-1], RECEIVED_AT)] * 2
    assert not messages(frame)


PUSH = APDU[3:]


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        (hdlc(PUSH), "LLC 0f4000, or whose first segment is missing"),
        (hdlc(b"\xe6\xe8\x00" + PUSH), "LLC e6e800"),
        (hdlc(APDU[:9], segmented=True), "last segment is missing"),
        (hdlc(b"\xe6\xe7\x00\xc4\x01"), "tag c4"),
        (hdlc(b"\xe6\xe7\x00\x02\x01\x06\0\0\4\xd2"), "tag 02"),
        (hdlc(b"\xe6\xe7\x00\xe0\x80\0\2\0\0\1\x0f"), "block 1 is missing"),
        (hdlc(b"\xe6\xe7\x00\xe0\x00\0\1\0\0\1\x0f"), "block 2 is missing"),
        (hdlc(b"\xe6\xe7\x00\xe0\x80\0\1\0\0\5\x0f"), "block of a general block transfer that is cut short"),
        (mbus(PUSH, 0x00), "part 1 is missing"),
        (mbus(PUSH, 0x11), "part 0 is missing"),
        (mbus(PUSH, 0x7A), "CI 7a"),
    ],
)
def test_what_is_missing_or_unknown_is_said(stream: bytes, words: str) -> None:
    [event] = find(stream)
    assert isinstance(event, Frame)
    with pytest.raises(DecodeError, match=words):
        extract_content(event)


def command(control: int, header: bytes = b"\x41\x03") -> bytes:
    """RR, SNRM, UA, DISC …: a frame without information."""
    content = (0xA000 | 2 + len(header) + 1 + 2).to_bytes(2, "big") + header + bytes((control,))
    return b"\x7e" + content + x25_by_bits(content) + b"\x7e"


def test_a_command_of_the_link_is_kept_once_and_then_counted() -> None:
    stream = command(0x93) + command(0x11) * 50 + hdlc(APDU) + command(0x11)
    framer = Framer()
    events = feed(framer, stream)
    assert frames(events) == [command(0x93)[:-1], command(0x11)[:-1], hdlc(APDU)[:-1]]
    assert not framer.noise
    assert sum(len(event.data) for event in events) + framer.closing + framer.waiting == len(stream)
    assert messages(stream) == [hdlc(APDU)[:-1]]


def test_however_many_commands_there_are_few_are_kept() -> None:
    stream = b"".join(command(control) for control in range(256))
    assert len(find(stream)) == 16


def test_a_command_that_is_damaged_is_noise() -> None:
    damaged = bytearray(command(0x93))
    damaged[5] ^= 1
    framer = Framer()
    assert feed(framer, bytes(damaged)) == []
    assert framer.noise > 7


def test_commands_between_its_segments_cost_a_message_nothing() -> None:
    first, second = segments(APDU[:9], APDU[9:])
    assert messages(first + command(0x31, b"\x03\x41") + second) == [first[:-1] + second[:-1]]


# --- general block transfer

TRANSFER = APDU[3:]


def block(number: int, data: bytes, *, last: bool = False, llc: bool = True, control: int = 0) -> bytes:
    head = bytes((0xE0, control | (0x80 if last else 0))) + number.to_bytes(2, "big") + b"\x00\x00"
    return (b"\xe6\xe7\x00" if llc else b"") + head + bytes((len(data),)) + data


def blocks(*datas: bytes, llc: bool = True, control: int = 0) -> list[bytes]:
    """Each in a frame of its own; only the first one with LLC, if not all."""
    return [
        hdlc(block(number, data, last=number == len(datas), llc=llc or number == 1, control=control))
        for number, data in enumerate(datas, 1)
    ]


def carried(stream: bytes) -> list[bytes]:
    return [extract_content(event) for event in find(stream) if isinstance(event, Frame) and complete(event)]


@pytest.mark.parametrize("llc", [True, False])
@pytest.mark.parametrize("control", [0x00, 0x40, 0x3F])
def test_blocks_of_a_general_block_transfer_are_joined_by_number(llc: bool, control: int) -> None:
    parts = blocks(TRANSFER[:5], TRANSFER[5:9], TRANSFER[9:], llc=llc, control=control)
    assert frames(find(b"".join(parts))) == [b"".join(part[:-1] for part in parts)]
    assert carried(b"".join(parts) * 2) == [TRANSFER] * 2


def test_of_any_number_of_blocks_each_is_joined() -> None:
    data = bytes((0x0F,)) + bytes(at & 0xFF for at in range(599))
    parts = blocks(*(data[at : at + 2] for at in range(0, 600, 2)))
    assert len(parts) == 300
    assert carried(b"".join(parts)) == [data]


def test_one_block_alone_is_a_message() -> None:
    assert carried(blocks(TRANSFER)[0]) == [TRANSFER]


def test_blocks_that_are_lost_or_in_disorder_cost_their_message_and_no_other() -> None:
    one, two, three = blocks(TRANSFER[:5], TRANSFER[5:9], TRANSFER[9:])
    for order in ((one, three), (one, three, two), (two, three), (one, two), (two, one, three), (three, two, one)):
        stream = b"".join(order)
        assert b"".join(frames(find(stream))) == b"".join(part[:-1] for part in order), "nothing is thrown away"
        assert not carried(stream)
        assert carried(stream + one + two + three) == [TRANSFER]


def test_a_block_that_comes_twice_counts_once() -> None:
    one, two, three = blocks(TRANSFER[:5], TRANSFER[5:9], TRANSFER[9:])
    assert carried(one + one + two + two + three) == [TRANSFER]
    other = hdlc(block(2, b"\x55" * 4))
    assert not carried(one + two + other + three)


def test_a_transfer_that_begins_anew_leaves_nothing_of_the_one_before() -> None:
    old = blocks(b"\x0f" + b"\x55" * 4, b"\x55" * 4, b"\x55" * 6)
    one, two, three = blocks(TRANSFER[:5], TRANSFER[5:9], TRANSFER[9:])
    assert carried(old[0] + old[1] + one + two + three) == [TRANSFER]


def test_a_block_may_come_in_segments() -> None:
    first, second = block(1, TRANSFER[:9]), block(2, TRANSFER[9:], last=True)
    parts = [*segments(first[:12], first[12:16], first[16:]), *segments(second[:13], second[13:])]
    assert carried(b"".join(parts)) == [TRANSFER]
    for lost in range(5):
        assert not carried(b"".join(part for at, part in enumerate(parts) if at != lost))


@pytest.mark.parametrize("first", [0x0F, 0xDB])
def test_a_segment_that_begins_like_an_apdu_is_a_segment(first: int) -> None:
    data = TRANSFER + bytes((first,)) * 9
    cut = len(TRANSFER)
    assert carried(b"".join(segments(b"\xe6\xe7\x00" + data[:cut], data[cut:]))) == [data]
    lone = hdlc(data[cut:], segmented=True)
    assert feed(Framer(), lone, quiet=False) == [Frame("hdlc", lone[:-1], RECEIVED_AT)], "no message begins with it"


def test_a_segment_that_looks_like_a_block_is_a_segment() -> None:
    data = TRANSFER + b"\xe0\x80\x00\x01\x00\x00\x00" + b"\x00" * 3
    cut = len(TRANSFER)
    assert carried(b"".join(segments(b"\xe6\xe7\x00" + data[:cut], data[cut:]))) == [data]


LLC = b"\xe6\xe7\x00"
LIKE_AN_APDU = {
    "notification": "0f4000000002020f",
    "with a time": "0f400000000c160a0f1e",
    "ciphered": "db08020316ff09060100",
    "one octet of it": "db",
    "a block": "e0800001000000000000",
    "another block": "e040000302020fff161b",
    "an empty block": "e08000010000000f0000",
}


@pytest.mark.parametrize("rest", LIKE_AN_APDU.values(), ids=LIKE_AN_APDU.keys())
def test_a_segment_with_llc_that_begins_like_an_apdu_is_a_segment(rest: str) -> None:
    """Some stacks send LLC with each segment, and any octet of a value may be the first behind it."""
    octets = bytes.fromhex(rest)
    for behind in ([octets], [octets * 2, octets]):
        stream = b"".join(segments(*[LLC + data for data in (TRANSFER, *behind)]))
        assert carried(stream) == [b"".join((TRANSFER, *behind))]


@pytest.mark.parametrize("again", [APDU, LLC + b"\xdb\x08TST\x01\x02\x03\x04\x05\x07\x20\0\0\0\x2a\x11\x22"])
def test_a_message_behind_one_that_lacks_its_last_segment_is_a_message(again: bytes) -> None:
    first = segments(LLC + TRANSFER, LLC + TRANSFER)[0]
    assert frames(find(first + hdlc(again))) == [first[:-1], hdlc(again)[:-1]]
    assert frames(find(first + b"".join(segments(again[:12], again[12:])))) == [
        first[:-1],
        b"".join(segments(again[:12], again[12:]))[:-1].replace(b"\x7e\x7e", b"\x7e"),
    ]


def test_a_transfer_without_end_is_given_up() -> None:
    data = bytes(100)
    stream = b"".join(hdlc(block(number, data)) for number in range(1, 2000))
    framer = Framer()
    events = feed(framer, stream, quiet=False)
    assert max(len(event.data) for event in events) < 70_000
    assert sum(len(event.data) for event in events) + framer.closing + framer.waiting == len(stream)


# --- M-Bus


def test_long_frames_are_joined_by_their_number() -> None:
    whole = mbus(b"\xdb\x08" + bytes(30), 0x00) + mbus(bytes(20), 0x11)
    assert find(whole) == [Frame("mbus", whole, RECEIVED_AT)]
    for parts in ((0x11,), (0x00,), (0x00, 0x12), (0x00, 0x02, 0x11), (0x01, 0x00, 0x12)):
        stream = b"".join(mbus(bytes(20), part) for part in parts)
        assert b"".join(frames(find(stream))) == stream
        assert not messages(stream)


def test_three_long_frames_and_more_are_one_message() -> None:
    for number in (3, 16):
        parts = [mbus(bytes((at,)) * 5, at | (0x10 if at == number - 1 else 0)) for at in range(number)]
        assert frames(find(b"".join(parts))) == [b"".join(parts)]
        assert carried(b"".join(parts)) == [b"".join(bytes((at,)) * 5 for at in range(number))]
        del parts[1]
        assert not carried(b"".join(parts))


@pytest.mark.parametrize("number", [17, 18, 40])
def test_the_number_of_a_long_frame_begins_again_behind_the_sixteenth(number: int) -> None:
    parts = [mbus(bytes((at,)) * 5, at % 16 | (0x10 if at == number - 1 else 0)) for at in range(number)]
    assert carried(b"".join(parts) * 2) == [b"".join(bytes((at,)) * 5 for at in range(number))] * 2


@pytest.mark.parametrize("control_information", [0xFF, 0x20, 0x72, 0x51])
def test_a_long_frame_with_other_control_information_is_kept(control_information: int) -> None:
    frame = mbus(b"\x0f" + bytes(20), control_information)
    assert frames(feed(Framer(), frame, quiet=False)) == [frame], "and nothing more is waited for"
    assert find(frame * 2) == [Frame("mbus", frame, RECEIVED_AT)] * 2
    assert not messages(frame)


@pytest.mark.parametrize("control", [0x08, 0x18, 0x28, 0x38, 0x53, 0x73])
def test_a_long_frame_that_answers_a_request_is_kept(control: int) -> None:
    content = bytes((control, 1, 0x72)) + bytes(20)
    frame = b"\x68\x17\x17\x68" + content + bytes((sum(content) & 0xFF, 0x16))
    assert frames(find(frame)) == [frame]


def test_the_shortest_long_frame_has_control_information_alone() -> None:
    frame = b"\x68\x03\x03\x68\x53\xfe\xbd" + bytes((0x53 + 0xFE + 0xBD & 0xFF, 0x16))
    assert frames(find(frame * 2)) == [frame] * 2
    assert not messages(frame)


def test_blocks_are_joined_in_long_frames_too() -> None:
    parts = [block(1, TRANSFER[:9], llc=False), block(2, TRANSFER[9:], last=True, llc=False)]
    assert carried(b"".join(map(mbus, parts))) == [TRANSFER]
    rest = b"\xe0\x80\0\1\0\0\3abc"
    assert carried(mbus(TRANSFER, 0x00) + mbus(rest, 0x11)) == [TRANSFER + rest], "the rest only looks like a block"
    first, second = parts
    cut = mbus(first[:8], 0x00) + mbus(first[8:], 0x11) + mbus(second)
    assert carried(cut) == [TRANSFER]
    assert not carried(mbus(second))


def test_a_length_that_wrapped_is_read_as_what_it_was() -> None:
    frame = mbus(bytes(252))
    assert frame.startswith(b"\x68\x01\x01\x68")
    assert frames(find(frame)) == [frame]


def test_a_false_start_costs_its_first_octet_only() -> None:
    frame = mbus(bytes(20))
    assert frames(find(b"\x68\x68\x68" + frame)) == [frame]
    assert frames(find(b"\x68\x30\x30\x68\x53" + frame + frame)) == [frame, frame]


# --- ciphered, without a frame


CIPHERED = octets("v20-apdu")


def test_ciphered_messages_on_the_bare_line_are_framed_by_their_length() -> None:
    events = find(b"\x55\xaa" + CIPHERED * 2)
    assert events == [Frame("dlms", CIPHERED, RECEIVED_AT, verified=False)] * 2


def test_what_only_looks_like_a_ciphered_message_is_noise() -> None:
    for data in (
        CIPHERED[:11] + b"\x10" + CIPHERED[12:],  # authenticated, not encrypted
        CIPHERED[:2] + b"\x01" + CIPHERED[3:],  # no letter
        CIPHERED[:10] + b"\x03" + CIPHERED[11:],  # too short for anything
        CIPHERED[:10] + b"\x84" + CIPHERED[11:],  # a length of five octets
    ):
        assert data != CIPHERED
        assert find(data) == []


def test_a_ciphered_message_inside_damage_is_not_dug_out() -> None:
    for whole in (octets("v20-hdlc"), octets("v20-mbus")):
        damaged = whole[:30] + bytes((whole[30] ^ 1,)) + whole[31:]
        assert not messages(damaged)
        assert not messages(b"\x00" + whole[1:]), "nor behind the header of a frame whose start is lost"


def polish(cipher: bytes, *, gap: bytes = b"\r\n") -> bytes:
    head = b"/ELG5GAMA350\r\n\r\n\x00\x82" + (len(cipher) + 5).to_bytes(2, "big") + b"\x30\x00\x00\x00\x2a"
    data = head + cipher + gap + b"!"
    return with_checksum(data)


@pytest.mark.parametrize("gap", [b"", b"\r\n"])
def test_a_telegram_that_is_ciphered_inside_is_framed_by_its_length(gap: bytes) -> None:
    data = polish(b"\r\n!0000\r\n/ABC5\r\n)!" + bytes(range(256)), gap=gap)
    assert find(data) == [Frame("p1", data[:-2], RECEIVED_AT)]
    assert find(data, pieces=1) == find(data)
    assert reasons(find(data.replace(b"\x80\x81", b"\x80\x82"))) == ["checksum"]


# --- all together


def test_one_port_may_carry_every_format() -> None:
    parts = [TELEGRAM, hdlc(APDU), mbus(bytes(20)), CIPHERED, OTHER]
    assert [event.format for event in find(b"".join(parts))] == ["p1", "hdlc", "mbus", "dlms", "p1"]


def test_every_octet_is_accounted_for() -> None:
    damaged = TELEGRAM.replace(b"1.234", b"1.235")
    stream = b"noise" + TELEGRAM + damaged + hdlc(APDU) + b"\x00\x01" + hdlc(APDU)[:20]
    framer = Framer()
    events = feed(framer, stream)
    inside = sum(len(event.data) for event in events)
    assert reasons(events) == ["checksum", "unfinished"]
    assert inside + framer.noise + framer.closing + framer.waiting == len(stream)


def test_every_reason_is_one_that_is_explained() -> None:
    assert {"checksum", "header", "cut off", "unfinished", "form", "octets", "parity", "length"} < set(REASONS)


def test_an_empty_chunk_before_anything_else_is_nothing() -> None:
    assert Framer().feed(Chunk(b"", RECEIVED_AT)) == []


# --- checks


@pytest.mark.parametrize("size", [0, 1, 2, 3, 15, 16, 17, 255, 704, 705, 1489, 16_384, 40_000])
def test_the_checksum_of_a_telegram_agrees_with_one_made_bit_by_bit(size: int) -> None:
    data = bytes((at * 151 + at // 7) & 0xFF for at in range(size))
    assert calculate_arc(data) == arc_by_bits(data)


def test_the_checks_give_their_published_check_values() -> None:
    assert calculate_arc(b"123456789") == 0xBB3D
    assert ends_with_x25(b"123456789" + (0x906E).to_bytes(2, "little"))
    assert not ends_with_x25(b"123456789" + (0x906F).to_bytes(2, "little"))
    assert x25_by_bits(b"123456789") == (0x906E).to_bytes(2, "little")


def test_a_holleys_telegram_is_proved_by_the_other_check() -> None:
    text = TELEGRAM[: TELEGRAM.index(b"!") + 1].replace(b"/TST5", b"/HLY5/D545-METER")
    good = text + b"%04X\r\n" % int.from_bytes(x25_by_bits(text), "little")
    assert frames(find(good)) == [good.removesuffix(b"\r\n")]
    assert reasons(find(good.replace(b"1.234", b"1.235"))) == ["checksum"]


def test_an_identification_may_lack_its_makers_letters() -> None:
    text = TELEGRAM[: TELEGRAM.index(b"!") + 1].replace(b"/TST5", b"/\\2MSZ314X")
    good = with_checksum(text)
    for pieces in (1, 3, len(good)):
        assert frames(find(good, pieces=pieces)) == [good.removesuffix(b"\r\n")]


@pytest.mark.parametrize("size", [256, 257, 259, 260, 300, 511])
def test_the_length_of_a_long_frame_wraps_at_256(size: int) -> None:
    body = b"\x53\xff\x10\x01\x67" + bytes(at * 7 & 0xFF for at in range(size - 5))
    frame = bytes((0x68, size & 0xFF, size & 0xFF, 0x68)) + body + bytes((sum(body) & 0xFF, 0x16))
    for pieces in (1, 10, len(frame)):
        assert frames(find(frame + frame, pieces=pieces)) == [frame, frame]


def test_a_damaged_long_frame_does_not_take_the_next_with_it() -> None:
    body = b"\x53\xff\x10\x01\x67" + bytes(30)
    frame = bytes((0x68, 35, 35, 0x68)) + body + bytes((sum(body) & 0xFF, 0x16))
    damaged = frame[:12] + b"\x01" + frame[13:]
    assert frames(find(damaged + frame)) == [frame]
