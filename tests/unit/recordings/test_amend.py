"""Amending: every message of every framing and length comes back octet for octet, or changed with right checksums."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanlogger.decoding import decode, link
from hanlogger.errors import CaptureError
from hanlogger.framing import find_all
from hanlogger.model import Chunk, Frame, Key
from hanlogger.recordings.amend import amend, extract_content, find, make_edits, replace, unwrap_cipher
from hanlogger.recordings.redact import redact
from hanlogger.recordings.replay import shift_clocks
from tests.support.axdr import array, code, date_time, notification, octets, structure, u32
from tests.support.families import FAMILY_FIXTURES, Fixture
from tests.support.octets import arc, even_parity, frames, hdlc, mbus, telegram, x25
from tests.support.octets import find as found_in
from tests.support.vectors import VECTORS, Vector

AT = datetime(2026, 1, 14, 14, 4, 10, tzinfo=UTC)
CLOCK = datetime(2026, 1, 14, 15, 4, 10)  # noqa: DTZ001
NUMBER = b"A1234567890123"
LLC = b"\xe6\xe7\x00"


def push(filler: int) -> bytes:
    """The number of a meter, its clock, a reading, and a text of so many octets."""
    size = bytes((filler,)) if filler < 128 else b"\x82" + filler.to_bytes(2, "big")
    rows = [
        structure(code("0-0:96.1.0"), octets(NUMBER)),
        structure(code("0-0:1.0.0"), octets(date_time(CLOCK))),
        structure(code("1-0:1.8.0"), u32(123456)),
        structure(code("0-0:96.13.0"), b"\x09" + size + b"B" * filler),
    ]
    return notification(structure(*rows))


def printed(filler: int) -> bytes:
    rows = ("0-0:1.0.0(260114150410W)", f"0-0:96.1.0({NUMBER.hex()})", f"0-0:96.13.0({'42' * filler})")
    return telegram(*rows, identification=r"/TST5\253833635")


FRAMINGS: dict[str, tuple[Callable[[int], bytes], int]] = {
    "hdlc": (lambda filler: hdlc(LLC + push(filler)), 1920),
    "two segments": (
        lambda filler: hdlc(LLC + push(filler)[:77], segmented=True)[:-1] + hdlc(push(filler)[77:]),
        1920,
    ),
    "mbus": (lambda filler: mbus(push(filler)), 380),
    "two mbus frames": (lambda filler: mbus(push(filler)[:60], 0x00) + mbus(push(filler)[60:], 0x11), 380),
    "mbus, the first one wrapped": (
        lambda filler: mbus(push(filler + 260)[:300], 0x00) + mbus(push(filler + 260)[300:], 0x11),
        120,
    ),
    "p1": (printed, 1023),
}


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_message_of_any_length_is_found_redacted_and_moved_to_another_time(framing: str) -> None:
    make, longest = FRAMINGS[framing]
    for filler in (*range(min(300, longest)), *range(300, longest, 7), longest - 1):
        stream = make(filler)
        chunks = [Chunk(stream, AT)]
        (one,) = find(chunks)
        assert octets_of(replace(chunks, make_edits(one, amend(one.frame, lambda same: same)))) == stream, filler

        hidden = octets_of(redact(chunks))
        assert (len(hidden), len(found_in(hidden)), len(frames(found_in(hidden)))) == (len(stream), 1, 1), filler
        assert not any(text in hidden for text in (NUMBER, NUMBER.hex().encode(), b"253833635")), filler

        moved = shift_clocks(chunks, AT + timedelta(days=3), 1)
        assert (moved.moved, moved.without, moved.unreadable) == (1, 0, 0), filler
        (later,) = (event for event in find_all(octets_of(moved.chunks), AT) if isinstance(event, Frame))
        clock = decode(later).clock
        assert clock is not None, filler
        assert clock.local == CLOCK + timedelta(days=3), filler


def unchanged(octets: bytes) -> bytes:
    return octets


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_a_vector_with_nothing_changed_is_as_it_was(vector: Vector) -> None:
    [frame] = find_all(vector.octets, AT)
    assert isinstance(frame, Frame)
    assert amend(frame, unchanged) == frame.data


@pytest.mark.parametrize("fixture", FAMILY_FIXTURES, ids=lambda fixture: fixture.name)
def test_a_message_of_a_family_with_nothing_changed_is_as_it_was(fixture: Fixture) -> None:
    for frame in fixture.frames:
        assert amend(frame, unchanged) == frame.data


def in_segments(data: bytes) -> bytes:
    return hdlc(LLC + data[:100], segmented=True)[:-1] + hdlc(data[100:])


def in_hdlc_blocks(data: bytes) -> bytes:
    return b"".join(hdlc((LLC if at == 0 else b"") + one) for at, one in enumerate(in_blocks(data, size=110)))


def in_long_frames(data: bytes) -> bytes:
    starts = range(0, max(len(data), 1), 245)
    return b"".join(mbus(data[at : at + 245], at // 245 | 0x10 * (at + 245 >= len(data))) for at in starts)


def as_text(data: bytes) -> bytes:
    return telegram(f"0-0:96.13.0({data.hex()})")


CARRIED: dict[str, tuple[Callable[[bytes], bytes], range]] = {
    "hdlc": (lambda data: hdlc(LLC + data), range(2035)),
    "hdlc segments": (in_segments, range(2048)),
    "hdlc blocks": (in_hdlc_blocks, range(1, 2048)),
    "mbus": (mbus, range(506)),
    "mbus frames": (in_long_frames, range(2048)),
    "p1": (as_text, range(2048)),
    "p1 with parity": (lambda data: even_parity(as_text(data)), range(2048)),
}
"""How a frame carries octets, and how many: to 2,047, or as many as fit."""

CONTENT = b"\x0f" + bytes(octet * 31 & 0xFF for octet in range(2048))


@pytest.mark.parametrize("form", CARRIED)
def test_a_frame_of_any_size_with_nothing_changed_is_as_it_was(form: str) -> None:
    carry, sizes = CARRIED[form]
    for size in sizes:
        data = CONTENT[:size]
        (one,) = find([Chunk(carry(data), AT)])
        assert amend(one.frame, unchanged) == one.frame.data, size
        if not form.startswith("p1"):
            assert extract_content(one.frame) == data, size


@given(st.binary(max_size=300), st.sampled_from(["hdlc", "mbus"]))
def test_what_stands_in_a_good_frame_never_matters(information: bytes, framing: str) -> None:
    stream = hdlc(LLC + information) if framing == "hdlc" else mbus(information)
    for one in find([Chunk(stream, AT)]):
        assert amend(one.frame, lambda same: same) == one.frame.data
        turned = amend(one.frame, lambda before: bytes(octet ^ 1 for octet in before))
        assert len(turned) == len(one.frame.data)
        assert (turned == one.frame.data) is (extract_content(one.frame) == b"")
        assert x25(turned[1:-2]) == turned[-2:] if framing == "hdlc" else sum(turned[4:-2]) & 0xFF == turned[-2]
    assert octets_of(shift_clocks([Chunk(stream, AT)], AT, 1).chunks) == stream
    with contextlib.suppress(CaptureError):  # refused, never written half redacted
        assert len(octets_of(redact([Chunk(stream, AT)]))) == len(stream)


@pytest.mark.parametrize("size", [1, 244, 245, 246, 2030, 2031, 2032, 2040, 3920, 3921, 5000])
@pytest.mark.parametrize("framing", ["hdlc", "mbus"])
def test_what_was_deciphered_is_framed_whatever_its_length(size: int, framing: str) -> None:
    (around,) = find([Chunk(FRAMINGS[framing][0](3), AT)])
    plain = push(size)[:size]
    new = unwrap_cipher(around.frame, plain)
    (again,) = frames(found_in(new.data))
    assert link.extract_content(new) == extract_content(new) == plain
    assert new.data.startswith(again)


def octets_of(chunks: Iterable[Chunk]) -> bytes:
    return b"".join(chunk.data for chunk in chunks)


def test_an_enciphered_message_that_cannot_be_read_is_refused_in_one_line() -> None:
    cut = bytes.fromhex("db084b464d1020000012") + b"\x40\x21" + bytes(20)
    with pytest.raises(CaptureError, match="cannot be redacted"):
        redact([Chunk(hdlc(LLC + cut), AT)], [Key(bytes(16), None)])


def block(number: int, data: bytes, *, last: bool) -> bytes:
    return bytes((0xE0, 0x80 if last else 0x00)) + number.to_bytes(2, "big") + b"\0\0" + bytes((len(data),)) + data


def in_blocks(apdu: bytes, size: int = 20) -> Iterator[bytes]:
    pieces = [apdu[at : at + size] for at in range(0, len(apdu), size)]
    return (block(number, piece, last=number == len(pieces)) for number, piece in enumerate(pieces, 1))


def command(control: int) -> bytes:
    content = b"\xa0\x07\x03\x41" + bytes((control,))
    return b"\x7e" + content + x25(content) + b"\x7e"


NAMED = notification(
    structure(code("0-0:96.1.0"), octets(NUMBER), code("1-0:1.7.0"), u32(1234)),
    b"\x0c" + date_time(CLOCK),
)
DESCRIBED = notification(
    array(
        b"\x02\x02\0\1" + code("0-0:96.1.0")[2:] + b"\2" + octets(NUMBER),
        b"\x02\x02\0\3" + code("1-0:1.7.0")[2:] + b"\2" + u32(1234),
    )
)


@pytest.mark.parametrize(
    "stream",
    [
        b"".join(hdlc((LLC if at == 0 else b"") + one) for at, one in enumerate(in_blocks(NAMED))),
        b"".join(mbus(one) for one in in_blocks(NAMED)),
        hdlc(LLC + DESCRIBED),
        command(0x93) + hdlc(LLC + NAMED[:30], segmented=True) + command(0x31) + hdlc(NAMED[30:]) + command(0x93),
    ],
    ids=["blocks in HDLC", "blocks in M-Bus", "descriptors", "commands in between"],
)
def test_blocks_descriptors_and_commands_are_redacted_and_read_as_before(stream: bytes) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    redacted = octets_of(redact([Chunk(stream, now)]))
    assert len(redacted) == len(stream)
    readings = [decode(event) for event in found_in(redacted) if isinstance(event, Frame) and len(event.data) > 9]
    assert [[str(row.value) for row in reading.registers if row.unit == "W"] for reading in readings] == [["1234"]]
    assert not [event for event in found_in(redacted) if not isinstance(event, Frame)], "every checksum holds"
    rows = [row for reading in readings for row in reading.rows if row.unit != "W"]
    assert rows
    assert NUMBER.decode() not in [row.value for row in rows]


@pytest.mark.parametrize("form", ["%04X", "%04x", "%X", "%x"])
@pytest.mark.parametrize("after", [b"\r\n", b"\n", b" \r\n", b""])
def test_a_checksum_of_p1_is_stated_anew_in_the_form_of_the_meter(form: str, after: bytes) -> None:
    bodies = [b"/TST5\r\n\r\n1-0:1.8.0(%08d*Wh)\r\n!" % number for number in range(3000)]
    old = next(body for body in bodies if arc(body) < 0x1000 and b"A" in b"%X" % arc(body))
    for new in (next(body for body in bodies if arc(body) < 0x1000 and body != old), bodies[0]):
        frame = Frame("p1", old + (form % arc(old)).encode() + after, AT, verified=True)
        changed = amend(frame, lambda text, new=new: new + text[len(new) :])  # type: ignore[misc]
        assert changed == new + (form % arc(new)).encode() + after
