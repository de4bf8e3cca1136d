"""What a UART makes of a line: its bits as sent by one setting, taken by another, straight or inverted."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.sources import LineSettings


def through(octets: bytes, sent: LineSettings, taken: LineSettings, *, inverted: bool = False) -> bytes:
    """What a port set to `taken` gives when a meter sends `octets` as `sent`, the line idle before and after.

    As Linux does without input checks: an octet with a wrong stop bit is given as it is, a break as one 00h.
    """
    idle = [1] * 30
    wave = [*idle, *(bit for octet in octets for bit in _bits(octet, sent)), *idle]
    return bytes(_receive([1 - bit for bit in wave] if inverted else wave, sent.baud, taken))


def _bits(octet: int, line: LineSettings) -> list[int]:
    """start 0 | data, least significant bit first | parity | stop 1"""
    data = [octet >> place & 1 for place in range(line.bits)]
    parity = [sum(data) & 1] if line.parity == "E" else []
    return [0, *data, *parity, 1]


def _receive(wave: list[int], baud: int, taken: LineSettings) -> Iterator[int]:
    """Each bit is sampled in its middle; `at` counts bits of the sender."""
    step, at = baud / taken.baud, 0.0
    checked = taken.bits + (taken.parity == "E")
    while (start := _next(wave, 0, at)) is not None:
        middles = [int(start + (place + 1.5) * step) for place in range(checked + 1)]
        if middles[-1] >= len(wave):
            return
        yield sum(wave[middle] << place for place, middle in enumerate(middles[: taken.bits]))
        stop = start + (checked + 1.5) * step
        after = _next(wave, 1, stop)  # a wrong stop bit: the receiver waits until the line is idle
        if after is None:
            return
        at = after


def _next(wave: list[int], level: int, at: float) -> float | None:
    """Where the line next has this level."""
    if int(at) < len(wave) and wave[int(at)] == level:
        return at
    return next((float(place) for place in range(int(at) + 1, len(wave)) if wave[place] == level), None)
