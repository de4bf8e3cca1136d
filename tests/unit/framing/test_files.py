"""Messages of files in pieces: the same as of the file whole, whatever its size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanlogger.framing import find_all, find_in
from hanlogger.framing.files import WHOLE
from hanlogger.model import BadFrame, Frame
from tests.support.octets import RECEIVED_AT, telegram

TELEGRAM = telegram("1-0:1.7.0(0001.234*kW)")


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def find(data: bytes, size: int) -> list[Frame | BadFrame]:
    return list(find_in(cut(data, size), RECEIVED_AT))


@pytest.mark.parametrize("data", [b"", b"noise", b"\xe6\xe7\x00\x0f\x00", TELEGRAM * 3, TELEGRAM.hex().encode()])
def test_a_small_file_in_pieces_is_as_it_is_whole(data: bytes) -> None:
    assert find(data, 7) == find_all(data, RECEIVED_AT)


@pytest.fixture(scope="module")
def large() -> bytes:
    return (TELEGRAM + bytes(5000)) * (WHOLE // (len(TELEGRAM) + 5000) + 3) + TELEGRAM[:20]


@pytest.fixture(scope="module")
def expected(large: bytes) -> list[Frame | BadFrame]:
    return find_all(large, RECEIVED_AT)


@given(st.sampled_from([64 * 1024, 4999, 65_537]), st.sampled_from([3, 16, 17]), st.booleans())
def test_a_large_one_too_in_octets_and_in_hex(
    large: bytes, expected: list[Frame | BadFrame], size: int, group: int, spelt: bool
) -> None:
    assert len(expected) > WHOLE // (len(TELEGRAM) + 5000)
    assert find(large.hex(" ", group).encode() + b"\n" if spelt else large, size) == expected


def test_hex_text_that_turns_into_octets_is_no_hex_from_there_on() -> None:
    spelt = TELEGRAM.hex().encode() * (WHOLE // len(TELEGRAM))
    events = find(spelt + TELEGRAM, 64 * 1024)
    (frame,) = find_all(TELEGRAM, RECEIVED_AT)
    assert events[-1] == frame
    assert events.count(frame) > WHOLE // len(TELEGRAM) // 2  # those before the piece in which it turns, and the last


def test_a_large_file_without_a_message_is_one_error() -> None:
    (event,) = find(bytes(WHOLE + 70_000), 64 * 1024)
    assert isinstance(event, BadFrame)
    assert (event.format, event.reason) == (None, "no message")
