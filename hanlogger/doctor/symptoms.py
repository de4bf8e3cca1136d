"""The symptom that octets without a message show: what happens to them on the way from the meter.

Damage that can be undone is proof: if the octets hold a message after one kind of damage is undone, that kind is the
answer. Everything else is judged by the shape of the octets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from hanlogger.doctor import octet_damage, octet_shapes

Symptom = Literal[
    "another service",
    "hex text",
    "line ends",
    "inverted",
    "seven bits",
    "eighth bit cut",
    "identification only",
    "octets lost",
    "floating",
    "port too fast",
    "wrong speed",
]
"""Keys of the texts. The last one is what remains: wrong speed, wrong parity, or noise."""


class Row(NamedTuple):
    """One symptom and the test that recognises it in octets."""

    symptom: Symptom
    fits: Callable[[bytes], bool]


ROWS = (
    Row("another service", octet_shapes.is_another_service),
    Row("hex text", octet_damage.is_hex_text),
    Row("line ends", octet_damage.has_changed_line_ends),
    Row("octets lost", octet_shapes.reads_as_telegram),
    Row("identification only", octet_shapes.is_identification_only),
    Row("floating", octet_shapes.is_floating),
    Row("port too fast", octet_shapes.is_port_too_fast),
    Row("inverted", octet_damage.is_inverted),
    Row("seven bits", octet_damage.has_spoilt_eighth_bit),
    Row("eighth bit cut", octet_damage.has_cut_eighth_bit),
)
"""The tests in the order in which they are tried: what is proved or obvious comes before what is likely."""


def find_symptom(octets: bytes) -> Symptom:
    """Return the symptom of the first row that fits, else "wrong speed".

    octets: what a port gave in some seconds; no message has been found in them.
    """
    return next((row.symptom for row in ROWS if row.fits(octets)), "wrong speed")
