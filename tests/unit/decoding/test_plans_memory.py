"""What is learnt of messages is shared by the threads of all ports and databases."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from hanlogger.decoding import decode
from hanlogger.model import Meter
from hanlogger.points.encoder import encode
from hanlogger.points.timestamp import resolve_timestamp
from tests.support.axdr import array, code, notification, octets, scaler_unit, structure, u32
from tests.support.octets import RECEIVED_AT
from tests.support.readings import bare

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
