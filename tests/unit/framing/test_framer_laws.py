"""Laws of the framer, over any octets and any cutting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanlogger.framing import Framer, find_all, framer, p1
from hanlogger.framing.formats import REASONS, Extent, Format, Verdict
from hanlogger.model import BadFrame, Chunk, Frame
from tests.support.octets import RECEIVED_AT, even_parity, feed, find
from tests.support.octets import hdlc as hdlc_frame
from tests.support.octets import mbus as mbus_frame
from tests.support.vectors import FRAMED

VECTORS = [vector.octets for vector in FRAMED]
WORDS = [b"/", b"/ABC5\r\n", b"!", b"\r\n", b"\r\n!", b"(1*kW)", b"\x7e", b"\x7e\xa0\x2a", b"\x68\x68\x68\x68\x53"]
WORDS += [
    b"\xdb\x08TST",
    b"\x021.8.0(",
    b"\x03",
    b"\xaf",
    b"\xe6\xe7\x00\x0f",
    b"\x00" * 5,
    b"\x7e\xa7\xff\x03\x03\x13",
]

pieces = st.one_of(
    st.sampled_from(VECTORS),
    st.sampled_from(WORDS),
    st.sampled_from(VECTORS).flatmap(lambda v: st.integers(0, len(v)).map(lambda n: v[:n])),
    st.sampled_from(VECTORS).flatmap(lambda v: st.integers(0, len(v)).map(lambda n: v[n:])),
    st.sampled_from(VECTORS).map(even_parity),
    st.binary(max_size=40),
)
streams = st.lists(pieces, max_size=6).map(b"".join)


@settings(max_examples=300, deadline=None)
@given(streams, st.lists(st.integers(0, 3000), max_size=12))
def test_every_cutting_gives_the_same_frames(stream: bytes, cuts: list[int]) -> None:
    edges = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    one = Framer()
    events = [event for start, end in pairwise(edges) for event in one.feed(Chunk(stream[start:end], RECEIVED_AT))]
    assert events + feed(one, b"") == find(stream)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([*VECTORS, *map(even_parity, VECTORS[:2]), b"", b"\0noise\r\n"]), min_size=1, max_size=4),
    st.lists(st.integers(0, 3000), max_size=12),
)
def test_a_frame_is_received_when_the_read_came_that_has_its_first_octet(
    messages: list[bytes], cuts: list[int]
) -> None:
    stream = b"".join(messages)
    edges = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    one, events = Framer(), []
    for second, (start, end) in enumerate(pairwise(edges)):
        events += one.feed(Chunk(stream[start:end], RECEIVED_AT + timedelta(seconds=second)))
    at = 0
    for frame in (event for event in events if isinstance(event, Frame)):
        at = stream.index(frame.data, at)
        first = at + (frame.format == "hdlc")  # its flag may be the end of the frame before, long ago
        read = next(second for second, end in enumerate(edges[1:]) if end > first)
        assert frame.received_at == RECEIVED_AT + timedelta(seconds=read)
        at += len(frame.data) - 1  # a flag may be shared


@settings(max_examples=150, deadline=None)
@given(streams)
def test_octet_by_octet_gives_the_same_frames(stream: bytes) -> None:
    assert find(stream, pieces=1) == find(stream)


@settings(max_examples=300, deadline=None)
@given(streams)
def test_nothing_vanishes(stream: bytes) -> None:
    one = Framer()
    events = feed(one, stream)
    assert sum(len(event.data) for event in events) + one.noise + one.closing + one.waiting == len(stream)
    assert one.waiting <= 1, "after silence no more than a flag"
    assert all(event.reason in REASONS for event in events if isinstance(event, BadFrame))


@settings(max_examples=200, deadline=None)
@given(streams, st.sampled_from([v for v in FRAMED if v.verified]))
def test_what_came_before_a_silence_costs_no_frame_behind_it(stream: bytes, vector: object) -> None:
    one = Framer()
    feed(one, stream)
    good = vector.octets  # type: ignore[attr-defined]
    one.checksummed = False
    assert [event for event in feed(one, good) if isinstance(event, Frame)] == find(good)


@settings(max_examples=300, deadline=None)
@given(st.one_of(streams, st.binary(max_size=300)))
def test_a_file_of_any_octets_gives_at_least_one_event(data: bytes) -> None:
    assert find_all(data, RECEIVED_AT)


# --- bounded work: counted, not timed


@contextmanager
def counted_work(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    """Octets that checks have gone over and those in which a telegram's end was sought; a look counts as one too."""
    work = 0

    def counting(row: Format) -> Format:
        def measure(buffer: bytearray, searched: int, quiet: bool) -> Extent | None:
            nonlocal work
            extent = row.measure(buffer, searched, quiet)
            reached = min(extent.length if extent else len(buffer), p1.LONGEST)
            work += 1 + (max(reached - searched, 0) if row in p1.FORMATS else 0)
            return extent

        def check(frame: bytes, checksummed: bool) -> Verdict:
            nonlocal work
            work += len(frame)
            return row.check(frame, checksummed)

        return row._replace(measure=measure, check=check)

    with monkeypatch.context() as patch:
        patch.setattr(framer, "FORMATS", {start: counting(row) for start, row in framer.FORMATS.items()})
        yield lambda: work


def _good_header(length: int) -> bytes:
    """Flag to HCS of a frame that is never finished."""
    frame = hdlc_frame(bytes(length))
    return frame[:9]


HOSTILE = {
    "identifications": b"/ABC\r\n",
    "identifications in mid-line": b"/ABC\r\nx",
    "one long line": b"/ABC",
    "identifications and ends": b"/ABC\r\n!0000\r\n",
    "identifications with parity": even_parity(b"/ABC\r\n"),
    "one long line with parity": even_parity(b"/ABC"),
    "flags": b"\x7e",
    "the longest frames": b"\x7e\xa7\xff",
    "headers that are good": _good_header(1900),
    "M-Bus starts": b"\x68",
    "M-Bus starts of the longest": b"\x68\x03\x03\x68\x53",
    "titles": b"\xdb\x08TST00000\x82\x0f\xff\x30",
    "block starts": b"\x021.8.0(",
    "ends": b"\r\n!",
    "rows": b"1-0:1.7.0(0001.234*kW)\r\n",
}
MOST = 250
"""Octets gone over for each octet fed: the longest HDLC frame for each of its shortest headers comes to 210."""


@pytest.mark.parametrize("name", HOSTILE)
def test_the_work_on_hostile_octets_grows_with_their_number_and_no_faster(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = {}
    for size in (30_000, 60_000):
        data = HOSTILE[name] * (size // len(HOSTILE[name]))
        with counted_work(monkeypatch) as work:
            find(data, pieces=1000)
            done[size] = work()
        assert work() < MOST * size
    assert done[60_000] < 2.3 * done[30_000] + 10_000


def test_what_waits_is_never_more_than_the_longest_message() -> None:
    one = Framer()
    for name, hostile in HOSTILE.items():
        feed(one, hostile * (100_000 // len(hostile)), pieces=5000, quiet=False)
        assert one.waiting < 90_000, name


def test_segments_without_end_are_given_up() -> None:
    one = Framer()
    first = hdlc_frame(b"\xe6\xe7\x00\x0f" + bytes(1500), segmented=True)
    more = hdlc_frame(bytes(1500), segmented=True)
    events = feed(one, first + more * 100, quiet=False)
    assert max(len(event.data) for event in events) < 70_000
    assert one.waiting < 70_000


def test_long_frames_without_end_are_given_up() -> None:
    one = Framer()
    feed(one, b"".join(mbus_frame(bytes(240), number & 0x0F) for number in range(1000)), quiet=False)
    assert one.waiting < 70_000
