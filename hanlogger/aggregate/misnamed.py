"""Whether telegrams under a name are of its meter, by the number that many meters say of themselves.

A broker's topic names the meter, and nobody holds a device to its topic: two may share one, or a device may move.
"""

from __future__ import annotations

SHORTEST = 8  # digits of a name that is taken for a meter's own number
SHOWN = 4  # characters of a number in a log, which others may read


class OwnNumbers:
    """The numbers that meters said of themselves, since the start."""

    def __init__(self) -> None:
        self._by_name: dict[str, str] = {}
        self._names: dict[str, str] = {}  # by number; the first name that had it

    def note(self, name: str, number: str) -> str:
        """Note the own number in a telegram of a name; return what contradicts the name, in words, else "".

        It is told of the first number under a name, and of each that differs from the one before.
        """
        before = self._by_name.get(name)
        if not number or number == before:
            return ""
        self._by_name[name] = number
        if before is not None:
            return f"telegrams of another meter come: {_mask(number)}, and {_mask(before)} before"
        if (first := self._names.setdefault(number, name)) != name:
            return f"its meter {_mask(number)} sends as {first} too"
        return f"its meter says that it is {_mask(number)}" if _contradicts(name, number) else ""


def _contradicts(name: str, number: str) -> bool:
    """Return whether a name is a meter's number, and another one: either may be a part of the other."""
    if not name.isdecimal() or len(name) < SHORTEST:
        return False
    return not any(name in form or form in name for form in (number, _read_hex(number)) if form)


def _read_hex(text: str) -> str:
    """Return the text that hex digits stand for, as DSMR telegrams give it; "" where they stand for none."""
    try:
        return bytes.fromhex(text).decode("ascii")
    except ValueError:
        return ""


def _mask(number: str) -> str:
    return f"…{number[-SHOWN:]}"
