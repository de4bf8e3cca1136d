"""Families of meters: what their messages do not state. A new family is a file here and a row in `FAMILIES`."""

from hanlogger.decoding.meters import aidon, egd, embriq, iskra, kaifa, kamstrup, vse
from hanlogger.decoding.meters.family import GENERIC, Family

FAMILIES: tuple[Family, ...] = (
    aidon.FAMILY,
    embriq.FAMILY,
    kamstrup.FAMILY,
    kaifa.POSITIONAL,
    kaifa.WITH_CODES,
    iskra.FAMILY,
    iskra.AUSTRIAN,
    vse.FAMILY,
    egd.FAMILY,
)
"""The first family that recognises a message decodes it."""

__all__ = ["FAMILIES", "GENERIC", "Family"]
