"""The memory of plans is shared by the threads of all ports and databases."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from hanlogger.decoding import decode
from hanlogger.model import Reading
from tests.support.axdr import array, code, notification, octets, scaler_unit, structure, u32
from tests.support.readings import bare

_THREADS, _SHAPES = 4, 400


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hasty_threads")
def test_plans_are_learnt_by_several_threads_at_once() -> None:
    with ThreadPoolExecutor(_THREADS) as threads:
        readings = list(threads.map(_decode, [at % _SHAPES for at in range(_THREADS * _SHAPES)]))
    for at, reading in enumerate(readings):
        assert [str(row.value) for row in reading.registers] == [str(at % _SHAPES), "x" * (at % _SHAPES % 120)]


def _decode(watts: int) -> Reading:
    power = structure(code("1-0:1.7.0"), u32(watts), scaler_unit(0, 27))
    name = structure(code("0-0:96.1.0"), octets(b"x" * (watts % 120)))
    return decode(bare(notification(array(power, name))))
