# ruff: noqa: S101 a law is an assertion: what breaks it is to be seen as that
"""What must hold for any octets whatever. An assertion, or any error that is not a DecodeError, is a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from hanlogger import decoding as decoder
from hanlogger.decoding import decode
from hanlogger.errors import DecodeError
from hanlogger.framing import REASONS, Framer, find_all
from hanlogger.model import BadFrame, Chunk, FormatName, Frame, Key, Meter, Reading
from hanlogger.points.encoder import encode
from hanlogger.points.lineprotocol import encode_points
from hanlogger.points.points import make_points
from hanlogger.points.timestamp import resolve_timestamp

RECEIVED_AT = datetime(2025, 1, 14, 14, 4, 11, tzinfo=UTC)
FORMATS: tuple[FormatName, ...] = ("p1", "hdlc", "mbus", "dlms")
KEY = Key(bytes(range(16)), bytes(range(0xD0, 0xE0)))
METERS = (Meter(), Meter(clock="local"), Meter(clock="flag", clock_limit=None), Meter(clock="receive"))

Law = Callable[[bytes], None]


def framing(data: bytes) -> None:
    """Frame octets: nothing vanishes, and no cutting makes a difference. The first octet says how the rest is cut."""
    size, stream = data[0] + 1 if data else 1, data[1:]
    whole, parts = Framer(), Framer()
    events = _fed(whole, [stream])
    assert _fed(parts, [stream[at : at + size] for at in range(0, len(stream), size)]) == events
    octets = sum(len(event.data) for event in events)
    assert octets + whole.noise + whole.closing + whole.waiting == len(stream)
    assert whole.waiting <= 1
    assert all(event.reason in REASONS for event in events if isinstance(event, BadFrame))
    assert find_all(stream, RECEIVED_AT)
    for event in events:
        if isinstance(event, Frame):
            _read(event)


def _fed(framer: Framer, pieces: list[bytes]) -> list[Frame | BadFrame]:
    events = [event for piece in pieces if piece for event in framer.feed(Chunk(piece, RECEIVED_AT))]
    return events + framer.feed(Chunk(b"", RECEIVED_AT))


def decoding(data: bytes) -> None:
    """Decode to a reading or a DecodeError, and a reading to lines; what was decoded before makes no difference.

    The first octet says of which format the rest is, under which settings, and whether there is a key.
    """
    choice = data[0] if data else 0
    frame = Frame(FORMATS[choice & 3], data[1:], RECEIVED_AT)
    _read(frame, METERS[choice >> 2 & 3], keys=(KEY,) if choice & 0x10 else ())


def _read(frame: Frame, meter: Meter = METERS[0], keys: tuple[Key, ...] = ()) -> None:
    with suppress(DecodeError):
        reading = decode(frame, meter, keys)
        assert decode(frame, meter, keys) == reading
        for learnt in (decoder._telegrams, decoder._apdus):  # noqa: SLF001
            learnt.plans.clear()  # what makes it quick must not make it different
        assert decode(frame, meter, keys) == reading
        _to_lines(reading, meter)


def _to_lines(reading: Reading, meter: Meter) -> None:
    timestamp = resolve_timestamp(reading, meter, RECEIVED_AT)
    assert timestamp.time
    points, untimed = make_points(reading, meter, timestamp)
    lines = encode_points(points)
    assert b"".join(lines).count(b"\n") == len(points)
    quick = encode(reading, meter, timestamp)
    assert (quick.lines, list(quick.untimed)) == (lines, list(untimed))


LAWS: Mapping[str, Law] = {"framing": framing, "decoding": decoding}


def seeds(law: str, messages: Iterable[bytes]) -> Iterator[bytes]:
    """Make inputs of a law of messages."""
    for message in messages:
        if law == "framing":
            yield bytes([len(message) % 256]) + message
        else:
            frames = (event for event in find_all(message, RECEIVED_AT) if isinstance(event, Frame))
            yield from (bytes([FORMATS.index(frame.format) | 0x10]) + frame.data for frame in frames)
