"""The running sum of SQLite's write-ahead log, and which bit a wrong one says is turned.

The sum has two words of 32 bits. It goes on over pairs of words, each of which is added with the other half
(https://www.sqlite.org/fileformat.html, section 4.2).
"""

from __future__ import annotations

import struct

MODULUS = 2**32

Sum = tuple[int, int]


def replace_octet(content: bytes, place: int, octet: bytes) -> bytes:
    """Return the content with another octet at a place."""
    return content[:place] + octet + content[place + 1 :]


def find_turned_bits(order: str, difference: Sum, content: bytes) -> list[tuple[int, bytes]]:
    """Return the places of octets, and the octets with that bit turned that makes the sum differ so.

    A word that is higher by one makes the halves of the sum higher by Fibonacci numbers, of which one at least is odd.
    They recur, so that several of the high bits of words may make the same difference.
    """
    found = []
    first, second = (1, 1), (0, 1)  # of the words of the last pair
    for place in range(len(content) - 8, -1, -8):
        for effect, at in ((first, place), (second, place + 4)):
            turned = _turn_bit(order, _divide(difference, effect), content[at : at + 4])
            if turned is not None:
                found.append((at + turned[0], turned[1]))
        first, second = _pass_on(first), _pass_on(second)
    return found


def _pass_on(effect: Sum) -> Sum:
    """Return what a difference before a pair of words is behind it."""
    first, second = effect
    return (first + second) % MODULUS, (first + 2 * second) % MODULUS


def _divide(difference: Sum, effect: Sum) -> int:
    """Return by how much a word of that effect must be higher; 0: no number makes the difference."""
    half = 0 if effect[0] % 2 else 1
    by = difference[half] * pow(effect[half], -1, MODULUS) % MODULUS
    return by if by * effect[1 - half] % MODULUS == difference[1 - half] else 0


def _turn_bit(order: str, by: int, word: bytes) -> tuple[int, bytes] | None:
    """Return the place of an octet in a word, and the octet with one bit turned that makes the word so much higher."""
    if by.bit_count() != 1 and (MODULUS - by).bit_count() != 1:
        return None
    (value,) = struct.unpack(f"{order}I", word)
    right = value + by & MODULUS - 1
    if (right ^ value).bit_count() != 1:
        return None
    octets = struct.pack(f"{order}I", right)
    return next((place, octets[place : place + 1]) for place in range(4) if octets[place] != word[place])


def add(order: str, running: Sum, content: bytes) -> Sum:
    """Return the sum when it has gone on over some octets."""
    first, second = running
    for one, other in struct.iter_unpack(f"{order}II", content):
        first = first + one + second & 0xFFFFFFFF
        second = second + other + first & 0xFFFFFFFF
    return first, second


def subtract(one: Sum, other: Sum) -> Sum:
    """Return by how much one sum is higher than the other, half by half."""
    return (one[0] - other[0]) % MODULUS, (one[1] - other[1]) % MODULUS


def unpack(octets: bytes) -> Sum:
    """Return the sum that stands in eight octets, whose words are big-endian in any log."""
    first, second = struct.unpack(">II", octets)
    return first, second
