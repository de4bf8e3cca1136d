"""What is learnt of messages is shared by the threads of all ports and databases."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from hanlogger.decoding import decode, link
from hanlogger.decoding.plans.memory import Memory
from hanlogger.framing import find_all
from hanlogger.model import Frame, Meter
from hanlogger.points.encoder import encode
from hanlogger.points.timestamp import resolve_timestamp
from tests.support.axdr import array, code, notification, octets, scaler_unit, structure, u32
from tests.support.octets import RECEIVED_AT, telegram
from tests.support.plans import by_plan, forget
from tests.support.readings import bare, said

_THREADS, _MESSAGES = 4, 1600


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hasty_threads")
def test_messages_of_many_shapes_are_decoded_and_encoded_by_several_threads_at_once() -> None:
    with ThreadPoolExecutor(_THREADS) as threads:
        lines = list(threads.map(_lines, range(_MESSAGES)))
    for at, encoded in enumerate(lines):
        assert encoded.count(f" value={at} ") == at % 25 + 1


def _lines(at: int) -> str:
    """Decode and encode a message of up to 25 powers and a name; there are 3,000 shapes."""
    powers = [structure(code(f"1-0:{21 + c}.7.0"), u32(at), scaler_unit(0, 255)) for c in range(at % 25 + 1)]
    name = structure(code("0-0:96.1.0"), octets(b"x" * (at % 120)))
    reading = decode(bare(notification(array(*powers, name))))
    meter = Meter(name=f"meter{at % 7}")
    return b"".join(encode(reading, meter, resolve_timestamp(reading, meter, RECEIVED_AT)).lines).decode()


# --- the example in the docstring of decoding/plans

FIRST = telegram("0-0:1.0.0(250114150410W)", "1-0:1.7.0(0001.234*kW)", "1-0:32.7.0(230.1*V)")
SAME_SHAPE = telegram("0-0:1.0.0(250114150420W)", "1-0:1.7.0(0002.345*kW)", "1-0:32.7.0(229.8*V)")
OTHER_SHAPE = telegram("0-0:1.0.0(250114150420W)", "1-0:1.7.0(-001.234*kW)", "1-0:32.7.0(229.8*V)")


def found(message: bytes) -> list[Frame]:
    return [event for event in find_all(message, RECEIVED_AT) if isinstance(event, Frame)]


def test_the_rows_of_the_example_are_decoded_by_their_plan() -> None:
    frames = [frame for message in (FIRST, SAME_SHAPE, OTHER_SHAPE) for frame in found(message)]
    forget()
    assert said(decode(frames[0])) == {"1-0:1.7.0": "1234 W", "1-0:32.7.0": "230.1 V"}
    same, other = (by_plan(link.extract_content(frame)) for frame in frames[1:])
    assert same is not None
    assert said(same) == {"1-0:1.7.0": "2345 W", "1-0:32.7.0": "229.8 V"}
    assert other is None


def test_the_list_of_the_example_is_decoded_by_its_plan() -> None:
    def power(watts: int) -> bytes:
        return notification(array(structure(code("1-0:1.7.0"), u32(watts), scaler_unit(0, 27))))

    assert bytes.fromhex("02 03 09 06 0100010700FF 06 000004D2 02 02 0F 00 16 1B") in power(1234)
    forget()
    assert by_plan(power(1234)) is None
    decode(bare(power(1234)))
    same = by_plan(power(2345))
    assert same is not None
    assert said(same) == {"1-0:1.7.0": "2345 W"}


# --- what forgets


def test_the_last_eight_under_a_key_are_kept() -> None:
    memory = Memory[str, int](size=len, room=1000)
    for number in range(10):
        memory.keep("key", number)
    assert memory.get("key") == (9, 8, 7, 6, 5, 4, 3, 2)
    assert memory.get("other") == ()
    memory.clear()
    assert len(memory) == 0


def test_a_memory_that_would_grow_too_large_forgets_everything() -> None:
    memory = Memory[str, int](size=len, room=10)
    for number, key in enumerate(("abc", "abc", "defg")):
        memory.keep(key, number)
    assert len(memory) == 3
    memory.keep("h", 3)
    assert (memory.get("h"), len(memory)) == ((3,), 1)


def test_there_are_at_most_64_keys() -> None:
    memory = Memory[int, int](size=lambda _: 1, room=100_000)
    for key in range(200):
        memory.keep(key, key)
        assert 1 <= len(memory) <= 64
        assert memory.get(key) == (key,)
