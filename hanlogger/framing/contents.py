"""Find what a message of a broker contains: frames, damage, or something that is meant for others."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Literal, NamedTuple

from hanlogger.framing.files import find_all
from hanlogger.model import BadFrame, Frame

LONGEST = 64 * 1024  # octets of a message, in hex text twice as many: no meter sends a longer one
EXAMPLE = 4096  # octets that are kept of a longer one

Kind = Literal["empty", "status", "value", "json", "discovery"]
KINDS: tuple[Kind, ...] = ("empty", "status", "value", "json", "discovery")
"""What is no telegram and is meant for others: nothing; a word; a number; values as JSON; the same to announce them."""

_HEX = re.compile(rb"[\s0-9A-Fa-f]{16,}")
_NUMBER = re.compile(rb"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_WORD = re.compile(rb"[\w .:+-]{1,64}", re.ASCII)
_ANNOUNCING = frozenset({"state_topic", "stat_t", "unique_id", "uniq_id", "device", "dev", "~"})
"""Keys of which an announcement for Home Assistant has one or more, by its documentation of MQTT discovery."""


class Contents(NamedTuple):
    """The frames and the damage in a message, or (without either) the kind of what it contains."""

    events: list[Frame | BadFrame]
    kind: Kind | None = None


def read_contents(data: bytes, received_at: datetime) -> Contents:
    """Tell what a message contains; `received_at`: its arrival time, UTC.

    Telegrams and frames are found in raw octets or hex text, which is read as octets once. An APDU may stand alone.
    """
    kind = _find_kind(data.strip())
    if kind is not None:
        return Contents([], kind)
    if len(data) > (2 * LONGEST if _HEX.fullmatch(data) else LONGEST):
        return Contents([BadFrame(None, data[:EXAMPLE], received_at, "length")])
    return Contents(find_all(data, received_at))


def _find_kind(data: bytes) -> Kind | None:
    if not data:
        return "empty"
    if data[:1] in b"{[":
        return _find_json_kind(data)
    if _HEX.fullmatch(data):
        return None
    if _NUMBER.fullmatch(data):
        return "value"
    return "status" if _WORD.fullmatch(data) else None


def _find_json_kind(data: bytes) -> Kind | None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):  # octets of another kind that begin alike, or a hostile depth
        return None
    return "discovery" if isinstance(found, dict) and _ANNOUNCING & found.keys() else "json"
