"""The laws of framing and decoding over what fuzzing has found, and over a short run of broken messages.

The long runs, led by coverage, are `make fuzz`.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzz.laws import LAWS, Law, seeds
from fuzz.messages import messages
from hanlogger.decoding import decode
from hanlogger.model import Frame
from hanlogger.running.health import measure_memory
from tests.support.vectors import RECEIVED_AT, octets

FINDINGS = Path(__file__).parents[2] / "fixtures" / "fuzz"
ROUNDS = int(os.environ.get("HANLOGGER_SOAK", "0")) or 1
INPUTS = 2500  # a law and round
LONGEST = 20_000  # octets
SLOWEST = 2.0  # seconds of processor time for an input of any length
GROWTH = 50_000_000  # octets of memory

EDGES = (0x00, 0x01, 0x7E, 0x7F, 0x80, 0x81, 0x82, 0xFF)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("finding", sorted(FINDINGS.iterdir()), ids=lambda path: path.stem)
def test_what_fuzzing_has_found_is_mended(law: str, finding: Path) -> None:
    LAWS[law](finding.read_bytes())


def test_a_clock_that_was_never_set_does_not_decide_how_later_ones_are_read() -> None:
    data = (FINDINGS / "clock-set-after-unset.bin").read_bytes()[1:]
    at = data.index(bytes.fromhex("07e90101"))
    unset = data[:at] + b"\x00" * 9 + data[at + 9 :]
    alone = decode(Frame("hdlc", data, RECEIVED_AT))
    decode(Frame("hdlc", unset, RECEIVED_AT))
    assert decode(Frame("hdlc", data, RECEIVED_AT)) == alone


def test_a_telegram_whose_end_stands_elsewhere_is_of_another_shape() -> None:
    data = (FINDINGS / "end-mark-in-the-checksum.bin").read_bytes()[1:]
    alike = data.replace(b"\nD!0A2", b"\n!D0A2")
    alone = decode(Frame("p1", data, RECEIVED_AT))
    decode(Frame("p1", alike, RECEIVED_AT))
    assert decode(Frame("p1", data, RECEIVED_AT)) == alone


def test_an_identification_of_two_lines_is_of_another_shape() -> None:
    data = (FINDINGS / "line-end-in-the-identification.bin").read_bytes()[1:]
    alone = decode(Frame("p1", data, RECEIVED_AT))
    decode(Frame("p1", data.replace(b"\r", b"-", 1), RECEIVED_AT))
    assert decode(Frame("p1", data, RECEIVED_AT)) == alone


@pytest.mark.parametrize("law", LAWS)
def test_no_broken_message_hangs_fills_memory_or_raises_anything_but_the_named_errors(law: str) -> None:
    corpus = [seed for seed in seeds(law, messages()) if len(seed) < LONGEST]
    for broken in corpus:
        LAWS[law](broken)
    before = measure_memory()
    for seed in range(ROUNDS):
        _round(LAWS[law], corpus, random.Random(seed), f"law {law}, seed {seed}")
    assert measure_memory() - before < GROWTH


def _round(law: Law, corpus: list[bytes], chance: random.Random, what: str) -> None:
    for number in range(INPUTS):
        broken = _broken(chance, corpus)
        started = time.process_time()
        try:
            law(broken)
        except BaseException:
            print(f"{what}, input {number}: {broken.hex()}")
            raise
        assert time.process_time() - started < SLOWEST, f"{what}, input {number}: {broken.hex()}"


def _broken(chance: random.Random, corpus: list[bytes]) -> bytes:
    data = bytearray(chance.choice(corpus))
    for _ in range(chance.randint(1, 4)):
        chance.choice(BREAKS)(chance, data, corpus)
    return bytes(data[:LONGEST])


def _turn(chance: random.Random, data: bytearray, _: list[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _put(chance: random.Random, data: bytearray, _: list[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.choice(EDGES)


def _cut(chance: random.Random, data: bytearray, _: list[bytes]) -> None:
    start = chance.randint(0, len(data))
    del data[start : start + chance.randint(1, 40)]


def _repeat(chance: random.Random, data: bytearray, _: list[bytes]) -> None:
    start = chance.randint(0, len(data))
    data[start:start] = data[start : start + chance.randint(1, 60)] * chance.randint(1, 20)


def _splice(chance: random.Random, data: bytearray, corpus: list[bytes]) -> None:
    other = chance.choice(corpus)
    start = chance.randint(0, len(other))
    at = chance.randint(0, len(data))
    data[at:at] = other[start : start + chance.randint(1, 400)]


BREAKS: tuple[Callable[[random.Random, bytearray, list[bytes]], None], ...] = (_turn, _put, _cut, _repeat, _splice)


def test_the_laws_are_not_empty() -> None:
    """A framer that loses an octet, or a reading that hangs on what came before, is found."""
    whole = octets("v2")
    with pytest.raises(AssertionError):
        _law_with_a_framer_that_forgets(whole)


def _law_with_a_framer_that_forgets(message: bytes) -> None:
    from fuzz import laws
    from hanlogger.framing import Framer

    class Forgetful(Framer):
        def _skip(self, count: int) -> None:
            self._take(count)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(laws, "Framer", Forgetful)
        laws.framing(b"\x10noise" + message)
